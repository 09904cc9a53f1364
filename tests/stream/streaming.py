"""The frames of a stream, and when its events came."""

from hypothesis import strategies as st

from callscribe.foundation.identifiers import new_stream_id
from callscribe.foundation.moments import (
    TICKS_PER_SECOND,
    Ms,
    Seconds,
    Ticks,
    later,
    parse_iso,
    whole_second,
)
from callscribe.stream.frames import Metadata, Speech

NOW = parse_iso("2026-11-22T18:54:03.123Z")
STREAM_ID = new_stream_id(NOW, "connection")
METADATA = Metadata("en-US", "subscription")
TICKS = st.none() | st.integers(-(10**17), 10**17).map(Ticks)


def at(seconds: float) -> Ms:
    """Return the time of an event that came so long after the second that it is now."""
    return later(whole_second(NOW), Seconds(seconds))


def said(
    offset: int | None = 0, duration: int | None = TICKS_PER_SECOND, *, final: bool = True
) -> Speech:
    """Return what the usual person says at a place of the stream, both given in ticks."""
    return Speech(
        text="Hello.",
        final=final,
        speaker="8:acs:a_b",
        offset=None if offset is None else Ticks(offset),
        duration=None if duration is None else Ticks(duration),
        confidence=0.9,
        words=(),
        repaired=(),
    )
