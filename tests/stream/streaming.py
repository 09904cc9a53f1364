"""The frames of a stream, and when its events came."""

from hypothesis import strategies as st

from callscribe.foundation.identifiers import new_stream_id
from callscribe.foundation.moments import (
    LATEST,
    TICKS_PER_SECOND,
    Ms,
    Seconds,
    Ticks,
    later,
    parse_iso,
    ticks_of,
    whole_second,
)
from callscribe.stream.clock import MOST_BENDS, MOST_VOICES, UNKNOWN, Bend, Clock, Voice
from callscribe.stream.dialects import undocumented
from callscribe.stream.frames import Frame, Metadata, Speech, Word, documented

NOW = parse_iso("2026-11-22T18:54:03.123Z")
STREAM_ID = new_stream_id(NOW, "connection")
METADATA = Metadata("en-US", "subscription")
MOMENTS = st.integers(0, LATEST).map(Ms)
_ZEROS = st.none() | st.integers(-(10**17), 10**17).map(Ticks)
_OFFSETS = st.integers(0, 10**17).map(Ticks)
_STARTS = MOMENTS.map(ticks_of)
VOICES = st.builds(Voice, st.integers(0, UNKNOWN), _ZEROS, _OFFSETS, _STARTS)
CLOCKS = st.builds(
    Clock,
    zero=_ZEROS,
    voices=st.lists(VOICES, max_size=MOST_VOICES, unique_by=lambda voice: voice.who).map(tuple),
    bends=st.lists(
        st.builds(Bend, _ZEROS.filter(bool), _ZEROS.filter(bool), _OFFSETS), max_size=MOST_BENDS
    ).map(tuple),
    floor=_STARTS,
)
"""Any memory of a stream's zeros."""


def at(seconds: float) -> Ms:
    """Return the time of an event that came so long after the second that it is now."""
    return later(whole_second(NOW), Seconds(seconds))


def parse_frame(body: bytes) -> Frame:
    """Read one frame, documented or not."""
    return documented(body) or undocumented(body)[0].frame


def said(
    offset: int | None = 0,
    duration: int | None = TICKS_PER_SECOND,
    *,
    final: bool = True,
    who: str | None = "8:acs:a_b",
    words: tuple[Word, ...] = (),
) -> Speech:
    """Return what the usual person says at a place of the stream, both given in ticks."""
    return Speech(
        text="Hello.",
        final=final,
        speaker=who,
        offset=None if offset is None else Ticks(offset),
        duration=None if duration is None else Ticks(duration),
        confidence=0.9,
        words=words,
        repaired=(),
    )
