"""The life of a call: its record and states, what an event makes of it, and who acts on it."""
