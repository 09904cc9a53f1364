"""Controlling calls: each request changes what is wanted, and is refused where that cannot be."""

import json
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.beginnings import expect
from callscribe.calls.call import Call, Direction, EndedBy, HangUp, Own, State
from callscribe.calls.tickets import MOST_LIVE
from callscribe.calls.transcription import OperationKind
from callscribe.calls.wish import Language, Why, Wish
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import BadInputError, IllegalStateError, NotFoundError
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Seconds
from tests.fakes.settings import settings
from tests.fakes.wishes import ENGLISH, GERMAN, OFF
from tests.fakes.world import CALL_ID, CONNECTION, World, seconds

OVER = sorted({State.ENDED, State.MISSED, State.UNANSWERED, State.FAILED, State.REJECTED})
ACTIONS = ("start", "stop", "update")


async def control(world: World, action: str, /, call_id: str = CALL_ID, **told: Any) -> Json:
    """Send a request to control the usual call."""
    body, soon = json.dumps(told).encode() if told else b"", Deadline.after(Seconds(30))
    controlling = world.controlling
    match action:
        case "hangup":
            return await controlling.hang_up(call_id, body, "key", soon)
        case "end":
            return await controlling.end(call_id, body, "key", soon)
        case "stream":
            placed = await controlling.stream(call_id, body, "key", soon)
            return {"url": placed.url, "until": placed.until}
        case _:
            return await controlling.transcription(call_id, action, body, "key", soon)


def given_own(world: World, **changes: Any) -> Call:
    own = Own(Seconds(60), Seconds(30))
    call = expect(CALL_ID, (None, None), own, replace(OFF, at=world.clock.now()))
    return world.calls.put(replace(call, **changes))


def lines(world: World) -> list[tuple[object, object, object]]:
    """Return what was asked of the usual call, as its timeline has it."""
    rows = [row for row in world.transcripts.of_kind(CALL_ID, "e") if "By" in row]
    return [(row["Type"], row["By"], row.get("Details")) for row in rows]


class TestHangingUp:
    @pytest.mark.parametrize(
        ("direction", "told", "everyone"),
        [
            (Direction.INBOUND, {}, True),
            (Direction.OUTBOUND, {}, True),
            (Direction.JOINED, {}, False),
            (Direction.JOINED, {"everyone": True}, True),
            (Direction.INBOUND, {"everyone": False}, False),
        ],
    )
    async def test_for_all_or_leaving_the_others(
        self, world: World, direction: Direction, told: dict[str, Any], *, everyone: bool
    ) -> None:
        world.given(direction=direction)
        assert await control(world, "hangup", **told) == {"everyone": everyone}
        assert world.telephony.hung_up == [(CONNECTION, everyone)]
        assert world.call.hang_up is (HangUp.EVERYONE if everyone else HangUp.LEAVE)
        assert lines(world) == [("HangUpAsked", "key", "everyone" if everyone else "leave")]

    async def test_before_the_call_has_a_connection_it_waits_for_one(self, world: World) -> None:
        world.given(state=State.DIALING, direction=Direction.OUTBOUND, connection_id=None)
        await control(world, "hangup")
        assert world.telephony.hung_up == []
        await world.follow(world.event("CallConnected"))
        assert world.call.hang_up is HangUp.EVERYONE
        assert world.telephony.count("hang_up") == 1

    async def test_twice_is_once(self, world: World) -> None:
        world.given()
        await control(world, "hangup")
        await control(world, "hangup")
        assert world.telephony.count("hang_up") == 1


class TestTranscription:
    async def test_it_is_stopped_and_started_again(self, world: World) -> None:
        world.given()
        assert await control(world, "stop") == {}
        assert world.call.wish.by == "key"
        await world.follow(world.event("TranscriptionStopped", context="t2"))
        assert await control(world, "start", locale="de-DE") == {}
        kinds = [each.kind for each in world.telephony.operations]
        assert kinds == [OperationKind.STOP, OperationKind.START]
        assert world.call.wish.language == GERMAN
        assert set(lines(world)) == {
            ("TranscriptionStopAsked", "key", None),
            ("TranscriptionStartAsked", "key", "de-DE"),
        }

    async def test_it_pauses(self, world: World) -> None:
        world.given()
        await control(world, "stop", pause=30)
        assert world.call.wish.why is Why.PAUSED
        await world.follow(world.event("TranscriptionStopped", context="t2"))
        await seconds(world, 45)
        assert [each.kind for each in world.telephony.operations] == [
            OperationKind.STOP,
            OperationKind.START,
        ]
        assert lines(world)[0] == ("TranscriptionStopAsked", "key", "pause of 30 s")

    async def test_its_language_is_changed(self, world: World) -> None:
        world.given()
        assert await control(world, "update", locale="de-DE") == {"how": "update"}
        assert world.telephony.operations[0].language == GERMAN

    async def test_on_a_joined_call_it_is_stopped_and_started_and_says_so(
        self, world: World
    ) -> None:
        world.given(direction=Direction.JOINED)
        assert await control(world, "update", locale="de-DE") == {"how": "stopAndStart"}
        assert [each.kind for each in world.telephony.operations] == [OperationKind.STOP]

    async def test_a_model_is_of_its_locale(self, world: World) -> None:
        world.given()
        await control(world, "update", speechModelEndpointId="m")
        assert world.call.wish.language == Language("en-US", "m")
        await control(world, "update", locale="de-DE")
        assert world.call.wish.language == GERMAN
        assert {each[2] for each in lines(world)} == {"en-US, model m", "de-DE"}

    async def test_a_start_of_what_runs_changes_nothing(self, world: World) -> None:
        before = world.given()
        await control(world, "start")
        assert world.call.wish == before.wish
        assert world.call.wish.language == ENGLISH

    async def test_wishes_are_legal_before_the_call_is_connected(self, world: World) -> None:
        world.given(state=State.DIALING, direction=Direction.OUTBOUND)
        await control(world, "stop")
        assert not world.call.wish.on

    async def test_there_is_no_other_action(self, world: World) -> None:
        world.given()
        with pytest.raises(NotFoundError):
            await control(world, "begin")


