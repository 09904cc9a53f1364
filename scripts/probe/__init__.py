"""Ask Web PubSub which door it opens for a client that brings an Authorization header, as ACS does.

docs/door.md says how to run it. It needs no call, no phone number and no app.
"""
