"""What ACS sends: frames, clock, segments, speakers.

Each frame gives a pure step, which a shell performs.
"""
