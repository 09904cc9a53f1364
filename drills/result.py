"""A row of the table: what a drill has found, and which limits it has broken."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten

from drills.account import RIGHT_KINDS, Account
from drills.plan import Drill

# What the end-to-end tests' rules say of a call may be its whole history.
SUMMARY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one drill; `problem` says why it could not be carried out, if so."""

    drill: Drill
    calls: int = 0
    calls_back: int = 0
    back: float = 0
    limit: float = 0
    account: Account = field(default_factory=Account)
    problem: str = ""
    logs: Path | None = None

    @property
    def broken(self) -> list[str]:
        """What does not hold."""
        if self.problem:
            return [self.problem]
        return [what for what, is_broken in self._limits() if is_broken] + list(self.account.wrong)

    @property
    def summary(self) -> str:
        """What does not hold, in short."""
        return "; ".join(shorten(each, SUMMARY_CHARACTERS) for each in self.broken)

    def _limits(self) -> list[tuple[str, bool]]:
        account, away = self.account, self.calls - self.calls_back
        kinds = ", ".join(sorted(account.kinds - RIGHT_KINDS))
        return [
            (f"{away} of {self.calls} calls are not back", away > 0),
            (f"back after {self.back:.0f} s, not {self.limit:.0f}", self.back > self.limit),
            (f"{account.acknowledged_lost} acknowledged are lost", account.acknowledged_lost > 0),
            (f"{account.untold} neither stored nor in a gap", account.untold > 0),
            (f"{account.unheard_later} said after that not stored", account.unheard_later > 0),
            (f"gaps of a wrong kind: {kinds}", bool(kinds)),
        ]
