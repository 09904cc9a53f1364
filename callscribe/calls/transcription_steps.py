"""What is to be done next about a call's transcription; pure.

What was observed is compared with the wish: nothing is done, ACS is looked at, or it is asked for
one operation (start, update, stop). docs/architecture.md has the order of the rules.
"""

from dataclasses import dataclass, replace

from callscribe.calls.transcription import (
    CONFIRM,
    Looking,
    Operation,
    OperationKind,
    Transcribing,
    is_due,
    is_old,
)
from callscribe.foundation.moments import Ms, later


@dataclass(frozen=True, slots=True)
class Look:
    """Ask ACS; `after` is the number of the last operation."""

    after: int


@dataclass(frozen=True, slots=True)
class Next:
    """The machine to save, what to do once it is, and when to be woken at the latest.

    `soon` is a moment for which the queue wakes; for the others the watch is early enough.
    """

    part: Transcribing
    step: Look | Operation | None = None
    wake: Ms | None = None
    soon: Ms | None = None


def next_step(part: Transcribing, around: Looking) -> Next:
    """Say what is to be done next."""
    now = around.now
    if not around.connected:
        return Next(part)
    if part.look_at is not None and is_due(part.look_at, now):
        return _looking(replace(part, look_at=None), now)
    if part.out is not None:
        return _awaiting(part, part.out, now)
    kind = _operation(part, around)
    if kind is None:
        return Next(part, wake=part.look_at, soon=part.look_at)
    if part.next_at is not None and not is_due(part.next_at, now):
        due = _earlier(part.next_at, part.look_at)
        return Next(part, wake=due, soon=due)
    wish = around.wish.language
    language = part.good if kind is OperationKind.START and part.fallback and part.good else wish
    operation = Operation(kind, part.number + 1, language, now)
    claimed = replace(part, number=operation.number, out=operation)
    return Next(claimed, operation, later(now, CONFIRM))


def _awaiting(part: Transcribing, out: Operation, now: Ms) -> Next:
    if not is_old(out, now):
        overdue = later(now if out.asked is None else out.asked, CONFIRM)
        # Where nobody answered, no callback may come.
        return Next(part, wake=overdue, soon=overdue if out.unknown else None)
    if out.looked is not None and part.look_at is not None:
        return Next(part, wake=part.look_at, soon=part.look_at)
    return _looking(part, now)


def _looking(part: Transcribing, now: Ms) -> Next:
    """Ask ACS; where it does not answer, or the worker dies, the call is woken a little later."""
    return Next(part, Look(part.number), later(now, CONFIRM))


def _operation(part: Transcribing, around: Looking) -> OperationKind | None:
    wish, runs = around.wish, part.runs
    if not wish.on:
        return OperationKind.STOP if runs else None
    if runs is None:
        return OperationKind.START
    if runs.language == wish.language or part.blocked == wish.revision:
        return None
    # ACS refuses to update the transcription of a call that was joined (405/8520).
    return OperationKind.UPDATE if around.may_update else OperationKind.STOP


def _earlier(one: Ms | None, other: Ms | None) -> Ms | None:
    return min((each for each in (one, other) if each is not None), default=None)
