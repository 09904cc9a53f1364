"""The project's tests.

A package, because pycaption installs one of that name, which would hide a folder that is none.
"""
