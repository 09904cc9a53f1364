"""What ACS says: frames, clock, segments, speakers.

What an event means is a pure step; a shell performs it.
"""
