"""Benchmarks: what the app costs, in relation to a baseline without the app."""
