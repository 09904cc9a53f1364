"""One file per entry point: verify, parse, hand over, respond. Nothing is decided here."""
