"""Prove a deployed app by use: a made-up call takes every path of a real one but ACS's.

docs/deploying.md says how to run it. Nothing is left behind.
"""
