"""What ACS sends: frames, clock, segments, speakers.

Each event gives a pure step, which a shell performs.
"""
