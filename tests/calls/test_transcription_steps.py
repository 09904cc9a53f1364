"""What is to be done next about a call's transcription, in the order of the rules."""

from dataclasses import replace

import pytest

from callscribe.calls.transcription import (
    LONGEST_WAIT,
    Looking,
    Operation,
    OperationKind,
    Running,
    Transcribing,
    at_setup,
    is_due,
)
from callscribe.calls.transcription_steps import Look, Next, next_step
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.moments import Ms
from tests.calls.deciding import NOW, after, out
from tests.fakes.wishes import ENGLISH, GERMAN

START, UPDATE, STOP = OperationKind.START, OperationKind.UPDATE, OperationKind.STOP
RUNS = Transcribing(runs=Running(ENGLISH, after(-10), by=3), number=3, good=ENGLISH)
NOTHING = Transcribing(number=3, floor=1)


def around(
    *,
    on: bool = True,
    language: Language = ENGLISH,
    connected: bool = True,
    may_update: bool = True,
) -> Looking:
    wish = Wish(on=on, language=language, at=NOW, revision=2)
    return Looking("call", wish, NOW, connected, may_update)


ON, OFF, ON_GERMAN = around(), around(on=False), around(language=GERMAN)


def claimed(part: Transcribing, kind: OperationKind, language: Language = ENGLISH) -> Next:
    """Return what is to be done where an operation is due: it is saved, then asked for."""
    operation = Operation(kind, part.number + 1, language, NOW)
    return Next(replace(part, number=operation.number, out=operation), operation, after(10))


@pytest.mark.parametrize("part", [NOTHING, replace(RUNS, look_at=NOW), at_setup(ENGLISH)])
def test_nothing_is_done_before_the_call_is_connected(part: Transcribing) -> None:
    assert next_step(part, around(connected=False)) == Next(part)


@pytest.mark.parametrize("at", [NOW, after(-1), after(331)])
def test_a_look_that_is_due_comes_first(at: Ms) -> None:
    part = replace(NOTHING, look_at=at, out=out(START, 3))
    assert next_step(part, ON) == Next(replace(part, look_at=None), Look(3), after(10))


def test_a_young_operation_is_waited_for() -> None:
    part = replace(NOTHING, out=out(START, 3, ago=4))
    assert next_step(part, ON) == Next(part, wake=after(6))


def test_one_that_nobody_answered_is_looked_for_as_soon_as_its_time_is_over() -> None:
    """No callback may come: the watch alone could be 15 seconds later."""
    part = Transcribing(number=1, out=out(ago=4, unknown=True))
    assert next_step(part, ON) == Next(part, wake=after(6), soon=after(6))


def test_setup_is_waited_for_from_now_on() -> None:
    part = at_setup(ENGLISH)
    assert next_step(part, ON) == Next(part, wake=after(10))


@pytest.mark.parametrize("ago", [10, 3_600, -1])
def test_an_older_operation_is_asked_for(ago: float) -> None:
    """And once more where ACS does not answer. Asked in the future it was by another clock."""
    part = replace(NOTHING, out=out(START, 3, ago=ago))
    assert next_step(part, ON) == Next(part, Look(3), after(10))


def test_a_second_look_is_waited_for() -> None:
    part = replace(NOTHING, out=out(START, 3, ago=12, looked=after(-2)), look_at=after(8))
    assert next_step(part, ON) == Next(part, wake=after(8), soon=after(8))


def test_what_runs_and_is_not_wanted_is_stopped() -> None:
    assert next_step(RUNS, OFF) == claimed(RUNS, STOP)


def test_what_neither_runs_nor_is_wanted_is_left_alone() -> None:
    assert next_step(NOTHING, OFF) == Next(NOTHING)


def test_what_is_wanted_and_does_not_run_is_started() -> None:
    assert next_step(NOTHING, ON_GERMAN) == claimed(NOTHING, START, GERMAN)


def test_the_language_that_was_good_is_started_where_people_must_mend_the_other() -> None:
    part = replace(NOTHING, good=ENGLISH, blocked=2, fallback=True)
    assert next_step(part, ON_GERMAN) == claimed(part, START, ENGLISH)


def test_what_people_must_mend_is_tried_again_where_nothing_else_was_good() -> None:
    part = replace(NOTHING, blocked=2)
    assert next_step(part, ON_GERMAN) == claimed(part, START, GERMAN)


def test_another_language_is_an_update() -> None:
    assert next_step(RUNS, ON_GERMAN) == claimed(RUNS, UPDATE, GERMAN)


def test_another_model_is_an_update() -> None:
    custom = Language("en-US", "model")
    assert next_step(RUNS, around(language=custom)) == claimed(RUNS, UPDATE, custom)


def test_another_language_on_a_joined_call_is_a_stop_and_then_a_start() -> None:
    joined = around(language=GERMAN, may_update=False)
    assert next_step(RUNS, joined) == claimed(RUNS, STOP, GERMAN)
    assert next_step(NOTHING, joined) == claimed(NOTHING, START, GERMAN)


def test_another_language_that_was_refused_is_not_asked_for_again() -> None:
    part = replace(RUNS, blocked=2, fallback=True)
    assert next_step(part, ON_GERMAN) == Next(part)


def test_what_was_refused_in_an_earlier_revision_is_asked_for() -> None:
    part = replace(RUNS, blocked=1)
    assert next_step(part, ON_GERMAN) == claimed(part, UPDATE, GERMAN)


def test_what_runs_as_wanted_is_left_alone() -> None:
    part = replace(RUNS, look_at=after(2), next_at=after(-1))
    assert next_step(part, ON) == Next(part, wake=after(2), soon=after(2))


@pytest.mark.parametrize(("look_at", "due"), [(None, 5), (after(2), 2), (after(8), 5)])
def test_the_next_try_is_waited_for(look_at: Ms | None, due: float) -> None:
    part = replace(NOTHING, next_at=after(5), look_at=look_at)
    assert next_step(part, ON) == Next(part, wake=after(due), soon=after(due))


@pytest.mark.parametrize("at", [NOW, after(-100), after(331)])
def test_a_try_that_is_due_is_made(at: Ms) -> None:
    part = replace(NOTHING, next_at=at)
    assert next_step(part, ON) == claimed(part, START)


def test_a_moment_has_come_once_it_is_past_or_further_ahead_than_any_wait() -> None:
    assert is_due(NOW, NOW)
    assert not is_due(after(0.001), NOW)
    assert not is_due(after(LONGEST_WAIT), NOW)
    assert is_due(after(LONGEST_WAIT + 0.001), NOW)
