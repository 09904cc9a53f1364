"""Prove a deployed app by use: a made-up call goes all the way that a real one goes, but ACS's.

docs/deploying.md says how to run it. Nothing of it is left behind.
"""
