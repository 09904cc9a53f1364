"""One stream connection: what is remembered of it between events, and how its clock runs.

The memory travels in `ce-connectionState`, which Web PubSub hands back with each event, so that
no event needs a read. Its mark alone decides something: `trust.signatures` proves it. A state that
is lost costs precision and a count, never a row.
https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from callscribe.foundation.identifiers import (
    STREAM_ID_DIGITS,
    lost_stream_id,
    new_stream_id,
    stream_opened_at,
)
from callscribe.foundation.json_input import Decoder
from callscribe.foundation.moments import (
    LATEST,
    TICKS_PER_SECOND,
    Ms,
    Ticks,
    ms_of,
    ticks_of,
)
from callscribe.stream.frames import Frame, Metadata, Speech, Unreadable

# Two scales of offsets have been seen: ticks since the stream's zero, and an inverted clock that
# counts down to the last tick of .NET's calendar. This large (317 years), an offset is of the
# second kind.
# https://learn.microsoft.com/dotnet/api/system.datetime.ticks
CLOCK_FROM = 10**17
LAST_TICK = 3_155_378_975_999_999_999
# 1970 in .NET's ticks, which count from the year 1.
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
# How long after its own event something may end, and how long before it: ce-time has whole
# seconds, and a final comes late.
AHEAD = Ticks(5 * TICKS_PER_SECOND)
BEHIND = Ticks(120 * TICKS_PER_SECOND)
# The state travels in a header, so a locale that is far too long is cut.
LONGEST_LOCALE = 100
LONGEST_MARK = 31
# What fits a column Int32 of Table Storage.
HIGHEST_COUNT = 2**31 - 1
# A larger jump in the numbers of events is not believed: it would be half an hour of a lively call,
# and one event that is not acknowledged already ends the stream. The numbers then mean something
# else than is thought.
LONGEST_JUMP = 10_000
_FURTHEST_ZERO = 2 * CLOCK_FROM
_Count = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_COUNT)]
_Moment = Annotated[Ms, msgspec.Meta(ge=0, le=LATEST)]
_Zero = Annotated[Ticks, msgspec.Meta(ge=-_FURTHEST_ZERO, le=_FURTHEST_ZERO)]
# `connect` is event 0 and `connected` event 1, to which no reply can carry a state: messages
# start at 2. https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
_FIRST_MESSAGE = 2


class StreamState(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={"metadata": "m", "intermediates": "i", "finals": "f", "quarantined": "q"},
):
    """What is known of one connection so far; counts are cumulative, zeros are Unix ticks.

    `written` says that the connection's own row is in storage, `last` is the highest event number.
    `heard` is up to when what was said has come, as far as its frames tell; see `heard_until`.
    `zero` is the time of the latest metadata frame; `drift` the zero that fits frames which that
    one does not (offsets that go on counting after a reconnect, or a frame that is repeated).
    `mark` says that the connection was let in, and for which call.
    """

    stream_id: Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{{STREAM_ID_DIGITS}}}\Z")]
    written: bool = False
    last: _Count = 0
    heard: _Moment | None = None
    seen: _Count = 0
    missing: _Count = 0
    metadata: _Count = 0
    intermediates: _Count = 0
    finals: _Count = 0
    quarantined: _Count = 0
    locale: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_LOCALE)] | None = None
    zero: _Zero | None = None
    drift: _Zero | None = None
    mark: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_MARK)] | None = None


_DECODER = Decoder(StreamState)


@dataclass(frozen=True, slots=True)
class Placed:
    """When something was said, in Unix ticks; `usable` is False where that is only the ce-time."""

    start: Ticks
    end: Ticks | None
    state: StreamState
    usable: bool = True


def hear(state: StreamState, frame: Frame, event_number: int | None, at: Ms) -> Placed:
    """Count a frame, set the clock by it, and find when its speech was said.

    `at` is its event's ce-time. The result holds the new state; its times mean nothing for a frame
    without speech.
    """
    counted = count_frame(state, frame, event_number)
    match frame:
        case Metadata():
            placed = Placed(ticks_of(at), None, start_clock(counted, frame, at), usable=False)
        case Speech():
            placed = place(counted, frame, at)
        case Unreadable():
            placed = Placed(ticks_of(at), None, counted, usable=False)
    until = at if _is_first(state) else heard_until(at, _said(placed))
    heard = until if state.heard is None else max(until, state.heard)
    return replace(placed, state=_with(placed.state, heard=heard))


def heard_until(at: Ms, said: Ms | None) -> Ms:
    """Return up to when a frame shows that what was said has come.

    `at` is its event's ce-time, `said` when it was said, as far as its clock tells. Where frames
    had to wait for storage, the event of this one is later than it was said, and the next ones were
    said in between. What does not tell, or lies too far back to be believed, may have waited long.
    """
    longest_wait = Ms(max(0, at - ms_of(BEHIND)))
    return longest_wait if said is None or said < longest_wait else min(at, said)


def opened(moment: Ms, connection_id: str, *, written: bool) -> StreamState:
    """Return the state of a connection whose `connect` is answered at that moment."""
    return StreamState(stream_id=new_stream_id(moment, connection_id), written=written)


def encode(state: StreamState) -> str:
    """Write the state as the header's value: base64 of a JSON object."""
    return base64.b64encode(msgspec.json.encode(state)).decode("ascii")


