"""Points in time. Inside the app they are Unix milliseconds (UTC) as `int`; on paper ISO 8601."""

from datetime import UTC, datetime, timedelta

LATEST = 9_999_999_999_999
"""The last millisecond that 13 digits hold (year 2286): keys are padded to that width."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(milliseconds: int) -> str:
    """Write Unix milliseconds as `2026-11-22T18:54:03.123Z`."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def parse_iso(text: str) -> int:
    """Read an ISO 8601 time, with any number of fraction digits, as Unix milliseconds.

    A time without an offset is taken as UTC. Raises ValueError for anything else, and for times
    outside 1970 to 2286.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= milliseconds <= LATEST:
        raise ValueError("expected a time from 1970 to 2286")
    return milliseconds


def day(milliseconds: int) -> str:
    """Return the UTC day of a moment, `2026-11-22`."""
    return iso(milliseconds)[:10]


def days_back(first: str, last: str) -> list[str]:
    """List the days from `last` back to `first`, both included, newest first."""
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    return [
        (end - timedelta(days=back)).strftime("%Y-%m-%d") for back in range((end - start).days + 1)
    ]
