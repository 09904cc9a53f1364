"""What can go wrong before or inside a function, in the host's words."""

from emulator.errors import StackError


class AppError(StackError):
    """The app cannot be served as it is; the message is for the person who starts it."""


class FunctionFailedError(Exception):
    """A function raised, or ran out of time; the stack trace is the app's own."""

    def __init__(self, message: str, stack_trace: str = "") -> None:
        super().__init__(message)
        self.stack_trace = stack_trace
