"""A call's transcription: what each event says of it; a pure machine.

`transcription_steps.py` says what is to be done next. One operation is out at a time; it is
numbered and saved before its effect, and its number travels to ACS and back as `operationContext`,
so that a late answer is known for what it is. docs/architecture.md has the table of events.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.calls.result_table import Advice, Of
from callscribe.calls.results import Reason, judge, reason_of
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.moments import Ms, Seconds, elapsed, later

# An operation so young is left alone: its outcome may still be on its way.
CONFIRM = Seconds(10)
# Between two tries of what only people can mend.
PEOPLE = Seconds(300)
# No wait is longer: a moment further ahead was made by another clock, and has come.
LONGEST_WAIT = Seconds(330)
# A stream may close a moment before ACS knows that its transcription is over.
AFTER_CLOSE = Seconds(3)
# A transcription that ran this long had started well: its tries are counted anew.
SETTLED = Seconds(60)
# ACS's wish to be left alone is obeyed up to here.
LONGEST_AFTER = Seconds(120)
# A failure that names no time to wait.
AT_ONCE = Seconds(0)
_SHORTEST_DELAY, _LONGEST_DELAY = 4.0, 25.0
_SPREAD_TRIES = 2


class OperationKind(StrEnum):
    """What ACS is asked for."""

    START = "start"
    UPDATE = "update"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Operation:
    """What ACS was asked and has not confirmed.

    `asked` is None for transcription at setup until the call is connected; `unknown` says that
    nobody knows whether ACS took the request; `looked` is when a poll first said "not running".
    """

    kind: OperationKind
    number: int
    language: Language
    asked: Ms | None
    unknown: bool = False
    looked: Ms | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """What runs: its language, since when, and the number of the start that began it."""

    language: Language
    since: Ms
    by: int


@dataclass(frozen=True, slots=True)
class Transcribing:
    """What was observed of a call's transcription, and when the next try and look are due.

    Events of operations up to `floor` are history. `blocked` is the revision that only people can
    mend; `good` the language that ran last; with `fallback` that one is started in its place.
    """

    runs: Running | None = None
    out: Operation | None = None
    number: int = 0
    floor: int = 0
    tries: int = 0
    next_at: Ms | None = None
    look_at: Ms | None = None
    blocked: int = 0
    good: Language | None = None
    fallback: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not work, what to do about it, and how long ACS wants to be left alone."""

    reason: Reason
    advice: Advice = Advice.RETRY
    after: Seconds = AT_ONCE


NOT_RUNNING = Failure(Reason("Transcription is not running."))


def failure_of(
    code: int | None, sub_code: int | None, message: str | None, after: Seconds | None = None
) -> Failure:
    """Return what a result of ACS means, which wants to be left alone so long, if it said so."""
    verdict = judge(code, sub_code, message, Of.TRANSCRIPTION)
    reason = reason_of(message, code, sub_code, verdict.remedy) or NOT_RUNNING.reason
    return Failure(reason, verdict.advice, after or AT_ONCE)


@dataclass(frozen=True, slots=True)
class Looking:
    """The machine's surroundings: the call it is of, what is wanted, and what time it is."""

    call_id: str
    wish: Wish
    now: Ms
    connected: bool
    may_update: bool = True


# --- what an event says -------------------------------------------------------------------------


def at_setup(language: Language) -> Transcribing:
    """Return the machine of a call that is answered with transcription: operation 1 is out."""
    setup = Operation(OperationKind.START, 1, language, asked=None)
    return Transcribing(number=1, out=setup)


def connected(part: Transcribing, now: Ms) -> Transcribing:
    """Note any sign that the call is connected: the time of transcription at setup begins."""
    if part.out is None or part.out.asked is not None:
        return part
    return replace(part, out=replace(part.out, asked=now))


def wanted(part: Transcribing, now: Ms) -> Transcribing:
    """Note that a new revision of the wish was made: what was refused before counts no more."""
    return replace(part, blocked=0, fallback=False, tries=0, next_at=now, reason=None)


def replied(
    part: Transcribing, number: int, failure: Failure | None, around: Looking
) -> Transcribing:
    """Note that ACS refused an operation (`failure`), or that its answer is unknown (None)."""
    out = part.out
    if out is None or out.number != number or number <= part.floor:
        return part
    if failure is None:
        return replace(part, out=replace(out, unknown=True))
    if out.kind is OperationKind.STOP:
        again = replace(failure, advice=Advice.RETRY)
        return replace(_failed(part, again, out.language, around), out=None, look_at=around.now)
    return _failed(replace(part, out=None), failure, out.language, around)


