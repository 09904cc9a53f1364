"""The frames of a stream, and when its events came."""

from hypothesis import strategies as st

from callscribe.foundation.moments import parse_iso
from callscribe.stream.frames import Metadata, Speech
from callscribe.stream.state import TICKS_PER_SECOND

NOW = parse_iso("2026-11-22T18:54:03.123Z")
SECOND = NOW // 1000
METADATA = Metadata("en-US", "subscription")
TICKS = st.none() | st.integers(-(10**17), 10**17)


def said(
    offset: int | None = 0, duration: int | None = TICKS_PER_SECOND, *, final: bool = True
) -> Speech:
    """Return what the usual person says at a place of the stream."""
    return Speech("Hello.", final, "8:acs:a_b", offset, duration, 0.9, (), ())
