"""Which log lines `host.json` lets through: levels by category, of which the longest fits.

https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-log-levels
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

# .NET's names; its Trace has no equal in Python and lies below Debug.
LEVELS = {
    "trace": 5,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 10,
}
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class LogLevels:
    """The lowest level of each category that is written."""

    levels: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, section: Mapping[str, object]) -> "LogLevels":
        """Read the section `logging.logLevel`. Raises ValueError for an unknown level."""
        levels = {}
        for category, name in section.items():
            if str(name).lower() not in LEVELS:
                raise ValueError(f"logLevel {category}: there is no level {name}")
            levels[category.lower()] = LEVELS[str(name).lower()]
        return cls(levels)

    def of(self, category: str) -> int:
        """Return the level of the longest category that this one begins with."""
        name = category.lower()
        fitting = [known for known in self.levels if name.startswith(known) and known != DEFAULT]
        if fitting:
            return self.levels[max(fitting, key=len)]
        return self.levels.get(DEFAULT, logging.INFO)

    def let_through(self, category: str, level: int) -> bool:
        """Tell whether a line of that category and level is written."""
        return level >= self.of(category)
