"""When something was said: a zero for each speaker, and which one to take where that is in doubt.

Frames tell an offset from a zero that nobody tells. It may be that of the stream, of one person's
own audio (who joined late, or was muted), or a new one after a silence. `ce-time` says within
seconds when a frame came. docs/architecture.md ("The stream: identity, clock, memory") has the
rules, and tests/stream/conversations.py what they must hold for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

import msgspec

from callscribe.foundation.moments import (
    LATEST,
    TICKS_PER_MS,
    TICKS_PER_SECOND,
    Ticks,
    ms_of,
    ticks_of,
)
from callscribe.stream.frames import LONGEST, Speech

# Two scales of offsets have been seen: ticks since a zero, and an inverted clock that counts down
# to the last tick of .NET's calendar. This large (317 years), an offset is of the second kind.
# https://learn.microsoft.com/dotnet/api/system.datetime.ticks
CLOCK_FROM = 10**17
LAST_TICK = 3_155_378_975_999_999_999
# 1970 in .NET's ticks, which count from the year 1.
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
# How long before its own event something may end: a final comes up to 15 s late, and ce-times have
# whole seconds. How long after it: the metadata that set the zero may have come late as well; by an
# estimated zero it is only that ce-times are not exact.
LATE = Ticks(16 * TICKS_PER_SECOND)
AHEAD = Ticks(5 * TICKS_PER_SECOND)
_INEXACT = Ticks(3 * TICKS_PER_SECOND)
# How long a frame may have waited for those before it to be stored; clocks differ by less.
LONGEST_WAIT = Ticks(120 * TICKS_PER_SECOND)
# By how much two statements of one moment may differ.
_CLOSE = Ticks(TICKS_PER_SECOND)
MOST_VOICES = 8
MOST_BENDS = 3
# Behind what was placed too late time goes by so much slower, until it is right again.
_SLOWER = 8
# What stands for the speakers without a raw id: nobody knows whether two of them are one person.
UNKNOWN = 2**32
FURTHEST_ZERO = 2 * CLOCK_FROM
_Zero = Annotated[Ticks, msgspec.Meta(ge=-FURTHEST_ZERO, le=FURTHEST_ZERO)]
_Offset = Annotated[Ticks, msgspec.Meta(ge=0, le=CLOCK_FROM)]
_Start = Annotated[Ticks, msgspec.Meta(ge=0, le=LATEST * TICKS_PER_MS)]


class Voice(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of a speaker: their zero, and offset and start of their latest final.

    `who` stands for the raw id; `zero` is None while only ce-times have told when they spoke.
    """

    who: Annotated[int, msgspec.Meta(ge=0, le=UNKNOWN)]
    zero: _Zero | None
    offset: _Offset
    start: _Start


