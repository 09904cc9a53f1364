"""A whole Azure on one machine: the services that callscribe talks to, as local processes.

Never deployed, and it imports nothing from the app: each part knows only the service's protocol.
"""
