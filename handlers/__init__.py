"""One file per way in: verify, parse, hand over, respond. Nothing here decides about a call."""
