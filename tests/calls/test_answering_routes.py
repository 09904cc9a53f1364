"""Calls are answered as their routes say, and go by them until they end."""

import json
from typing import Any

import pytest

from callscribe.calls.call import EndedBy, State
from callscribe.calls.route import EVERYBODY, Action, route_in
from callscribe.foundation.errors import StorageRefusedError, TelephonyRefusedError
from callscribe.foundation.identifiers import participant_id
from callscribe.people.routes import PARTITION, Condition
from tests.fakes.settings import settings
from tests.fakes.wire import incoming
from tests.fakes.world import BUSY, CALL_ID, CALLEE, LOST, World, outcome, seconds

KEY = participant_id(CALLEE)


async def route(world: World, action: str, key: str = KEY, **told: Any) -> None:
    body = {"action": action} | told | ({} if key == EVERYBODY else {"rawId": CALLEE})
    await world.routes.put(key, json.dumps(body).encode(), "key", Condition())


async def test_a_call_is_answered_as_its_route_says(world: World) -> None:
    wanted = {"start": "manual", "locale": "de-DE", "intermediate": False}
    await route(world, "answer", transcription=wanted, labels=["sales"])
    await world.deliver(incoming())
    call = world.call
    assert (call.state, call.labels, call.wish.on) == (State.CONNECTING, ("sales",), False)
    assert (call.wish.language.locale, call.wish.by) == ("de-DE", "route")
    [picked] = world.telephony.answers
    assert (picked.transcribing, picked.intermediate) == (False, False)
    assert await world.labelling.calls_with("sales", None, "~", 9) == [CALL_ID]


async def test_without_a_route_it_is_answered_as_the_settings_say(world: World) -> None:
    await world.deliver(incoming())
    assert (world.call.route, world.call.wish.by) == (None, "setting")
    [picked] = world.telephony.answers
    assert picked.intermediate is None


@pytest.mark.parametrize("key", [KEY, EVERYBODY])
async def test_a_call_is_left_alone(world: World, key: str) -> None:
    await route(world, "ignore", key)
    await world.deliver(incoming())
    assert (world.calls.saved, world.telephony.log) == ({}, [])


@pytest.mark.parametrize("key", [KEY, EVERYBODY])
async def test_a_call_is_rejected_and_reported_on(world: World, key: str) -> None:
    await route(world, "reject", key)
    await world.deliver(incoming())
    call = world.call
    assert (call.state, call.ended_by, call.wish.on) == (State.REJECTED, EndedBy.HANGUP, False)
    assert (world.telephony.rejected, world.telephony.answers) == ({CALL_ID}, [])
    await world.finishing.finish(CALL_ID)
    assert world.call.report is not None
    assert world.transcripts.of_kind(CALL_ID, "g") == []


async def test_a_rejection_is_asked_for_until_acs_says_yes_or_no(world: World) -> None:
    await route(world, "reject")
    world.telephony.fail("reject", BUSY, times=2)
    await world.deliver(incoming())
    assert (world.call.state, world.telephony.count("reject")) == (State.REJECTED, 3)


async def test_a_call_that_cannot_be_rejected_any_more_is_missed(world: World) -> None:
    await route(world, "reject")
    world.telephony.fail("reject", TelephonyRefusedError("gone", http_status=404))
    await world.deliver(incoming())
    assert world.call.state is State.MISSED


async def test_numbers_that_are_not_listed_can_have_a_route_of_their_own() -> None:
    world = World(settings=settings(ANSWER_NUMBERS="+18005550100"))
    await world.deliver(incoming())
    assert world.calls.saved == {}
    await route(world, "answer")
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING


async def test_a_route_that_is_changed_meanwhile_changes_nothing(world: World) -> None:
    """The first delivery dies before it has asked ACS: the second one goes by the call."""
    await route(world, "reject")
    world.telephony.fail("reject", LOST)
    world.calls.fail("create", LOST, after=True)
    await outcome(world.deliver(incoming()))
    await route(world, "ignore")
    await seconds(world, 60)
    await world.deliver(incoming())
    kept = route_in(world.call.route)
    assert kept is not None
    assert (kept.action, world.call.state) == (Action.REJECT, State.REJECTED)


async def test_while_the_table_is_out_the_event_comes_again_and_nothing_is_guessed(
    world: World,
) -> None:
    world.routing.saved[PARTITION, KEY] = ({"Route": "{"}, "v1")
    assert isinstance(await outcome(world.deliver(incoming())), StorageRefusedError)
    assert (world.calls.saved, world.telephony.log) == ({}, [])
    await route(world, "answer")
    world.routing.fail("read", LOST, times=3)
    await world.deliver(incoming())
    assert world.call.state is State.CONNECTING