def opened(part: Transcribing, now: Ms) -> Transcribing:
    """Note that a stream was opened: ACS transcribes."""
    if part.out is not None and part.out.kind is OperationKind.START:
        return _begins(replace(part, out=None), part.out.language, part.out.number, now)
    return part if part.runs else replace(part, look_at=now)


def closed(part: Transcribing, now: Ms) -> Transcribing:
    """Note that a stream was closed: ACS is asked a moment later."""
    return replace(part, look_at=later(now, AFTER_CLOSE)) if part.runs else part


def started(part: Transcribing, number: int | None, locale: str | None, now: Ms) -> Transcribing:
    """Note TranscriptionStarted (or Resumed); without a number it is of the latest start."""
    out, mine = part.out, _of(part, number, OperationKind.START)
    if _is_history(part, mine):
        return part
    asked = out.language if out and out.number == mine else _known(part)
    language = _named(asked, locale)
    if language is None:
        return replace(part, look_at=now)
    return _begins(_without(part, mine), language, mine, now)


def updated(part: Transcribing, number: int | None, locale: str | None, now: Ms) -> Transcribing:
    """Note TranscriptionUpdated; without a number it is of the latest update."""
    out, mine = part.out, _of(part, number, OperationKind.UPDATE)
    if _is_history(part, mine):
        return part
    asked = out.language if out and out.number == mine else _known(part)
    language = _named(asked, locale)
    if language is None:
        return replace(part, look_at=now)
    begun = part.runs.by if part.runs else mine
    return _begins(_without(part, mine), language, begun, now)


def stopped(part: Transcribing, number: int | None, around: Looking) -> Transcribing:
    """Note TranscriptionStopped: as it was asked for, or unasked."""
    out, mine = part.out, _of(part, number, OperationKind.STOP)
    if mine <= part.floor:
        return part
    if out is not None and out.number == mine and out.kind is OperationKind.STOP:
        return _is_off(part, around.now)
    if part.runs is not None and mine < part.runs.by:
        return part
    unasked = Failure(Reason("Transcription stopped unasked."))
    if around.wish.on and out is None:
        part = _failed(part, unasked, around.wish.language, around)
    return replace(part, runs=None)


def failed(
    part: Transcribing, number: int | None, failure: Failure, around: Looking
) -> Transcribing:
    """Note TranscriptionFailed: of the operation that is out, or of what runs."""
    out = part.out
    mine = number if number is not None else (out.number if out else _by(part))
    if mine <= part.floor:
        return part
    if out is not None and out.number == mine:
        if out.kind is OperationKind.START:
            return replace(_failed(part, failure, out.language, around), out=None, runs=None)
        kept = (
            failure if out.kind is OperationKind.UPDATE else replace(failure, advice=Advice.RETRY)
        )
        again = _failed(replace(part, out=None), kept, out.language, around)
        return replace(again, look_at=around.now)
    if part.runs is None or mine != part.runs.by:
        return part
    # It did run: what ended it may pass.
    passing = replace(failure, advice=Advice.RETRY)
    return replace(_failed(part, passing, part.runs.language, around), runs=None)


def polled(
    part: Transcribing, locale: str | None, asked_after: int, around: Looking, *, running: bool
) -> Transcribing:
    """Note what ACS says of transcription when polled.

    `asked_after` is the number of the last operation when the poll was sent: an answer from before
    an operation says nothing of it.
    """
    if asked_after != part.number:
        return part
    out = part.out
    begins = running and out is not None and out.kind is OperationKind.START
    if out is not None and not is_old(out, around.now) and not begins:
        return part  # its outcome may still be on its way
    return _runs(part, locale, around) if running else _runs_not(part, around)


def _runs(part: Transcribing, locale: str | None, around: Looking) -> Transcribing:
    out = part.out
    asked = out.language if out and out.kind is OperationKind.START else _known(part)
    language = _named(asked or around.wish.language, locale) or around.wish.language
    missed = out is not None and (
        out.kind is OperationKind.STOP
        or (out.kind is OperationKind.UPDATE and not _same_locale(language, out.language))
    )
    if out and out.kind is OperationKind.UPDATE and not missed:
        language = out.language
    begun = out.number if out and out.kind is OperationKind.START else _by(part)
    reason, as_wanted = part.reason, around.wish.on and language == around.wish.language
    part = _begins(replace(part, out=None, look_at=None), language, begun, around.now)
    if not missed:
        return part if as_wanted else replace(part, reason=reason)
    return _failed(
        part, Failure(Reason("ACS did not do what it was asked.")), around.wish.language, around
    )


