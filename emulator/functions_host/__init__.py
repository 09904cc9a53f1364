"""The host of Azure Functions on one machine: triggers in front of Microsoft's own runtime.

The app is indexed and called by `azure_functions_runtime`, the library that does so in Azure. This
package does what the host process does in front of it: routes, webhooks, queues and timers.
"""
