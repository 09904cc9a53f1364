"""Emulators of the Azure services that Callscribe uses, as processes on one machine.

They are never deployed and import nothing from the app: each part implements a service's protocol.
"""
