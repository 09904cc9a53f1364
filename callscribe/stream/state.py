"""One stream connection: what is remembered of it between events, and how its clock runs.

The memory travels in `ce-connectionState`, which Web PubSub hands back with each event, so that
no event needs a read. Its mark alone decides something: `trust.signatures` proves it. A state that
is lost costs precision and a count, never a row.
https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

import base64
import binascii
import zlib
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
    Ms,
    Seconds,
    Ticks,
    later,
    ms_of,
    ticks_of,
    whole_second,
)
from callscribe.stream.clock import (
    AHEAD,
    CLOCK_FROM,
    LATE,
    LONGEST_WAIT,
    UNKNOWN,
    Clock,
    Voice,
    find,
)
from callscribe.stream.frames import LONGEST_LOCALE, Frame, Media, Metadata, Speech, Unreadable

# Longer than this, an event holds up the frames behind it; ce-time has whole seconds.
PROMPT = Seconds(5)
# So soon after it they come, one by one.
_AT_ONCE = Seconds(2)
LONGEST_MARK = 31
# What fits a column Int32 of Table Storage.
HIGHEST_COUNT = 2**31 - 1
# A larger jump in the numbers of events is not believed: it would be half an hour of a lively call,
# and one event that is not acknowledged already ends the stream. The numbers then mean something
# else than is thought.
LONGEST_JUMP = 10_000
_Count = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_COUNT)]
_Moment = Annotated[Ms, msgspec.Meta(ge=0, le=LATEST)]
# `connect` is event 0 and `connected` event 1, to which no reply can carry a state: messages
# start at 2. https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
_FIRST_MESSAGE = 2


class StreamState(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={"metadata": "m", "intermediates": "i", "finals": "f", "quarantined": "q"},
):
    """What is known of one connection so far; counts are cumulative.

    `written` says that the connection's own row is in storage, `last` is the highest event number.
    `heard` is up to when what was said has come, as far as its frames tell; see `heard_until`.
    `clock` tells when something was said; `held` since when and until when frames may have waited
    for the one before them. `mark` says that the connection was let in, and for which call.
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
    media: _Count = 0
    locale: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_LOCALE)] | None = None
    clock: Clock = Clock()
    held: tuple[_Moment, _Moment] | None = None
    mark: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_MARK)] | None = None


_DECODER = Decoder(StreamState)


class Placed(msgspec.Struct, frozen=True):
    """When something was said, in Unix ticks; see `clock.Place`, which has a clock in it."""

    start: Ticks
    end: Ticks | None
    state: StreamState
    offset: Ticks | None = None
    repaired: tuple[str, ...] = ()
    usable: bool = True
    sure: bool = True


def hear(state: StreamState, frame: Frame, event_number: int | None, at: Ms) -> Placed:
    """Count a frame, set the clock by it, and find when its speech was said.

    `at` is its event's ce-time. The result holds the new state; its times mean nothing for a frame
    without speech.
    """
    counted = _over(count_frame(state, frame, event_number), at)
    match frame:
        case Metadata():
            placed = Placed(ticks_of(at), None, start_clock(counted, frame, at), usable=False)
        case Speech():
            placed = place(counted, frame, at)
        case Media() | Unreadable():
            placed = Placed(ticks_of(at), None, counted, usable=False)
    said = _said(placed)
    until = at if _is_first(state) else heard_until(at, said)
    heard = until if state.heard is None else max(until, state.heard)
    after = _with(placed.state, heard=heard)
    return msgspec.structs.replace(placed, state=_behind(after, placed, said))


def heard_until(at: Ms, said: Ms | None) -> Ms:
    """Return up to when a frame shows that what was said has come.

    `at` is its event's ce-time, `said` when it was said, as far as its clock tells. Where frames
    had to wait for storage, the event of this one is later than it was said, and the next ones were
    said in between. What does not tell, or lies too far back to be believed, may have waited long.
    """
    longest_wait = Ms(max(0, at - ms_of(LONGEST_WAIT)))
    return longest_wait if said is None or said < longest_wait else min(at, said)


def handled(state: StreamState, at: Ms, now: Ms) -> StreamState:
    """Note whether the frames behind the one of that ce-time may have waited until now for it."""
    if state.held is None and now <= later(at, PROMPT):
        return state
    since = at if state.held is None else state.held[0]
    return _with(state, held=(since, max(since, now)))


