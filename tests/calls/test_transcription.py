from dataclasses import replace

import pytest

from callscribe.calls.call import Call, Direction, Reason, State, Transcription
from callscribe.calls.events import Effect, EffectKind
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.transcription import (
    CLOCKS_APART,
    SETTLED,
    given_up,
    just_asked,
    outdated,
    start_again,
    started,
    starting,
    stopped,
    wanted,
)
from callscribe.foundation.moments import Ms, Seconds, later
from tests.calls.deciding import MOST_ATTEMPTS
from tests.fakes.clock import START

NOW = START
CALL = Call("id", Direction.INBOUND, State.CONNECTED, UNKNOWN, UNKNOWN, Ms(NOW - 300_000))
WHY = Reason("Transcription stopped unasked.")


def call(transcription: Transcription, attempts: int = 1, at: Ms | None = NOW) -> Call:
    return replace(
        CALL,
        transcription=transcription,
        transcription_attempts=attempts,
        transcription_at=at,
    )


@pytest.mark.parametrize("transcription", Transcription)
def test_transcription_is_wanted_while_it_starts_or_runs(transcription: Transcription) -> None:
    expected = transcription in {Transcription.STARTING, Transcription.ACTIVE}
    assert wanted(call(transcription)) == expected
    assert not wanted(replace(call(transcription), state=State.ENDED))


def test_the_intent_to_start_says_when_and_how_often() -> None:
    intent = starting(CALL, 3, Ms(NOW + 1000))
    assert intent == call(Transcription.STARTING, 3, Ms(NOW + 1000))


def test_it_runs_where_that_was_asked_for() -> None:
    assert started(call(Transcription.STARTING), Ms(NOW + 9)) == call(
        Transcription.ACTIVE, at=Ms(NOW + 9)
    )


@pytest.mark.parametrize("transcription", sorted(set(Transcription) - {Transcription.STARTING}))
def test_a_start_that_nobody_waits_for_changes_nothing(transcription: Transcription) -> None:
    assert started(call(transcription), Ms(NOW + 9)) == call(transcription)


def test_a_start_after_the_end_changes_nothing() -> None:
    over = replace(call(Transcription.STARTING), state=State.ENDED)
    assert started(over, Ms(NOW + 9)) == over


def test_how_it_ends() -> None:
    active = call(Transcription.ACTIVE)
    assert stopped(active, Ms(NOW + 9)) == call(Transcription.STOPPED, at=Ms(NOW + 9))
    failed = replace(call(Transcription.FAILED, at=Ms(NOW + 9)), reason=WHY)
    assert given_up(active, WHY, Ms(NOW + 9)) == failed


@pytest.mark.parametrize(("attempts", "delay"), [(1, 1), (2, 2), (3, 4), (4, 8)])
def test_each_attempt_waits_twice_as_long(attempts: int, delay: Seconds) -> None:
    decision = start_again(call(Transcription.ACTIVE, attempts), WHY, NOW)
    assert decision.call == call(Transcription.STARTING, attempts + 1, later(NOW, delay))
    assert decision.effects == (Effect(EffectKind.START_LATER, delay),)


def test_who_has_waited_long_enough_starts_at_once() -> None:
    decision = start_again(
        call(Transcription.STARTING, 3, Ms(NOW - 30_000)), WHY, NOW, at_once=True
    )
    assert decision.call == call(Transcription.STARTING, 4, NOW)
    assert decision.effects == (Effect(EffectKind.START),)


def test_after_the_last_attempt_it_has_failed() -> None:
    decision = start_again(call(Transcription.STARTING, MOST_ATTEMPTS), WHY, NOW)
    assert decision.call == given_up(call(Transcription.STARTING, MOST_ATTEMPTS), WHY, NOW)
    assert decision.effects == ()


def test_one_that_ran_for_long_has_all_its_attempts_again() -> None:
    since = later(NOW, Seconds(-SETTLED))
    settled = call(Transcription.ACTIVE, MOST_ATTEMPTS, since)
    unsettled = call(Transcription.ACTIVE, MOST_ATTEMPTS, Ms(since + 1))
    waiting = call(Transcription.STARTING, MOST_ATTEMPTS, since)
    assert start_again(settled, WHY, NOW).call.transcription_attempts == 2
    assert start_again(unsettled, WHY, NOW).call.transcription is Transcription.FAILED
    assert start_again(waiting, WHY, NOW).call.transcription is Transcription.FAILED


def test_what_is_not_wanted_is_not_started_again() -> None:
    decision = start_again(call(Transcription.STOPPING), WHY, NOW)
    assert (decision.call, decision.effects) == (call(Transcription.STOPPING), ())


def test_what_happened_before_the_present_attempt_is_outdated() -> None:
    second = call(Transcription.STARTING, 2, NOW)
    earliest = later(NOW, Seconds(-CLOCKS_APART))
    assert outdated(second, Ms(earliest - 1))
    assert not outdated(second, earliest)


def test_before_the_first_attempt_nothing_can_be_outdated() -> None:
    assert not outdated(call(Transcription.STARTING, 1, NOW), Ms(0))
    assert not outdated(call(Transcription.STARTING, 2, None), Ms(0))


def test_an_attempt_to_come_or_just_made_cannot_have_been_missed() -> None:
    assert just_asked(call(Transcription.STARTING, 1, Ms(NOW + 1000)), NOW)
    assert just_asked(call(Transcription.STARTING, 1, NOW), NOW)
    assert not just_asked(call(Transcription.STARTING, 1, later(NOW, Seconds(-CLOCKS_APART))), NOW)
    assert not just_asked(call(Transcription.STARTING, 1, None), NOW)
