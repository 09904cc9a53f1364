"""Moments and spans, with every conversion between them.

Inside the app a moment is `Ms` (Unix milliseconds, UTC), a span is `Seconds`, and a place on the
scale of ACS's frames is `Ticks` (100 ns). In rows and answers moments are ISO 8601.
"""

from datetime import UTC, datetime, timedelta
from typing import NewType

Ms = NewType("Ms", int)
Seconds = NewType("Seconds", float)
Ticks = NewType("Ticks", int)

# 13 digits hold moments up to the year 2286: keys are padded to that width.
LATEST = Ms(9_999_999_999_999)
# .NET's ticks: https://learn.microsoft.com/dotnet/api/system.datetime.ticks
TICKS_PER_MS = 10_000
TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(moment: Ms) -> str:
    """Write a moment as `2026-11-22T18:54:03.123Z`."""
    written = _EPOCH + timedelta(milliseconds=moment)
    # Without the offset (`+00:00`). strftime takes several times as long, and this runs often.
    return f"{written.isoformat(timespec='milliseconds')[:-6]}Z"


def parse_iso(text: str) -> Ms:
    """Read an ISO 8601 time, with any number of fraction digits.

    A time without an offset is taken as UTC. Raises ValueError for anything else, and for times
    outside 1970 to 2286.
    """
    # ACS and Event Grid write seven digits of a fraction, of which Python keeps six.
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= milliseconds <= LATEST:
        raise ValueError("expected a time from 1970 to 2286")
    return Ms(milliseconds)


def later(moment: Ms, span: Seconds) -> Ms:
    """Return the moment that lies a span after another."""
    # Rounded, not cut: 1.001 s times 1,000 is 1000.9999999999999.
    return Ms(moment + round(span * 1000))


def elapsed(since: Ms, until: Ms) -> Seconds:
    """Return the span between two moments; negative where they are in the other order."""
    return Seconds((until - since) / 1000)


def whole_second(moment: Ms) -> Ms:
    """Return the beginning of a moment's second."""
    return Ms(moment - moment % 1000)


def ticks_of(moment: Ms) -> Ticks:
    """Return a moment in ticks since 1970."""
    return Ticks(moment * TICKS_PER_MS)


def ms_of(ticks: Ticks) -> Ms:
    """Return ticks since 1970 as a moment, or ticks between two places as milliseconds."""
    return Ms(ticks // TICKS_PER_MS)


def day(moment: Ms) -> str:
    """Return the UTC day of a moment, `2026-11-22`."""
    return iso(moment)[:10]


def days_back(first: str, last: str) -> list[str]:
    """List the days from `last` back to `first`, both included, newest first."""
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    return [
        (end - timedelta(days=back)).strftime("%Y-%m-%d") for back in range((end - start).days + 1)
    ]
