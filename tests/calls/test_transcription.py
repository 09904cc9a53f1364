"""What each event says of a call's transcription, as the table in docs/architecture.md has it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from callscribe.calls.results import Advice, Reason
from callscribe.calls.transcription import (
    NOT_RUNNING,
    Failure,
    Looking,
    OperationKind,
    Running,
    Transcribing,
    at_setup,
    closed,
    connected,
    delay,
    failed,
    opened,
    polled,
    replied,
    started,
    stopped,
    updated,
    wanted,
)
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.moments import Seconds
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


TABLE = [
    Row(
        "connected, setup is out",
        at_setup(ENGLISH),
        lambda p: connected(p, NOW),
        {
            "out": out(START, 1, ago=0),
        },
    ),
    Row("connected, another operation is out", STARTS, lambda p: connected(p, NOW), {}),
    Row("connected, nothing is out", RUNS, lambda p: connected(p, NOW), {}),
    Row(
        "wanted anew",
        replace(NOTHING, tries=5, next_at=after(300), blocked=2, fallback=True, reason=WHY),
        lambda p: wanted(p, NOW),
        {"tries": 0, "next_at": NOW, "blocked": 0, "fallback": False, "reason": None},
    ),
    Row(
        "reply unknown, of what is out",
        STARTS,
        lambda p: replied(p, 4, None, ON),
        {
            "out": out(START, 4, unknown=True),
        },
    ),
    Row("reply unknown, of another", STARTS, lambda p: replied(p, 3, None, ON), {}),
    Row("reply, nothing is out", RUNS, lambda p: replied(p, 3, RETRY, ON), {}),
    Row("reply of history", replace(STARTS, floor=4), lambda p: replied(p, 4, RETRY, ON), {}),
    Row(
        "start refused, may pass",
        STARTS,
        lambda p: replied(p, 4, RETRY, ON),
        {
            "out": None,
            "reason": WHY,
            **try_(1),
        },
    ),
    Row(
        "start refused, for people",
        STARTS,
        lambda p: replied(p, 4, FIX, ON),
        {
            "out": None,
            "reason": WHY,
            "blocked": 2,
            **try_(1, 300),
        },
    ),
    Row(
        "start refused, for people, another language was good",
        replace(STARTS, good=GERMAN),
        lambda p: replied(p, 4, FIX, ON),
        {"out": None, "reason": WHY, "blocked": 2, "fallback": True, **try_(1)},
    ),
    Row(
        "the language that was good is refused as well",
        replace(STARTS, good=GERMAN, fallback=True, blocked=2, out=out(START, 4, GERMAN)),
        lambda p: replied(p, 4, FIX, ON),
        {"out": None, "reason": WHY, "fallback": False, **try_(1, 300)},
    ),
    Row(
        "start refused, Retry-After",
        STARTS,
        lambda p: replied(p, 4, replace(RETRY, after=Seconds(60)), ON),
        {"out": None, "reason": WHY, **try_(1, 60)},
    ),
    Row(
        "start refused, a Retry-After of an hour is two minutes",
        STARTS,
        lambda p: replied(p, 4, replace(RETRY, after=Seconds(3_600)), ON),
        {"out": None, "reason": WHY, **try_(1, 120)},
    ),
    Row(
        "start refused, a Retry-After that is shorter than the pause",
        replace(STARTS, tries=5),
        lambda p: replied(p, 4, replace(RETRY, after=Seconds(1)), ON),
        {"out": None, "reason": WHY, **try_(6)},
    ),
    Row(
        "update refused, for people",
        UPDATES,
        lambda p: replied(p, 4, FIX, ON_GERMAN),
        {
            "out": None,
            "reason": WHY,
            "blocked": 2,
            "fallback": True,
            **try_(1),
        },
    ),
    Row(
        "stop refused, whatever the reason",
        STOPS,
        lambda p: replied(p, 4, FIX, OFF),
        {
            "out": None,
            "reason": WHY,
            "look_at": NOW,
            **try_(1),
        },
    ),
    Row(
        "started, of what is out",
        STARTS,
        lambda p: started(p, 4, None, NOW),
        {
            "out": None,
            **begun(ENGLISH, 4),
        },
    ),
    Row(
        "started, without a number",
        STARTS,
        lambda p: started(p, None, None, NOW),
        {
            "out": None,
            **begun(ENGLISH, 4),
        },
    ),
    Row(
        "started again, of what runs",
        replace(RUNS, runs=Running(CUSTOM, after(-10), 3), good=CUSTOM),
        lambda p: started(p, 3, "EN-us", NOW),
        {},
    ),
    Row(
        "started, in another language",
        STARTS,
        lambda p: started(p, 4, "de-DE", NOW),
        {
            "out": None,
            **begun(GERMAN, 4),
        },
    ),
    Row(
        "started, of an earlier start than what is out",
        replace(STARTS, number=5, out=out(START, 5), good=GERMAN),
        lambda p: started(p, 4, None, NOW),
        begun(GERMAN, 4),
    ),
    Row("started, older than what runs", RUNS, lambda p: started(p, 2, "de-DE", NOW), {}),
    Row("started, history", NOTHING, lambda p: started(p, 1, "de-DE", NOW), {}),
    Row(
        "started ends what was the matter",
        replace(STARTS, reason=WHY, tries=2),
        lambda p: started(p, 4, None, NOW),
        {"out": None, "reason": None, **begun(ENGLISH, 4)},
    ),
    Row(
        "started in the language that was good: the wanted one is still the matter",
        replace(STARTS, reason=WHY, good=ENGLISH, blocked=2, fallback=True),
        lambda p: started(p, 4, None, NOW),
        {"out": None, **begun(ENGLISH, 4)},
    ),
    Row(
        "started, in nobody knows which language",
        NOTHING,
        lambda p: started(p, 3, None, NOW),
        {
            "look_at": NOW,
        },
    ),
    Row(
        "updated, of what is out",
        UPDATES,
        lambda p: updated(p, 4, None, NOW),
        {
            "out": None,
            **begun(GERMAN, 3, before=True),
        },
    ),
    Row(
        "updated, without a number",
        UPDATES,
        lambda p: updated(p, None, None, NOW),
        {
            "out": None,
            **begun(GERMAN, 3, before=True),
        },
    ),
    Row(
        "updated, though nothing ran",
        NOTHING,
        lambda p: updated(p, 3, "de-DE", NOW),
        begun(GERMAN, 3),
    ),
    Row("updated, older than what runs", RUNS, lambda p: updated(p, 2, "de-DE", NOW), {}),
    Row(
        "updated, to nobody knows what",
        NOTHING,
        lambda p: updated(p, 3, None, NOW),
        {
            "look_at": NOW,
        },
    ),
    Row(
        "stream opened, a start is out",
        STARTS,
        lambda p: opened(p, NOW),
        {
            "out": None,
            **begun(ENGLISH, 4),
        },
    ),
    Row("stream opened, nothing runs", NOTHING, lambda p: opened(p, NOW), {"look_at": NOW}),
    Row("one more stream", RUNS, lambda p: opened(p, NOW), {}),
    Row("stream closed, of what runs", RUNS, lambda p: closed(p, NOW), {"look_at": after(3)}),
    Row("stream closed, nothing runs", NOTHING, lambda p: closed(p, NOW), {}),
    Row(
        "stopped, as was asked",
        replace(STOPS, tries=2),
        lambda p: stopped(p, 4, OFF),
        {
            "runs": None,
            "out": None,
            "floor": 4,
            "tries": 0,
            "next_at": NOW,
        },
    ),
    Row(
        "stopped, without a number",
        STOPS,
        lambda p: stopped(p, None, OFF),
        {
            "runs": None,
            "out": None,
            "floor": 4,
            "next_at": NOW,
        },
    ),
    Row(
        "stopped unasked",
        RUNS,
        lambda p: stopped(p, 3, ON),
        {
            "runs": None,
            "reason": UNASKED,
            **try_(1),
        },
    ),
    Row("stopped unasked, and not wanted", RUNS, lambda p: stopped(p, 3, OFF), {"runs": None}),
    Row(
        "stopped unasked, an update is out",
        UPDATES,
        lambda p: stopped(p, 3, ON),
        {
            "runs": None,
        },
    ),
    Row("stopped, older than what runs", RUNS, lambda p: stopped(p, 2, ON), {}),
    Row("stopped, history", STARTS, lambda p: stopped(p, 1, ON), {}),
    Row(
        "failed, the start that is out",
        STARTS,
        lambda p: failed(p, 4, RETRY, ON),
        {
            "out": None,
            "reason": WHY,
            **try_(1),
        },
    ),
    Row(
        "failed, without a number",
        STARTS,
        lambda p: failed(p, None, FIX, ON),
        {
            "out": None,
            "reason": WHY,
            "blocked": 2,
            **try_(1, 300),
        },
    ),
    Row(
        "failed, the start that is out beside what runs",
        replace(RUNS, number=4, out=out(START, 4)),
        lambda p: failed(p, 4, RETRY, ON),
        {"runs": None, "out": None, "reason": WHY, **try_(1)},
    ),
    Row(
        "failed, an update",
        UPDATES,
        lambda p: failed(p, 4, FIX, ON_GERMAN),
        {
            "out": None,
            "reason": WHY,
            "blocked": 2,
            "fallback": True,
            "look_at": NOW,
            **try_(1),
        },
    ),
    Row(
        "failed, a stop",
        STOPS,
        lambda p: failed(p, 4, FIX, OFF),
        {
            "out": None,
            "reason": WHY,
            "look_at": NOW,
            **try_(1),
        },
    ),
    Row(
        "failed, what runs",
        RUNS,
        lambda p: failed(p, 3, RETRY, ON),
        {
            "runs": None,
            "reason": WHY,
            **try_(1),
        },
    ),
    Row(
        "failed, what runs, without a number",
        RUNS,
        lambda p: failed(p, None, RETRY, ON),
        {
            "runs": None,
            "reason": WHY,
            **try_(1),
        },
    ),
    Row(
        "failed, what runs: it did run, so it is tried again",
        RUNS,
        lambda p: failed(p, 3, FIX, ON),
        {"runs": None, "reason": WHY, **try_(1)},
    ),
    Row("failed, older than what runs", RUNS, lambda p: failed(p, 2, FIX, ON), {}),
    Row("failed, nothing runs or is out", NOTHING, lambda p: failed(p, None, FIX, ON), {}),
    Row("failed, history", STARTS, lambda p: failed(p, 1, FIX, ON), {}),
    Row("polled before the last operation", old(STARTS), lambda p: silent(p, 3, ON), {}),
    Row("polled no, a start is young", STARTS, lambda p: silent(p, 4, ON), {}),
    Row("polled no, an update is young", UPDATES, lambda p: silent(p, 4, ON), {}),
    Row("polled runs, a stop is young", STOPS, lambda p: running(p, "en-US", 4, OFF), {}),
    Row(
        "polled runs, a start is young",
        STARTS,
        lambda p: running(p, "en-US", 4, ON),
        {
            "out": None,
            **begun(ENGLISH, 4),
        },
    ),
    Row("polled no, nothing known", NOTHING, lambda p: silent(p, 3, ON), {}),
    Row(
        "polled no, a start is old",
        old(STARTS),
        lambda p: silent(p, 4, ON),
        {
            "out": None,
            "reason": NOT_RUNNING.reason,
            **try_(1),
        },
    ),
    Row(
        "polled no, a start is old and not wanted",
        old(STARTS),
        lambda p: silent(p, 4, OFF),
        {"out": None},
    ),
    Row(
        "polled no, a start of which nobody knows whether it arrived",
        unknown(old(STARTS)),
        lambda p: silent(p, 4, ON),
        {"out": out(START, 4, ago=10, unknown=True, looked=NOW), "look_at": after(10)},
    ),
    Row(
        "polled no once more, too soon",
        unknown(old(STARTS), looked=after(-4)),
        lambda p: silent(p, 4, ON),
        {"look_at": after(6)},
    ),
    Row(
        "polled no once more",
        unknown(old(STARTS), looked=after(-10)),
        lambda p: silent(p, 4, ON),
        {"out": None, "reason": NOT_RUNNING.reason, **try_(1)},
    ),
    Row(
        "polled no once more, by a clock that was set back meanwhile",
        unknown(old(STARTS), looked=after(3_600)),
        lambda p: silent(p, 4, ON),
        {"out": None, "reason": NOT_RUNNING.reason, **try_(1)},
    ),
    Row(
        "polled no, what runs",
        replace(RUNS, look_at=NOW),
        lambda p: silent(p, 3, ON),
        {"runs": None, "look_at": None, "reason": NOT_RUNNING.reason, **try_(1)},
    ),
    Row(
        "polled no, what runs is not wanted",
        RUNS,
        lambda p: silent(p, 3, OFF),
        {
            "runs": None,
        },
    ),
    Row(
        "polled no, a stop",
        replace(old(STOPS), look_at=NOW),
        lambda p: silent(p, 4, OFF),
        {"runs": None, "out": None, "look_at": None, "floor": 4, "next_at": NOW},
    ),
    Row(
        "polled no, an update is old",
        old(UPDATES),
        lambda p: silent(p, 4, ON_GERMAN),
        {"runs": None, "out": None, "reason": NOT_RUNNING.reason, **try_(1)},
    ),
    Row(
        "polled runs, as known",
        replace(RUNS, look_at=NOW),
        lambda p: running(p, "en-us", 3, ON),
        {"look_at": None},
    ),
    Row("polled runs, without a locale", RUNS, lambda p: running(p, None, 3, ON), {}),
    Row(
        "polled runs, another language",
        RUNS,
        lambda p: running(p, "de-DE", 3, ON),
        {
            **begun(GERMAN, 3, before=True),
        },
    ),
    Row(
        "polled runs, nothing known",
        NOTHING,
        lambda p: running(p, None, 3, ON),
        {
            **begun(ENGLISH, 3),
        },
    ),
    Row(
        "polled runs, a model stays known",
        STARTS,
        lambda p: running(replace(p, out=out(START, 4, CUSTOM)), "en-US", 4, ON),
        {"out": None, **begun(CUSTOM, 4)},
    ),
    Row(
        "polled runs, though it was given up",
        replace(NOTHING, reason=WHY, blocked=2, **try_(1, 300)),
        lambda p: running(p, "en-US", 3, ON),
        {"reason": None, **begun(ENGLISH, 3)},
    ),
    Row(
        "polled runs, a stop is old",
        old(STOPS),
        lambda p: running(p, "en-US", 4, OFF),
        {
            "out": None,
            "reason": NOT_DONE,
            **try_(1),
        },
    ),
    Row(
        "polled runs, an update was not done",
        old(UPDATES),
        lambda p: running(p, "en-US", 4, ON_GERMAN),
        {"out": None, "reason": NOT_DONE, **try_(1)},
    ),
    Row(
        "polled runs, an update was done",
        old(UPDATES),
        lambda p: running(p, "de-DE", 4, ON_GERMAN),
        {"out": None, **begun(GERMAN, 3, before=True)},
    ),
    Row(
        "polled runs, an update to a model was done",
        replace(old(UPDATES), out=out(UPDATE, 4, CUSTOM, ago=10)),
        lambda p: running(p, "en-US", 4, ON),
        {"out": None, **begun(CUSTOM, 3, before=True)},
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_what_an_event_says(row: Row) -> None:
    assert row.event(row.before) == replace(row.before, **row.changes)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_transcription_at_setup_is_the_first_operation() -> None:
    assert at_setup(ENGLISH) == Transcribing(number=1, out=out(START, 1, ago=None))


@pytest.mark.parametrize(("ran", "tries"), [(60, 5), (60.001, 1)])
def test_what_ran_for_a_minute_is_tried_as_if_for_the_first_time(ran: float, tries: int) -> None:
    assert RUNS.runs
    part = replace(RUNS, tries=4, runs=replace(RUNS.runs, since=after(-ran)))
    assert failed(part, 3, RETRY, ON).tries == tries


def test_pauses_grow_to_25_seconds_and_the_first_two_are_spread_widely() -> None:
    longest = (4, 4, 4, 8, 16, 25, 25)
    for tries, most in enumerate(longest, start=1):
        found = [delay(f"call {number}", tries) for number in range(1_000)]
        least = 0.2 if tries <= 2 else 0.8
        assert least * most <= min(found) < (least + 0.02) * most
        assert 0.98 * most < max(found) <= most
    assert delay("call", 1_000) <= 25


def test_a_pause_is_the_same_however_often_it_is_decided_upon() -> None:
    assert delay("call", 3) == delay("call", 3) != delay("other", 3)
