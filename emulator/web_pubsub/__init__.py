"""Azure Web PubSub on one machine: client sockets, upstream events, the REST data plane.

Port, access key, health probe and hub configuration are those of Microsoft's own emulator, so that
one can take the other's place. What the real service does more is answered with 501.
"""
