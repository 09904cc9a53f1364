"""Errors that a person can correct: they are shown by their message, without a traceback."""


class StackError(Exception):
    """The stack, or a part of it, cannot do what was requested."""
