"""The host process of Azure Functions, on one machine: triggers before Microsoft's own runtime.

The app is indexed and called by `azure_functions_runtime`, the library that does so in Azure.
Everything here is what the host process does before it: routes, webhooks, queues and timers.
"""
