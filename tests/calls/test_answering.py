"""An incoming call is answered once, whatever is delivered twice, lost, late or refused."""

import asyncio

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import ConflictError
from callscribe.options import deployment_of
from tests.fakes.settings import settings
from tests.fakes.wire import incoming
from tests.fakes.world import CALL_ID, CALLEE, CONNECTION, LOST, World, outcome


async def test_answers_and_saves_what_acs_tells(world: World) -> None:
    await world.deliver(incoming())
    call = world.call
    assert (call.state, call.connection_id) == (State.CONNECTING, CONNECTION)
    assert (call.server_call_id, call.correlation_id) == ("server", "correlation")
    assert call.answered_at == world.clock.now()
    [picked] = world.telephony.answers
    assert picked.context == "context"
    assert CALL_ID in picked.stream_url


async def test_writes_the_event_to_the_timeline_without_its_context(world: World) -> None:
    await world.deliver(incoming())
    [row] = world.transcripts.of_kind(CALL_ID, "e")
    assert row == {
        "Type": "IncomingCall",
        "Time": "2026-11-22T18:54:03.000Z",
        "EventId": "event-1",
        "ReceivedAt": "2026-11-22T18:54:03.000Z",
    }


async def test_what_is_wanted_at_first_is_the_first_revision(world: World) -> None:
    await world.deliver(incoming())
    [row] = world.transcripts.of_kind(CALL_ID, "w")
    assert row == {
        "Revision": 1,
        "On": True,
        "Why": "asked",
        "Locale": "en-US",
        "From": "2026-11-22T18:54:03.000Z",
        "By": "setting",
    }


async def test_a_call_says_whose_it_is(world: World) -> None:
    await world.deliver(incoming())
    assert world.call.deployment == deployment_of(world.settings)
    assert len(str(world.call.deployment)) == 16


async def test_the_context_is_nowhere_in_what_is_stored(world: World) -> None:
    await world.deliver(incoming(context="bearer-like"))
    assert "bearer-like" not in repr((world.call, world.transcripts.calls))


async def test_answers_although_the_timeline_cannot_be_written(world: World) -> None:
    world.transcripts.fail("put", LOST)
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING


@pytest.mark.parametrize(
    ("start", "caller", "transcribing"),
    [
        ("setup", "4:+14255550123", True),
        ("setup", "8:acs:user", False),
        ("connected", "4:+1", False),
    ],
)
async def test_transcribes_from_the_answer_on_where_that_works(
    start: str, caller: str, *, transcribing: bool
) -> None:
    world = World(settings=settings(TRANSCRIPTION_START=start))
    await world.deliver(incoming(caller=caller))
    [picked] = world.telephony.answers
    assert picked.transcribing is transcribing


async def test_a_second_delivery_is_acknowledged_without_asking_acs(world: World) -> None:
    await world.deliver(incoming())
    await world.deliver(incoming())
    assert world.telephony.count("answer") == 1


@pytest.mark.parametrize("state", [State.CONNECTED, State.ENDED, State.MISSED, State.FAILED])
async def test_a_call_past_answering_is_acknowledged(world: World, state: State) -> None:
    before = world.given(state=state)
    await world.deliver(incoming())
    assert world.call == before
    assert world.telephony.log == []


@pytest.mark.parametrize("late", [26, 3_600])
async def test_an_event_that_comes_too_late_is_a_missed_call(world: World, late: int) -> None:
    """Only ACS knows that it rings no more: the event's time is another clock's."""
    await world.passing(late)
    world.telephony.expired.add("context")
    await world.deliver(incoming())
    assert world.call.state is State.MISSED
    assert world.transcripts.keys(CALL_ID, "e")


@pytest.mark.parametrize("ahead", [-3_600, -40, -10, 10, 40, 3_600])
async def test_a_clock_that_is_wrong_costs_no_call(world: World, ahead: int) -> None:
    world.clock.jump(ahead)
    world.telephony.hang("answer", 20)
    delivery = asyncio.create_task(world.deliver(incoming()))
    for _ in range(2):
        await world.passing(15)
        await world.watch.reconcile()
        assert not world.call.terminal
    await delivery
    assert world.call.state is State.CONNECTING
    assert len(world.telephony.answers) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_the_outcome_is_saved_although_storage_fails_for_a_while(
    world: World, *, after: bool
) -> None:
    world.calls.fail("save", LOST, times=5, after=after)
    await world.deliver(incoming())
    assert (world.call.state, world.call.connection_id) == (State.CONNECTING, CONNECTION)


async def test_an_outcome_that_cannot_be_saved_asks_for_another_delivery(world: World) -> None:
    world.calls.fail("save", LOST, times=1_000)
    assert await outcome(world.deliver(incoming())) is not None
    world.calls.heal()
    await world.passing(8)
    await world.deliver(incoming())
    assert len(world.telephony.answers) == 1


async def test_an_outcome_is_decided_again_when_a_callback_was_faster(world: World) -> None:
    world.telephony.hang("answer", 1)
    delivery = asyncio.create_task(world.deliver(incoming()))
    await world.passing(0.5)
    await world.follow(world.event("CallConnected"))
    await delivery
    assert (world.call.state, world.call.connection_id) == (State.CONNECTED, CONNECTION)


async def test_gives_up_on_conflicts_after_five_tries_and_asks_for_another_delivery(
    world: World,
) -> None:
    world.calls.fail("save", ConflictError("changed"), times=5)
    assert isinstance(await outcome(world.deliver(incoming())), ConflictError)


@pytest.mark.parametrize("numbers", ["+18005550199", "+14255550100,4:+18005550199"])
async def test_a_number_on_the_list_is_answered(numbers: str) -> None:
    world = World(settings=settings(ANSWER_NUMBERS=numbers))
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING


@pytest.mark.parametrize("callee", [CALLEE, "unknown"])
async def test_a_number_that_is_not_ours_is_ignored(callee: str) -> None:
    world = World(settings=settings(ANSWER_NUMBERS="+18005550100"))
    await world.deliver(incoming(callee=callee))
    assert world.calls.saved == {}
    assert world.telephony.log == []