def restore(header: str, connection_id: str) -> StreamState:
    """Read the state from the header; start a new one where that is lost or not ours."""
    try:
        found = _DECODER.strict(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError):
        found = None
    return found or lost(connection_id)


def lost(connection_id: str) -> StreamState:
    """Return the state of a connection whose own was lost."""
    return StreamState(stream_id=lost_stream_id(connection_id))


def opened_at(state: StreamState) -> Ms | None:
    """Return when the connection was opened; None where its state was lost."""
    return stream_opened_at(state.stream_id)


def count_frame(state: StreamState, frame: Frame, event_number: int | None) -> StreamState:
    """Count a frame and what seems to be missing before it; a redelivered frame changes nothing.

    `event_number` is the ce-id where it is a number: one more for each event of a connection, so
    that a jump means an event that never came. (That is not documented: hence "suspected".)
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
    missing = min(state.missing + jump_to(state, event_number), HIGHEST_COUNT)
    return _with(state, last=max(state.last, event_number), missing=missing)


def knows_no_event(state: StreamState) -> bool:
    """Tell whether the state was lost since the last event, so that nobody knows which that was."""
    return not state.seen and opened_at(state) is None


def jump_to(state: StreamState, event_number: int | None) -> int:
    """Return how many events are suspected missing between the last one and this one."""
    if event_number is None:
        return 0
    jump = event_number - _expected(state, event_number)
    return jump if 0 <= jump <= LONGEST_JUMP else 0


def kept(state: StreamState) -> int:
    """Return how many frames have a row of their own: finals and what was put aside."""
    return min(state.finals + state.quarantined, HIGHEST_COUNT)


def mark_written(state: StreamState) -> StreamState:
    """Note that the connection's own row is in storage."""
    return _with(state, written=True)


def with_mark(state: StreamState, mark: str) -> StreamState:
    """Return the state with another mark."""
    return _with(state, mark=mark)


def start_clock(state: StreamState, metadata: Metadata, at: Ms) -> StreamState:
    """Set the stream's zero: the ce-time of its latest metadata frame."""
    locale = metadata.locale[:LONGEST_LOCALE] if metadata.locale else state.locale
    return _with(state, zero=ticks_of(at), drift=None, locale=locale)


def place(state: StreamState, speech: Speech, at: Ms) -> Placed:
    """Find the absolute time of something said; `at` is its event's ce-time."""
    now = ticks_of(at)
    if speech.offset is None:
        return Placed(now, None, state, usable=False)
    duration = speech.duration
    if speech.offset >= CLOCK_FROM:
        start = Ticks(LAST_TICK - speech.offset - UNIX_EPOCH_TICKS)
        if not 0 <= start <= ticks_of(LATEST):
            return Placed(now, None, state, usable=False)
    else:
        zero, state = _zero(state, Ticks(speech.offset + (duration or 0)), now)
        start = Ticks(max(0, zero + speech.offset))
    return Placed(start, None if duration is None else Ticks(start + duration), state)


def _expected(state: StreamState, event_number: int) -> int:
    """Return the number that the connection's next event should have."""
    if state.seen:
        return state.last + 1
    if opened_at(state) is None:
        return event_number  # what came before the state was lost is counted already
    return max(state.last + 1, _FIRST_MESSAGE)


def _is_first(state: StreamState) -> bool:
    """Tell whether no frame came before: the first one has waited for none."""
    return not state.seen and opened_at(state) is not None


def _said(placed: Placed) -> Ms | None:
    """Return when something was said, as late as is known; None where only the ce-time tells."""
    return ms_of(placed.start if placed.end is None else placed.end) if placed.usable else None


def _one_more(state: StreamState, kind: str) -> StreamState:
    counts = {name: getattr(state, name) for name in ("seen", kind)}
    return _with(state, **{name: min(old + 1, HIGHEST_COUNT) for name, old in counts.items()})


def _zero(state: StreamState, until: Ticks, now: Ticks) -> tuple[Ticks, StreamState]:
    # The metadata's zero is tried first: with one alone, a single repeated frame would set the
    # clock wrong for all that follow.
    for zero in (state.zero, state.drift):
        if zero is not None and now - BEHIND <= zero + until <= now + AHEAD:
            return zero, state
    drift = Ticks(now - until)
    return drift, _with(state, drift=drift)


def _with(state: StreamState, **changes: int | str | bool | None) -> StreamState:
    return msgspec.structs.replace(state, **changes)
