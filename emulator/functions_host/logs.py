"""The lines on the console: the host's own and the app's, as `host.json` lets them through."""

import logging
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.functions_host.function import Function
from emulator.functions_host.log_levels import LogLevels

log = logging.getLogger(__name__)


def configure_logging() -> None:
    """Print log lines without a prefix; the app may set its own levels, as in Azure."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    # In Azure the messages of the runtime itself go to the platform's log, not to the app's.
    logging.getLogger("azure.functions").setLevel(logging.CRITICAL)


def filter_lines(levels: LogLevels, function_of_line: Callable[[], str | None]) -> None:
    """Let lines of the app through as the level of their category says.

    Those of a function are `Function.NAME.User`; what is logged outside of all is `Worker`.
    """

    def passes(record: logging.LogRecord) -> bool:
        name = function_of_line()
        category = f"Function.{name}.User" if name else "Worker"
        return levels.let_through(category, record.levelno)

    for handler in logging.getLogger().handlers:
        handler.addFilter(passes)


@dataclass(slots=True)
class CallLines:
    """The two lines that the host writes of each call of a function, in its own words."""

    levels: LogLevels
    function: Function
    invocation: uuid.UUID = field(default_factory=uuid.uuid4)
    began: float = field(default_factory=time.monotonic)

    def executing(self) -> None:
        """Say that the call begins."""
        reason = "This function was programmatically called via the host APIs."
        self._write(1, f"Executing '{self._name}' (Reason='{reason}', Id={self.invocation})")

    def executed(self, *, succeeded: bool) -> None:
        """Say that it has ended, at the level Error if it failed."""
        how = "Succeeded" if succeeded else "Failed"
        took = int((time.monotonic() - self.began) * 1000)
        text = f"Executed '{self._name}' ({how}, Id={self.invocation}, Duration={took}ms)"
        self._write(2 if succeeded else 3, text, logging.INFO if succeeded else logging.ERROR)

    @property
    def _name(self) -> str:
        return f"Functions.{self.function.name}"

    def _write(self, event: int, text: str, level: int = logging.INFO) -> None:
        category = f"Function.{self.function.name}"
        if self.levels.let_through(category, level):
            word = "info" if level == logging.INFO else "fail"
            log.log(level, "%s: %s[%d]\n      %s", word, category, event, text)
