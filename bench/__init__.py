"""Measurements: what the app costs beside the bare work that nothing can do without."""
