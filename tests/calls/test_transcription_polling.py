"""What ACS says when it is polled, as the table in docs/architecture.md has it."""

from dataclasses import replace

import pytest

from callscribe.calls.transcription import NOT_RUNNING
from tests.calls.deciding import NOW, after, out
from tests.calls.transcribing import (
    CUSTOM,
    NOT_DONE,
    NOTHING,
    OFF,
    ON,
    ON_GERMAN,
    RUNS,
    START,
    STARTS,
    STOPS,
    UPDATE,
    UPDATES,
    WHY,
    Row,
    begun,
    old,
    running,
    silent,
    try_,
    unknown,
)
from tests.fakes.wishes import ENGLISH, GERMAN

TABLE = [
    Row(
        "polled runs, though another language is wanted: what hinders that still does",
        replace(RUNS, reason=WHY),
        lambda p: running(p, "en-US", 3, ON_GERMAN),
        {},
    ),
    Row(
        "polled runs, though nothing is wanted: what hinders that still does",
        replace(RUNS, reason=WHY),
        lambda p: running(p, "en-US", 3, OFF),
        {},
    ),
    Row(
        "polled runs as wanted",
        replace(RUNS, reason=WHY),
        lambda p: running(p, "en-US", 3, ON),
        {"reason": None},
    ),
    Row(
        "polled no, a stop that was refused before",
        replace(old(STOPS), reason=WHY),
        lambda p: silent(p, 4, OFF),
        {"runs": None, "out": None, "floor": 4, "next_at": NOW, "reason": None},
    ),
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
