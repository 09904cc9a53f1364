"""Failures before or inside a function."""

from emulator.errors import StackError


class AppError(StackError):
    """The app cannot be served; the message is for the person who starts the host."""


class LoadError(Exception):
    """The app has raised while it was loaded, or has no functions; the message says what."""


class HostEndedError(StackError):
    """The host has ended by itself, as the real one does; the message says why."""


class FunctionFailedError(Exception):
    """A function raised an exception or exceeded its time; the stack trace is that of the app."""

    def __init__(self, message: str, stack_trace: str = "") -> None:
        super().__init__(message)
        self.stack_trace = stack_trace


class WorkerDiedError(FunctionFailedError):
    """The worker process has died in the middle of the call."""