def _runs_not(part: Transcribing, around: Looking) -> Transcribing:
    out = part.out
    if out is not None and _may_arrive_yet(out, around.now):
        looked = out.looked or around.now
        again = replace(out, looked=looked)
        return replace(part, out=again, look_at=later(looked, CONFIRM))
    if out is not None and out.kind is OperationKind.STOP:
        return replace(_is_off(part, around.now), look_at=None)
    lost = part.runs is not None or out is not None
    if lost and around.wish.on:
        language = out.language if out else around.wish.language
        part = _failed(part, NOT_RUNNING, language, around)
    return replace(part, runs=None, out=None, look_at=None)


def _may_arrive_yet(out: Operation, now: Ms) -> bool:
    """Say whether a start that nobody answered may still reach ACS: it is looked for once more."""
    if out.kind is not OperationKind.START or not out.unknown:
        return False
    return out.looked is None or 0 <= elapsed(out.looked, now) < CONFIRM


# --- moments ---------------------------------------------------------------------------------


def is_due(moment: Ms, now: Ms) -> bool:
    """Tell whether a moment has come; one further ahead than any wait was made by another clock."""
    return moment <= now or elapsed(now, moment) > LONGEST_WAIT


def delay(call_id: str, tries: int) -> Seconds:
    """Return the pause before the next try: 4, 4, 4, 8, 16, then 25 s, less a share.

    The first two are spread widely, so that calls that were cut together do not come back
    together. The share is a hash, so that deciding again says the same.
    """
    least = 0.2 if tries <= _SPREAD_TRIES else 0.8
    digest = hashlib.sha256(f"{call_id}/{tries}".encode()).digest()
    share = least + (1 - least) * int.from_bytes(digest[:4]) / 2**32
    return Seconds(min(_LONGEST_DELAY, max(_SHORTEST_DELAY, 2.0 ** min(tries - 1, 8))) * share)


# --- parts --------------------------------------------------------------------------------------


def _failed(
    part: Transcribing, failure: Failure, language: Language, around: Looking
) -> Transcribing:
    ran_well = part.runs is not None and elapsed(part.runs.since, around.now) > SETTLED
    tries = 1 if ran_well else part.tries + 1
    part = replace(part, tries=tries, reason=failure.reason)
    if failure.advice is not Advice.FIX:
        pause = max(delay(around.call_id, tries), min(failure.after, LONGEST_AFTER))
        return replace(part, next_at=later(around.now, Seconds(pause)))
    if language != around.wish.language:
        # The language that ran before is refused as well: both wait for people.
        return replace(part, fallback=False, next_at=later(around.now, PEOPLE))
    back = part.good is not None and part.good != around.wish.language
    pause = delay(around.call_id, 1) if back else PEOPLE
    blocked = around.wish.revision
    return replace(part, blocked=blocked, fallback=back, next_at=later(around.now, pause))


def _begins(part: Transcribing, language: Language, by: int, now: Ms) -> Transcribing:
    since = part.runs.since if part.runs else now
    # In the language that was good before, what is wanted is still the matter.
    reason = part.reason if part.fallback else None
    return replace(part, runs=Running(language, since, by), good=language, reason=reason)


def _is_off(part: Transcribing, now: Ms) -> Transcribing:
    floor = part.out.number if part.out else part.number
    return replace(part, runs=None, out=None, floor=floor, tries=0, next_at=now, reason=None)


def is_old(operation: Operation, now: Ms) -> bool:
    """Tell whether an outcome is overdue; an operation asked in the future was by another clock."""
    asked = operation.asked
    return asked is not None and not 0 <= elapsed(asked, now) < CONFIRM


def _is_history(part: Transcribing, number: int) -> bool:
    return number <= part.floor or (part.runs is not None and number < part.runs.by)


def _of(part: Transcribing, number: int | None, kind: OperationKind) -> int:
    """Return whose an event is: without a number, of the latest operation of its kind."""
    if number is not None:
        return number
    if part.out is not None and part.out.kind is kind:
        return part.out.number
    return _by(part)


def _by(part: Transcribing) -> int:
    return part.runs.by if part.runs else part.number


def _without(part: Transcribing, number: int) -> Transcribing:
    mine = part.out is not None and part.out.number == number
    return replace(part, out=None) if mine else part


def _known(part: Transcribing) -> Language | None:
    return part.runs.language if part.runs else part.good


def _named(known: Language | None, locale: str | None) -> Language | None:
    """Return a language that was named by its locale alone; the model known with it stays."""
    if locale is None or (known is not None and known.locale.lower() == locale.lower()):
        return known
    return Language(locale)


def _same_locale(one: Language, other: Language) -> bool:
    return one.locale.lower() == other.locale.lower()
