"""One stream connection: what is remembered of it between events, and how its clock runs.

The memory travels in `ce-connectionState`, which Web PubSub hands back with each event, so that
no event needs a read. It is never used to decide who may do what: a lost or forged state costs
precision and a count, never a row.
https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

import msgspec

from callscribe.foundation.identifiers import LOST, lost_stream_id, new_stream_id
from callscribe.foundation.moments import LATEST
from callscribe.stream.frames import Frame, Metadata, Speech, Unreadable

TICKS_PER_SECOND = 10_000_000
TICKS_PER_MS = 10_000
CLOCK_FROM = 10**17
"""Offsets from here on are an inverted clock; smaller ones count from the stream's zero."""
LAST_TICK = 3_155_378_975_999_999_999
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
_HIGHEST_COUNT = 2**31 - 1
_FURTHEST_ZERO = 2 * CLOCK_FROM
Count = Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST_COUNT)]
Ticks = Annotated[int, msgspec.Meta(ge=-_FURTHEST_ZERO, le=_FURTHEST_ZERO)]
AHEAD = 5 * TICKS_PER_SECOND
BEHIND = 120 * TICKS_PER_SECOND


class StreamState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one connection so far; counts are cumulative. Zeros are Unix ticks.

    `zero` is the time of the latest metadata frame; `drift` the zero that fits frames which that
    one does not (offsets that go on counting after a reconnect, or a frame said again).
    """

    stream_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{13}\Z")]
    written: bool = False
    last: Count = 0
    seen: Count = 0
    missing: Count = 0
    metadata: Count = 0
    intermediates: Count = 0
    finals: Count = 0
    quarantined: Count = 0
    locale: Annotated[str, msgspec.Meta(max_length=100)] = ""
    zero: Ticks | None = None
    drift: Ticks | None = None


_DECODER = msgspec.json.Decoder(StreamState)
_BEFORE_FIRST = 2
"""`connect` is event 0 and `connected` event 1, which no reply can count: messages start at 2."""


def opened(milliseconds: int, *, written: bool) -> StreamState:
    """Return the state of a connection whose `connect` is answered at that moment."""
    return StreamState(stream_id=new_stream_id(milliseconds), written=written)


def encode(state: StreamState) -> str:
    """Write the state as the header's value: base64 of a JSON object."""
    return base64.b64encode(msgspec.json.encode(state)).decode("ascii")


def restore(header: str, connection_id: str) -> StreamState:
    """Read the state from the header; one that is lost or not ours starts anew."""
    try:
        return _DECODER.decode(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        return StreamState(stream_id=lost_stream_id(connection_id))


def count_frame(state: StreamState, frame: Frame, event_number: int | None) -> StreamState:
    """Count a frame and what seems to be missing before it; a redelivered frame changes nothing.

    `event_number` is the ce-id where it is a number: one more for each event of a connection, so
    that a jump means an event that never came. (Nowhere promised: hence "suspected".)
    """
    if event_number is not None and state.seen and event_number <= state.last:
        return state
    state = count_gap(state, event_number)
    match frame:
        case Metadata():
            return _one_more(state, "metadata")
        case Speech(final=True):
            return _one_more(state, "finals")
        case Speech():
            return _one_more(state, "intermediates")
        case Unreadable():
            return _one_more(state, "quarantined")


def count_gap(state: StreamState, event_number: int | None) -> StreamState:
    """Count the events between the last one and this one as suspected missing."""
    if event_number is None:
        return state
    jump = max(0, event_number - _expected(state, event_number))
    return _with(
        state,
        last=max(state.last, event_number),
        missing=min(state.missing + jump, _HIGHEST_COUNT),
    )


def opened_at(state: StreamState) -> int | None:
    """Return when the connection was opened (Unix ms); None where its state was lost."""
    return None if state.stream_id.startswith(LOST) else int(state.stream_id)


def mark_written(state: StreamState) -> StreamState:
    """Note that the connection's own row is in storage."""
    return _with(state, written=True)


def start_clock(state: StreamState, metadata: Metadata, second: int) -> StreamState:
    """Set the stream's zero: the ce-time (Unix seconds) of its latest metadata frame."""
    locale = metadata.locale[:100] or state.locale
    return _with(state, zero=second * TICKS_PER_SECOND, drift=None, locale=locale)


@dataclass(frozen=True, slots=True)
class Placed:
    """When something was said, in Unix ticks; `usable` is False where only the ce-time told."""

    start: int
    end: int | None
    state: StreamState
    usable: bool = True


def place(state: StreamState, speech: Speech, second: int) -> Placed:
    """Find the absolute time of something said; `second` is its event's ce-time (Unix seconds)."""
    now = second * TICKS_PER_SECOND
    if speech.offset is None:
        return Placed(now, None, state, usable=False)
    duration = speech.duration
    if speech.offset >= CLOCK_FROM:
        start = LAST_TICK - speech.offset - UNIX_EPOCH_TICKS
        if not 0 <= start <= LATEST * TICKS_PER_MS:
            return Placed(now, None, state, usable=False)
    else:
        zero, state = _zero(state, speech.offset + (duration or 0), now)
        start = max(0, zero + speech.offset)
    return Placed(start, None if duration is None else start + duration, state)


def _expected(state: StreamState, event_number: int) -> int:
    """Return the number that the connection's next event should have."""
    if state.seen:
        return state.last + 1
    if opened_at(state) is None:
        return event_number  # what came before the state was lost is counted already
    return max(state.last + 1, _BEFORE_FIRST)


def _one_more(state: StreamState, kind: str) -> StreamState:
    counts = {name: getattr(state, name) for name in ("seen", kind)}
    return _with(state, **{name: min(old + 1, _HIGHEST_COUNT) for name, old in counts.items()})


def _zero(state: StreamState, until: int, now: int) -> tuple[int, StreamState]:
    for zero in (state.zero, state.drift):
        if zero is not None and now - BEHIND <= zero + until <= now + AHEAD:
            return zero, state
    drift = now - until
    return drift, _with(state, drift=drift)


def _with(state: StreamState, **changes: int | str | bool | None) -> StreamState:
    return msgspec.structs.replace(state, **changes)