def opened(moment: Ms, connection_id: str, *, written: bool) -> StreamState:
    """Return the state of a connection whose `connect` is answered at that moment."""
    clock = Clock(floor=ticks_of(whole_second(moment)))
    return StreamState(new_stream_id(moment, connection_id), written=written, clock=clock)


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
    if event_number is not None and _knows_last(state) and event_number <= state.last:
        return state
    state = count_gap(state, event_number)
    match frame:
        case Metadata():
            return _one_more(state, "metadata")
        case Speech(final=True):
            return _one_more(state, "finals")
        case Speech():
            return _one_more(state, "intermediates")
        case Media():
            return _with(state, media=min(state.media + 1, HIGHEST_COUNT))
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
    return not _knows_last(state) and opened_at(state) is None


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
    clock = msgspec.structs.replace(state.clock, zero=ticks_of(at))
    return _with(state, clock=clock, locale=locale)


def place(state: StreamState, speech: Speech, at: Ms) -> Placed:
    """Find the absolute time of something said; `at` is its event's ce-time."""
    now, speaker = ticks_of(at), _number_of(speech.speaker)
    start = _plain_start(state.clock, speech, speaker, now)
    if start is None or speech.offset is None:
        waited = Ticks(0) if state.held is None else ticks_of(Ms(max(0, at - state.held[0])))
        found = find(state.clock, speech, speaker, now, min(waited, LONGEST_WAIT))
        after = _with(state, clock=found.clock)
        return Placed(
            found.start, found.end, after, found.offset, found.repaired, found.usable, found.sure
        )
    if speech.final:
        spoke = Voice(speaker, state.clock.zero, speech.offset, start)
        voices = *(each for each in state.clock.voices if each.who != speaker), spoke
        state = _with(state, clock=msgspec.structs.replace(state.clock, voices=voices))
    end = None if speech.duration is None else Ticks(start + speech.duration)
    return Placed(start, end, state, speech.offset)


def _number_of(speaker: str | None) -> int:
    # A header has no room for raw ids, and they are nobody's business.
    return UNKNOWN if speaker is None else zlib.crc32(speaker.encode(errors="surrogatepass"))


def _plain_start(clock: Clock, speech: Speech, speaker: int, now: Ticks) -> Ticks | None:
    """Return when something was said; None where the other rules of the clock must tell that.

    Plain is: its speaker goes by the stream's zero, its offset is beyond their latest one and that
    of its first word, and it came in time.
    """
    offset, zero = speech.offset, clock.zero
    if offset is None or zero is None or offset >= CLOCK_FROM or speech.duration is None:
        return None
    if speech.words and speech.words[0].offset != offset:
        return None
    voice = next((voice for voice in clock.voices if voice.who == speaker), None)
    if voice is None or voice.zero != zero or offset <= voice.offset:
        return None
    start = Ticks(zero + offset)
    in_time = now - LATE <= start + speech.duration <= now + AHEAD
    return start if in_time and ms_of(start) > ms_of(voice.start) else None


def _expected(state: StreamState, event_number: int) -> int:
    """Return the number that the connection's next event should have."""
    if _knows_last(state):
        return state.last + 1
    if opened_at(state) is None:
        return event_number  # what came before the state was lost is counted already
    return max(state.last + 1, _FIRST_MESSAGE)


def _knows_last(state: StreamState) -> bool:
    return state.seen > 0 or state.media > 0


def _is_first(state: StreamState) -> bool:
    """Tell whether no frame came before: the first one has waited for none."""
    return not state.seen and opened_at(state) is not None


def _said(placed: Placed) -> Ms | None:
    """Return when something was said, as late as is known; None where only the ce-time tells."""
    told = placed.usable and placed.sure
    return ms_of(placed.start if placed.end is None else placed.end) if told else None


def _one_more(state: StreamState, kind: str) -> StreamState:
    counts = {name: getattr(state, name) for name in ("seen", kind)}
    return _with(state, **{name: min(old + 1, HIGHEST_COUNT) for name, old in counts.items()})


def _over(state: StreamState, at: Ms) -> StreamState:
    """Return a state in which nothing waits any longer, if there was a pause before its event."""
    if state.held is None:
        return state
    since, until = state.held
    waits = at <= later(until, _AT_ONCE) and at - since <= ms_of(LONGEST_WAIT)
    return state if waits else _with(state, held=None)


def _behind(state: StreamState, placed: Placed, said: Ms | None) -> StreamState:
    """Note that what waits behind a frame came after that was said, if its time is certain."""
    offset, zero = placed.offset, state.clock.zero
    if state.held is None or said is None or offset is None:
        return state
    if offset < CLOCK_FROM and (zero is None or placed.start != zero + offset):
        return state
    since, until = state.held
    return _with(state, held=(max(since, said), max(until, said)))


def _with(state: StreamState, **changes: object) -> StreamState:
    return msgspec.structs.replace(state, **changes)
