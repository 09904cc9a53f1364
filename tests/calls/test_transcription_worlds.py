"""Whatever goes wrong, transcription is as wanted soon after; `make storms` plays many more.

A seed that fails is played again by `python -m tests.calls.storms`, or `play(seed)`.
"""

import pytest

from callscribe.calls.transcription import delay
from tests.calls import storms
from tests.calls.storm import LANGUAGES, REFUSED_LANGUAGE, Storm, Weather

WORLDS = 1_000
OUTAGES = 400


@pytest.mark.parametrize("first", range(0, WORLDS, 100))
def test_a_call_in_bad_weather_is_as_wanted_soon_after_it(first: int) -> None:
    faults = {each.seed: each.faults for each in storms.seeds(first, 100) if each.faults}
    assert faults == {}


@pytest.fixture(scope="module")
def outages() -> list[tuple[float, Storm, float]]:
    """Play 400 outages of the streams' door, of 5 to 600 s each."""
    return [storms.outage(seed) for seed in range(OUTAGES)]


def test_after_an_outage_transcription_runs_again_within_35_seconds(
    outages: list[tuple[float, Storm, float]],
) -> None:
    late = {storm.seed: back for back, storm, _ in outages if back > storms.BACK_WITHIN}
    assert late == {}


def test_during_an_outage_acs_is_asked_seldom(
    outages: list[tuple[float, Storm, float]],
) -> None:
    for _, storm, shut in outages:
        starts = [at for at, _ in storm.starts]
        later_on = [at for at in starts if at > shut + storms.MINUTE]
        assert storms.most_in_a_minute(starts) <= storms.MOST_STARTS, storm.seed
        assert storms.most_in_a_minute(later_on) <= storms.MOST_LATER, storm.seed
        assert storm.beside == [], storm.seed


def test_a_loss_that_nobody_tells_is_found_long_after_an_outage() -> None:
    storm = Storm(3, Weather(shut=(20, 200)), joined=False, setup=True)
    storm.plan(20, storm.cut)
    storm.plan(400, storm.lose)
    storm.pass_until(400)
    assert storm.runs is None
    storm.pass_until(400 + storms.BACK_WITHIN + 10)
    assert storm.as_wanted


def test_a_thousand_calls_that_are_cut_at_once_start_again_over_three_seconds() -> None:
    pauses = sorted(delay(f"call {number}", 1) for number in range(1_000))
    assert pauses[-1] - pauses[0] > 3
    in_a_second = (sum(at <= each < at + 1 for each in pauses) for at in pauses)
    assert max(in_a_second) < 400


@pytest.mark.parametrize("joined", [False, True])
def test_a_language_that_is_refused_leaves_the_one_that_ran(*, joined: bool) -> None:
    storm = Storm(5, Weather(), joined=joined, setup=False)
    storm.plan(20, lambda: storm.want(locale=REFUSED_LANGUAGE))
    storm.plan(60, storm.cut)
    storm.pass_until(120)
    assert storm.runs == LANGUAGES[0]
    assert storm.call.problem is not None
    storm.want(locale="de-DE")
    storm.pass_until(150)
    assert storm.runs == "de-DE"
    assert storm.call.problem is None


def test_what_is_stopped_while_it_starts_does_not_run() -> None:
    storm = Storm(5, Weather(), joined=False, setup=False)
    storm.plan(1.2, lambda: storm.want(on=False))
    storm.pass_until(60)
    assert storm.runs is None
    assert len(storm.starts) == 1
