"""However a share of ACS's replies fails, a call is brought about once, ends, and hides no loss.

`make storms` plays more of them; a seed that fails is played again by `played(seed)`.
"""

import asyncio
import json
from collections import Counter

import pytest

from callscribe.calls.call import EndedBy, State
from callscribe.calls.line import SIGN_OF_LIFE
from callscribe.calls.placing import PLACING
from callscribe.calls.results import Reason
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.moments import Seconds, iso
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.world import World
from tests.outages.promises import Played
from tests.outages.seeded import KINDS, NUMBER, SETTINGS, played
from tests.outages.town import TIMER
from tests.outages.weather import KINDS as FAILURES
from tests.outages.weather import NOT_DONE, OPERATIONS, SHARE, Phone, Weather, Weathered

CALLS = 200
PLACE = json.dumps({"to": NUMBER}).encode()


@pytest.fixture(scope="module")
def calls() -> list[Played]:
    """Play the calls."""
    return [played(seed) for seed in range(CALLS)]


def test_each_call_is_as_promised(calls: list[Played]) -> None:
    """Brought about at most once, transcribed once at a time and as wanted, over, reported on."""
    assert {each.seed: each.faults for each in calls if each.faults} == {}


def test_each_kind_of_request_failed_in_each_way(calls: list[Played]) -> None:
    struck: Counter[tuple[str, str]] = Counter()
    for each in calls:
        struck += each.town.weather.struck
    assert struck.keys() == {(asked, how) for asked in OPERATIONS for how in FAILURES}
    asked = sum(each.town.weather.asked.total() for each in calls)
    assert abs(struck.total() / asked - SHARE) < 0.03


def test_calls_of_each_kind_came_about_and_failed(calls: list[Played]) -> None:
    came = Counter((each.kind, each.town.brought.total()) for each in calls)
    assert all(came[kind, 1] > CALLS / 4 for kind in KINDS)
    states = Counter(each.call.state for each in calls)
    assert states.keys() == {State.ENDED, State.UNANSWERED, State.FAILED, State.MISSED}
    assert states[State.ENDED] > CALLS / 2


def test_a_call_that_fails_says_why_and_only_acs_kept_it_from_coming_about(
    calls: list[Played],
) -> None:
    failed = [each for each in calls if each.call.state is State.FAILED]
    assert all(each.call.reason for each in failed)
    never = [each for each in failed if not each.town.brought]
    assert all(each.town.phone.does == "invalid" for each in never)


@pytest.mark.parametrize("seed", range(0, 3 * len(NOT_DONE), 3))
async def test_a_call_of_which_acs_never_heard_fails_and_is_dialled_by_nobody(seed: int) -> None:
    """It may have heard of it for all that we know: so long a sign of the call is waited for."""
    world = World(settings=settings(**SETTINGS))
    town = Weathered(world, Weather(seed, share=1, kinds=NOT_DONE), Phone())
    town.spawn(town.run_timer())
    town.spawn(town.run_queue())
    placed = await world.placing.place(PLACE, None, "oid", Deadline.after(Seconds(30)))
    assert town.now <= PLACING
    assert placed.call.state is State.DIALING
    await asyncio.sleep(SIGN_OF_LIFE + TIMER)
    call = world.calls.call(placed.call.id)
    assert (call.state, call.ended_by) == (State.FAILED, EndedBy.INFERRED)
    assert call.reason == Reason("ACS gave no sign of the call.")
    assert not town.brought
    assert call.id not in world.calls.rows
    await town.close()


def test_one_seed_says_all_of_a_call(calls: list[Played]) -> None:
    again, before = played(7), calls[7]
    assert again.town.weather == before.town.weather
    assert list(again.town.sentences.values()) == list(before.town.sentences.values())
    assert (again.wanted, again.back) == (before.wanted, before.back)


def test_a_loss_that_is_hidden_would_be_noticed() -> None:
    one = played(1)
    rows = one.town.world.transcripts.calls[one.call.id]
    for key in [key for key in rows if key.startswith("g-")]:
        del rows[key]
    assert {fault.partition(":")[0] for fault in one.faults} == {"lost and not reported"}


def test_a_loss_that_never_was_would_be_noticed() -> None:
    one = played(1)
    rows = one.town.world.transcripts.calls[one.call.id]
    rows["g-made up"] = {"From": iso(START), "Seconds": 150.0, "Kind": "lost"}
    assert {fault.partition(":")[0] for fault in one.faults} == {
        "reported as lost",
        "a gap in which a stream was open",
    }
