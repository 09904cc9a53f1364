"""What every room uses: errors, identifiers, moments, rows, JSON from outside.

It knows nothing of what happens to calls.
"""
