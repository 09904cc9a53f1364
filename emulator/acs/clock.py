"""Time as the service writes it: ticks of 100 ns since the year 1, ISO 8601 with seven digits."""

import time
from datetime import UTC, datetime

TICKS_PER_SECOND = 10_000_000
# .NET's DateTime.MaxValue.Ticks: the end of its calendar, from which one scale of offsets counts.
MAX_TICKS = 3_155_378_975_999_999_999
# 1970-01-01 in ticks since the year 1 (.NET's DateTime.UnixEpoch.Ticks).
_UNIX_EPOCH = 621_355_968_000_000_000


def now_ticks() -> int:
    """Return the current time in ticks."""
    return _UNIX_EPOCH + time.time_ns() // 100


def ticks(seconds: float) -> int:
    """Convert a span from seconds to ticks."""
    return round(seconds * TICKS_PER_SECOND)


def iso(moment: int, zone: str = "+00:00") -> str:
    """Write a moment in ticks as ISO 8601, UTC, with the seven fraction digits of .NET."""
    # Recorded callbacks end in `+00:00`, recorded Event Grid events in `Z`.
    seconds, fraction = divmod(moment - _UNIX_EPOCH, TICKS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:07d}{zone}"
