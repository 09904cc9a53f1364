"""Bad weather: a share of all requests fails, by chance, and the same ones each time.

What becomes of a request depends on the seed, the operation, the ends of its call, and how often
this call has asked for it, and not on what other calls do meanwhile.
"""

import asyncio
from collections import Counter
from random import Random
from typing import Annotated, Any, Literal

import msgspec

from emulator.acs.errors import invalid
from emulator.acs.faults import OPERATIONS, Fault
from emulator.acs.pending_faults import PendingFault

# `timeout` is done and answered too late, `swallowed` is never done; `reset` is not done, and
# `replyLost` is, and both break the connection.
type Kind = Literal["429", "500", "503", "timeout", "swallowed", "reset", "replyLost"]

_REFUSED = {"429": 429, "500": 500, "503": 503}


class Forecast(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How many fail, which of the operations, and how; `hold` is how long a time-out takes."""

    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    seed: int = 0
    on: frozenset[str] = OPERATIONS
    kinds: Annotated[tuple[Kind, ...], msgspec.Meta(min_length=1)] = (
        "429",
        "500",
        "503",
        "timeout",
        "swallowed",
        "reset",
        "replyLost",
    )
    hold: Annotated[float, msgspec.Meta(gt=0, le=600)] = 10

    def check(self) -> None:
        """Raise ServiceError for operations that do not exist."""
        if unknown := self.on - OPERATIONS:
            raise invalid(f"`on`: there is no {', '.join(sorted(unknown))}")

    def fault(self, operation: str, kind: Kind) -> Fault:
        """Return the fault of a kind."""
        match kind:
            case "timeout":
                return Fault(operation, do="lateReply", delay=self.hold)
            case "swallowed":
                return Fault(operation, do="swallow", seconds=self.hold)
            case "reset":
                return Fault(operation, do="reset")
            case "replyLost":
                return Fault(operation, do="loseReply")
        return Fault(operation, status=_REFUSED[kind])


class Weather:
    """The forecast, and what it has struck."""

    def __init__(self) -> None:
        self.forecast: Forecast | None = None
        self._asked: Counter[tuple[str, str]] = Counter()
        self._struck: Counter[tuple[str, Kind]] = Counter()

    def change(self, forecast: Forecast | None) -> None:
        """Change the weather and count anew; None is fair."""
        self.forecast = forecast
        self._asked.clear()
        self._struck.clear()

    def strike(self, operation: str, ends: str) -> PendingFault | None:
        """Return what befalls this request of a call; None where it is spared."""
        forecast = self.forecast
        if forecast is None or operation not in forecast.on:
            return None
        self._asked[operation, ends] += 1
        number = self._asked[operation, ends]
        chance = Random(f"{forecast.seed} {operation} {ends} {number}")  # noqa: S311 (no secret)
        if chance.random() >= forecast.share:
            return None
        kind = chance.choice(forecast.kinds)
        self._struck[operation, kind] += 1
        pending = PendingFault(forecast.fault(operation, kind))
        asyncio.get_running_loop().call_later(forecast.hold, pending.end)
        return pending

    def describe(self) -> dict[str, Any]:
        """Return the forecast, and how many requests of each operation it has struck, and how."""
        struck: dict[str, dict[str, int]] = {}
        for (operation, kind), count in sorted(self._struck.items()):
            struck.setdefault(operation, {})[kind] = count
        return {
            "forecast": self.forecast and msgspec.to_builtins(self.forecast),
            "asked": self._asked.total(),
            "struck": struck,
        }