class Bend(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A zero that proved too late: what was placed by it, up to an offset, stands as it is."""

    zero: _Zero
    worse: _Zero
    offset: _Offset


class Clock(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={"zero": "z", "voices": "v", "bends": "b", "floor": "f"},
):
    """What is remembered of a stream's zeros, in Unix ticks.

    `zero` is the time of the latest metadata frame. The voice that was heard last is the last one.
    Others begin at the `floor`: when the stream was opened (what is sent again on it was said
    before, and is put there), or the latest start of a voice that had to be forgotten.
    """

    zero: _Zero | None = None
    voices: Annotated[tuple[Voice, ...], msgspec.Meta(max_length=MOST_VOICES)] = ()
    bends: Annotated[tuple[Bend, ...], msgspec.Meta(max_length=MOST_BENDS)] = ()
    floor: _Start = Ticks(0)


@dataclass(frozen=True, slots=True)
class Place:
    """When something was said, in Unix ticks, and the clock after it.

    `offset` is the one that its words count from. `repaired` names each choice that was not the
    plain one. `usable` is False where only the ce-time tells, `sure` where the frame may as well
    have waited for others to be stored.
    """

    start: Ticks
    end: Ticks | None
    clock: Clock
    offset: Ticks | None
    repaired: tuple[str, ...] = ()
    usable: bool = True
    sure: bool = True


class _Doubt(IntEnum):
    """How far a reading is to be believed."""

    NONE = 0
    SHARED = 1
    NEW = 2


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way of reading a frame: the offset that it claims, on a scale that runs forwards.

    Its zero is that of the stream or the speaker, that of another speaker, or a new one.
    """

    claim: Ticks
    offset: Ticks
    zero: Ticks
    doubt: _Doubt = _Doubt.NONE


def find(clock: Clock, speech: Speech, who: int, now: Ticks, waited: Ticks) -> Place:
    """Find the absolute time of something said; `who` is the number of its speaker.

    `now` is its event's ce-time; for so long as `waited` it may have waited to be sent. A
    hypothesis changes nothing of the clock.
    """
    known = who != UNKNOWN
    voice = next((voice for voice in clock.voices if known and voice.who == who), None)
    duration = _duration(speech)
    read = [_read(clock, voice, claim, duration, now, waited) for claim in _claims(speech)]
    found = [reading for reading in read if reading is not None]
    if not found:
        return _by_event(clock, voice, speech, who, now)
    best = min(found, key=lambda reading: reading.doubt)
    clock = _regrouped(clock, voice, best)
    start = _in_order(clock, voice, best.zero, best.offset)
    new = best.doubt is _Doubt.NEW
    spoke = Voice(who, best.zero, best.offset, start)
    late = clock.zero is not None and clock.zero + best.offset + duration < now - LATE
    disagree = _words_disagree(speech)
    repaired = {
        "offset": best.claim != speech.offset,
        "words": disagree and best.claim == speech.offset,
        "zero": new,
        "order": start > max(0, best.zero + best.offset),
    }
    return Place(
        start,
        None if speech.duration is None else Ticks(start + duration),
        _remembering(clock, spoke if speech.final else None),
        speech.words[0].offset if disagree else speech.offset,
        tuple(name for name, is_so in repaired.items() if is_so),
        sure=not (new and late),
    )


def _duration(speech: Speech) -> Ticks:
    """Return how long something took; as its words tell, where it does not."""
    if speech.duration is not None or not speech.words or speech.words[0].offset is None:
        return Ticks(speech.duration or 0)
    last = speech.words[-1]
    until = (last.offset or speech.words[0].offset) + (last.duration or 0)
    return Ticks(min(max(0, until - speech.words[0].offset), LONGEST))


def _claims(speech: Speech) -> Iterator[Ticks]:
    """Yield the offsets that a frame tells: its own, and that of its words if it is another."""
    if speech.offset is not None:
        yield speech.offset
    if _words_disagree(speech) and speech.words[0].offset is not None:
        yield speech.words[0].offset


def _words_disagree(speech: Speech) -> bool:
    """Tell whether the first word has an offset that does not lie in the utterance."""
    first = speech.words[0].offset if speech.words else None
    if first is None:
        return False
    if speech.offset is None:
        return True
    after = first - speech.offset if speech.offset < CLOCK_FROM else speech.offset - first
    longest = LATE if speech.duration is None else speech.duration
    return not -_CLOSE <= after <= longest + _CLOSE


def _read(
    clock: Clock, voice: Voice | None, claim: Ticks, duration: Ticks, now: Ticks, waited: Ticks
) -> _Reading | None:
    if not 0 <= claim < CLOCK_FROM:
        return _read_absolute(claim, duration, now)
    # A ce-time that lies before what the speaker has said already is wrong: the offsets go on.
    if voice is not None and voice.zero is not None and now + AHEAD < voice.start:
        if claim > voice.offset:
            return _Reading(claim, claim, voice.zero)
        return _Reading(claim, claim, Ticks(_earliest(clock, voice) - claim), _Doubt.NEW)
    until = claim + duration
    for zero, doubt in _zeros(clock, voice, claim):
        late = LATE + _INEXACT if _is_former(clock, zero) else LATE
        ahead = AHEAD if zero == clock.zero else _INEXACT
        if now - late - waited <= zero + until <= now + ahead:
            return _Reading(claim, claim, zero, doubt)
    zero = Ticks(max(now - until, _earliest(clock, voice) - claim))
    return _Reading(claim, claim, zero, _Doubt.NEW)


def _read_absolute(claim: Ticks, duration: Ticks, now: Ticks) -> _Reading | None:
    """Read an offset of the inverted clock; None where that is minutes away from the ce-time."""
    start = Ticks(LAST_TICK - claim - UNIX_EPOCH_TICKS)
    if not 0 <= start <= ticks_of(LATEST) or abs(start + duration - now) > LONGEST_WAIT:
        return None
    return _Reading(claim, start, Ticks(0))


def _zeros(clock: Clock, voice: Voice | None, offset: Ticks) -> Iterator[tuple[Ticks, _Doubt]]:
    """Yield the zeros that may be right, the likeliest first.

    An offset that runs backwards for its speaker has another zero than theirs. One that another
    speaker has since this stream began cannot be right if this one would speak before what they
    have said; one from before may be, as it is everybody's.
    """
    own = voice.zero if voice is not None and offset >= voice.offset else None
    former = own is not None and _is_former(clock, own)
    for zero in (clock.zero, own) if former else (own, clock.zero):
        if zero is not None:
            yield zero, _Doubt.NONE
    # Who was muted has a later one: the earliest that fits is the likeliest.
    others = (other.zero for other in clock.voices if other is not voice)
    for zero in sorted(zero for zero in others if zero is not None):
        after = None if _is_former(clock, zero) else voice
        if zero + offset >= _earliest(clock, after) - _INEXACT:
            yield zero, _Doubt.SHARED


def _regrouped(clock: Clock, voice: Voice | None, best: _Reading) -> Clock:
    """Give the voices whose zero proves to be the new one, only estimated too late, the new one."""
    worse = _worse_than(clock, voice, best) if best.doubt is _Doubt.NEW else None
    if worse is None:
        return clock
    voices = tuple(
        msgspec.structs.replace(each, zero=best.zero) if each.zero == worse else each
        for each in clock.voices
    )
    bends = [
        msgspec.structs.replace(bend, zero=best.zero) if bend.zero == worse else bend
        for bend in clock.bends
    ]
    if _is_former(clock, worse):
        furthest = max(each.offset for each in clock.voices if each.zero == worse)
        bends.append(Bend(best.zero, worse, furthest))
    return msgspec.structs.replace(clock, voices=voices, bends=tuple(bends[-MOST_BENDS:]))


def _worse_than(clock: Clock, voice: Voice | None, best: _Reading) -> Ticks | None:
    """Return the zero of which a new one is the better estimate, if any.

    It is the same speaker's, or one that was there before the stream, if it is close enough.
    """
    own = None if voice is None or best.offset < voice.offset else voice.zero
    zeros = (each.zero for each in clock.voices if each.zero is not None)
    former = sorted(zero for zero in zeros if _is_former(clock, zero))
    latest = best.zero + LATE + _INEXACT
    for zero in (own, *former):
        if zero is not None and best.zero < zero <= latest and zero != clock.zero:
            return zero
    return None


def _is_former(clock: Clock, zero: Ticks) -> bool:
    """Tell whether a zero was there before the stream, as far as its metadata tells."""
    return clock.zero is None or zero < clock.zero


def _in_order(clock: Clock, voice: Voice | None, zero: Ticks, offset: Ticks) -> Ticks:
    """Return when something was said, after what was said before it by its speaker.

    Of an estimated zero that was set better it is also after what others said at smaller offsets.
    """
    bends = (bend for bend in clock.bends if bend.zero == zero)
    start = max([0, zero + offset, *(_bent(bend, offset) for bend in bends)])
    if voice is not None and (voice.offset, voice.zero) == (offset, zero):
        start = max(start, voice.start)
    else:
        start = max(start, _earliest(clock, voice))
    return Ticks(min(start, ticks_of(LATEST)))


def _bent(bend: Bend, offset: Ticks) -> int:
    """Return when an offset is by a zero that was worse; beyond its bend, only just after that."""
    beyond = offset - bend.offset
    return bend.worse + offset if beyond <= 0 else bend.worse + bend.offset + beyond // _SLOWER


def _earliest(clock: Clock, voice: Voice | None) -> int:
    """Return when something that is said next by a voice can begin at the earliest."""
    if voice is None:
        return clock.floor
    # Rows have milliseconds: two that are equal would be ordered by their events.
    return ticks_of(ms_of(voice.start)) + TICKS_PER_MS


def _by_event(clock: Clock, voice: Voice | None, speech: Speech, who: int, now: Ticks) -> Place:
    """Place something as if it had ended when its event came."""
    latest = Ticks(max(0, now - _duration(speech)))
    start = max(latest, _earliest(clock, voice))
    start = Ticks(min(start, ticks_of(LATEST)))
    zero, offset = (None, Ticks(0)) if voice is None else (voice.zero, voice.offset)
    spoke = Voice(who, zero, offset, start)
    after = _remembering(clock, spoke if speech.final else None)
    repaired = ("offset", "order") if start > latest else ("offset",)
    return Place(start, None, after, speech.offset, repaired, usable=False, sure=False)


def _remembering(clock: Clock, spoke: Voice | None) -> Clock:
    """Return the clock after a final; of too many voices the one longest silent is forgotten."""
    if spoke is None:
        return clock
    voices = [*(voice for voice in clock.voices if voice.who != spoke.who), spoke]
    gone, voices = voices[:-MOST_VOICES], voices[-MOST_VOICES:]
    floor = max([clock.floor, *(voice.start for voice in gone)])
    return msgspec.structs.replace(clock, voices=tuple(voices), floor=floor)
