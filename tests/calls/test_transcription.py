"""What each event says of a call's transcription, as the table in docs/architecture.md has it."""

from dataclasses import replace

import pytest

from callscribe.calls.transcription import (
    Running,
    Transcribing,
    at_setup,
    closed,
    connected,
    failed,
    opened,
    replied,
    started,
    stopped,
    updated,
    wanted,
)
from callscribe.foundation.moments import Seconds
from tests.calls.deciding import NOW, after, out
from tests.calls.transcribing import (
    CUSTOM,
    FIX,
    NOTHING,
    OFF,
    ON,
    ON_GERMAN,
    RETRY,
    RUNS,
    START,
    STARTS,
    STOPS,
    UNASKED,
    UPDATES,
    WHY,
    Row,
    begun,
    try_,
)
from tests.fakes.wishes import ENGLISH, GERMAN

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
        "stopped unasked, without a number",
        RUNS,
        lambda p: stopped(p, None, ON),
        {"runs": None, "reason": UNASKED, **try_(1)},
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
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_what_an_event_says(row: Row) -> None:
    assert row.event(row.before) == replace(row.before, **row.changes)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_transcription_at_setup_is_the_first_operation() -> None:
    assert at_setup(ENGLISH) == Transcribing(number=1, out=out(START, 1, ago=None))
