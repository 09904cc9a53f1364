"""Rows of the table of a call's transcription, and what they begin and end with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from callscribe.calls.result_table import Advice
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    Failure,
    Looking,
    OperationKind,
    Running,
    Transcribing,
    delay,
    polled,
)
from callscribe.calls.wish import Language, Wish
from tests.calls.deciding import NOW, after, out
from tests.fakes.wishes import ENGLISH, GERMAN

START, UPDATE, STOP = OperationKind.START, OperationKind.UPDATE, OperationKind.STOP
CUSTOM = Language("en-US", "model")
WHY = Reason("why", 500, 8578, "remedy")
RETRY = Failure(WHY)
FIX = Failure(WHY, Advice.FIX)
UNASKED = Reason("Transcription stopped unasked.")
NOT_DONE = Reason("ACS did not do what it was asked.")

# English was started by operation 3, ten seconds ago.
RUNS = Transcribing(runs=Running(ENGLISH, after(-10), by=3), number=3, floor=1, good=ENGLISH)
NOTHING = Transcribing(number=3, floor=1)
STARTS = replace(NOTHING, number=4, out=out(START, 4))
UPDATES = replace(RUNS, number=4, out=out(UPDATE, 4, GERMAN))
STOPS = replace(RUNS, number=4, out=out(STOP, 4))


def around(*, on: bool = True, language: Language = ENGLISH, revision: int = 2) -> Looking:
    """Return what is wanted, of a call that is connected."""
    wish = Wish(on=on, language=language, at=NOW, revision=revision)
    return Looking("call", wish, NOW, connected=True)


ON, OFF, ON_GERMAN = around(), around(on=False), around(language=GERMAN)


def try_(number: int, pause: float | None = None) -> dict[str, Any]:
    """Return what a failure leaves: how often it was tried, and when it is tried again."""
    return {"tries": number, "next_at": after(pause or delay("call", number))}


@dataclass(frozen=True)
class Row:
    """A row of the table: what was known, what happens, and what that changes."""

    name: str
    before: Transcribing
    event: Callable[[Transcribing], Transcribing]
    changes: dict[str, Any]


def old(part: Transcribing) -> Transcribing:
    """Return the part with an operation that was asked for ten seconds ago."""
    assert part.out is not None
    return replace(part, out=replace(part.out, asked=after(-10)))


def unknown(part: Transcribing, **changes: Any) -> Transcribing:
    """Return the part with an operation of which nobody knows whether ACS took it."""
    assert part.out is not None
    return replace(part, out=replace(part.out, unknown=True, **changes))


def silent(part: Transcribing, asked_after: int, around: Looking) -> Transcribing:
    """Have ACS say that nothing runs."""
    return polled(part, None, asked_after, around, running=False)


def running(
    part: Transcribing, locale: str | None, asked_after: int, around: Looking
) -> Transcribing:
    """Have ACS say what runs."""
    return polled(part, locale, asked_after, around, running=True)


def begun(language: Language, by: int, *, before: bool = False) -> dict[str, Any]:
    since = after(-10) if before else NOW
    return {"runs": Running(language, since, by), "good": language}