class TestRefused:
    @pytest.mark.parametrize("action", [*ACTIONS, "hangup", "end", "stream"])
    async def test_an_unknown_call(self, world: World, action: str) -> None:
        told: dict[str, Any] = {"locale": "de-DE"} if action == "update" else {}
        for call_id in ("no id", CALL_ID):
            with pytest.raises(NotFoundError):
                await control(world, action, call_id, **told)

    @pytest.mark.parametrize("state", OVER)
    @pytest.mark.parametrize("action", [*ACTIONS, "hangup", "end", "stream"])
    async def test_a_call_that_is_over(self, world: World, action: str, state: State) -> None:
        world.given(state=state, ended_by=EndedBy.CALLBACK)
        told: dict[str, Any] = {"locale": "de-DE"} if action == "update" else {}
        with pytest.raises(IllegalStateError, match=state.value) as refusal:
            await control(world, action, **told)
        assert refusal.value.code == "callOver"

    @pytest.mark.parametrize("action", [*ACTIONS, "hangup"])
    async def test_what_another_application_has_to_do(self, world: World, action: str) -> None:
        given_own(world)
        told: dict[str, Any] = {"locale": "de-DE"} if action == "update" else {}
        with pytest.raises(IllegalStateError) as refusal:
            await control(world, action, **told)
        assert refusal.value.code == "ownedByYourApplication"

    @pytest.mark.parametrize("action", ["end", "stream"])
    async def test_what_only_another_application_can_ask(self, world: World, action: str) -> None:
        world.given()
        with pytest.raises(IllegalStateError, match="inbound") as refusal:
            await control(world, action)
        assert refusal.value.code == "notOwn"

    @pytest.mark.parametrize("action", [*ACTIONS, "hangup", "end", "stream"])
    async def test_what_is_not_understood_changes_nothing(self, world: World, action: str) -> None:
        before = world.given()
        with pytest.raises(BadInputError):
            await control(world, action, nonsense=1)
        assert world.call == before


class TestOwn:
    async def test_its_end_is_told(self, world: World) -> None:
        given_own(world)
        assert await control(world, "end") == {}
        assert (world.call.state, world.call.ended_by) == (State.ENDED, EndedBy.END)
        assert len(world.jobs.of("finish")) == 2

    async def test_another_address(self, world: World) -> None:
        given_own(world)
        found = await control(world, "stream")
        assert found["url"] is not None
        assert lines(world) == [("AddressAsked", "key", None)]

    async def test_one_that_seems_to_be_over_may_have_another(self, world: World) -> None:
        given_own(world, state=State.MISSED, ended_by=EndedBy.INFERRED)
        assert (await control(world, "stream"))["url"] is not None

    async def test_by_ticket_there_are_eight_at_most(self) -> None:
        world = World(settings=replace(settings(), stream_admission="ticket"))
        given_own(world)
        for _ in range(MOST_LIVE):
            await control(world, "stream")
        with pytest.raises(IllegalStateError) as refusal:
            await control(world, "stream")
        assert refusal.value.code == "tooManyAddresses"

    async def test_silence_is_asked_about(self, world: World) -> None:
        own = Own(Seconds(60), Seconds(30), world.clock.now(), world.clock.now())
        given_own(world, state=State.CONNECTED, machine=replace(world.usual().machine, own=own))
        await seconds(world, 30)
        assert world.stream.count("has_stream") == 1
        assert (world.call.state, world.call.ended_by) == (State.ENDED, EndedBy.INFERRED)

    async def test_one_that_streams_goes_on(self, world: World) -> None:
        own = Own(Seconds(60), Seconds(30), world.clock.now(), world.clock.now())
        given_own(world, state=State.CONNECTED, machine=replace(world.usual().machine, own=own))
        world.stream.streaming.add(CALL_ID)
        await seconds(world, 60)
        assert world.call.state is State.CONNECTED

    async def test_nothing_is_wanted_of_it(self, world: World) -> None:
        assert given_own(world).wish == Wish(on=False, language=OFF.language, at=OFF.at)
