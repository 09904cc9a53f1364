"""Stand-ins for our own ports, held to the same contract as the adapters (`tests/contract`)."""
