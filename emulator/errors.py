"""What a person can put right; the message says how, and a traceback would only hide it."""


class StackError(Exception):
    """The stack, or a part of it, cannot do what was asked."""
