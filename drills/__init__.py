"""Drills: real outages of each part of the local stack while people talk, and what they cost."""
