"""Pure rules: no I/O, no clock, no randomness. What is decided is returned as a value."""
