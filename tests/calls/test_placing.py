"""Placing calls: dialled once, whatever fails, and never lost sight of."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import Direction, EndedBy, State, Transcription
from callscribe.calls.call_events import Callbacks
from callscribe.calls.ports import Dial, Locator
from callscribe.calls.tickets import live
from callscribe.calls.wish import Language
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    BadInputError,
    ForbiddenError,
    IllegalStateError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.identifiers import person_key
from callscribe.foundation.moments import Seconds
from tests.calls.placing import FROM, TO, a_world, place
from tests.fakes.telephony import connection_of
from tests.fakes.world import BUSY, LOST, World, outcome, seconds

NUMBER = f"4:{TO}"
ROOM = {"roomId": "99410012345678901"}
GONE = TelephonyUnavailableError("no reply")


def asked(world: World, call_id: str) -> list[object]:
    return [row["Type"] for row in world.transcripts.of_kind(call_id, "e")]


class TestDialling:
    async def test_a_call_is_dialled_and_its_record_says_so(self) -> None:
        world = a_world()
        placed = await place(world, to={"id": TO, "name": "Ann", "role": "agent"}, labels=["vip"])
        call = world.calls.call(placed.call.id)
        assert call == placed.call
        assert (call.state, call.direction) == (State.DIALING, Direction.OUTBOUND)
        assert (call.caller, call.callee) == (f"4:{FROM}", NUMBER)
        assert (call.drives, call.labels) == (1, ("vip",))
        assert call.connection_id == connection_of(call.id)
        assert call.answered_at is None
        assert call.transcription is Transcription.STARTING
        assert call.id in world.calls.rows
        (dialled,) = world.telephony.dials
        assert dialled.what == Dial((NUMBER,), f"4:{FROM}")
        assert f"access_token={call.id}" in dialled.stream_url

    async def test_who_asked_what_is_wanted_and_who_is_called_is_written_down(self) -> None:
        world = a_world()
        call_id = (await place(world, to={"id": TO, "name": "Ann", "role": "agent"})).call.id
        assert asked(world, call_id) == ["PlaceAsked"]
        assert world.transcripts.of_kind(call_id, "e")[0]["By"] == "key"
        assert len(world.transcripts.of_kind(call_id, "w")) == 1
        person = world.transcripts.calls[call_id][person_key(NUMBER)]
        assert (person["Name"], person["Role"]) == ("Ann", "agent")
        assert world.calls.links == set()

    async def test_transcription_is_as_the_request_says(self) -> None:
        world = a_world()
        wish = {"start": "manual", "locale": "de-DE", "speechModelEndpointId": "m"}
        call = (await place(world, to=TO, transcription=wish | {"intermediate": False})).call
        assert (call.wish.on, call.wish.language, call.wish.by) == (
            False,
            Language("de-DE", "m"),
            "key",
        )
        assert world.telephony.dials[0].what == Dial((NUMBER,), f"4:{FROM}", intermediate=False)

    async def test_unless_told_it_is_as_the_settings_say(self) -> None:
        call = (await place(a_world(locale="fr-FR", start="connected"))).call
        assert (call.wish.language.locale, call.wish.by) == ("fr-FR", "setting")
        assert call.transcribing.out is None

    async def test_a_group_and_on_behalf_of_a_resource_account(self) -> None:
        world = a_world()
        account = "28:orgid:01234567-89ab-cdef-0123-456789abcdef"
        placed = await place(world, to=[TO, "8:acs:a_b"], onBehalfOf=account, displayName="Desk")
        assert world.telephony.dials[0].what == Dial(
            (NUMBER, "8:acs:a_b"), None, account, display_name="Desk"
        )
        assert (placed.call.caller, placed.call.caller_name) == (account, "Desk")

    async def test_by_ticket_its_hash_is_saved_with_the_call(self) -> None:
        world = a_world(stream_admission="ticket")
        call = (await place(world)).call
        assert call.tickets is not None
        ticket = world.telephony.dials[0].stream_url.partition("&ticket=")[2]
        assert len(ticket) == 43
        assert ticket not in call.tickets


class TestRefused:
    @pytest.mark.parametrize("told", [{"to": "112"}, {"to": TO, "labels": ["a b"]}, {"join": {}}])
    async def test_what_is_wrong_stores_nothing(self, told: dict[str, Any]) -> None:
        world = a_world()
        with pytest.raises(BadInputError):
            await place(world, "k", **told)
        assert (world.calls.saved, world.requests.saved) == ({}, {})
        assert world.telephony.log == []

    async def test_a_number_that_may_not_be_dialled_stores_nothing(self) -> None:
        world = a_world(dial_allow=("+49",))
        with pytest.raises(ForbiddenError):
            await place(world, "k")
        assert (world.calls.saved, world.requests.saved) == ({}, {})

    async def test_acs_refuses(self) -> None:
        world = a_world()
        no = TelephonyRefusedError("no such number", http_status=400, sub_code=8523)
        world.telephony.fail("place", no)
        with pytest.raises(TelephonyRefusedError) as refusal:
            await place(world, "k")
        call = world.calls.call(refusal.value.call_id or "")
        assert (call.state, call.ended_by) == (State.FAILED, EndedBy.INFERRED)
        assert call.reason is not None
        assert (call.reason.text, call.reason.code, call.reason.sub_code) == (
            "no such number",
            400,
            8523,
        )
        assert refusal.value.remedy == call.reason.remedy
        # The same request has the same answer, and is not sent again.
        with pytest.raises(TelephonyRefusedError) as again:
            await place(world, "k")
        assert (str(again.value), again.value.call_id) == ("no such number", call.id)
        assert world.telephony.count("place") == 1

    async def test_the_app_may_not(self) -> None:
        world = a_world()
        world.telephony.fail("place", TelephonyRefusedError("no", http_status=403))
        with pytest.raises(TelephonyRefusedError) as refusal:
            await place(world)
        assert "role" in (refusal.value.remedy or "")

    async def test_without_an_address_nothing_is_dialled(self) -> None:
        world = a_world()
        world.stream.out = UnavailableError("no token")
        with pytest.raises(UnavailableError):
            await place(world, "k")
        assert (world.calls.saved, world.telephony.log) == ({}, [])
        world.stream.out = None
        assert (await place(world, "k")).call.state is State.DIALING


class TestUnknownOutcome:
    async def test_a_lost_reply_is_asked_for_under_the_same_id(self) -> None:
        world = a_world()
        world.telephony.fail("place", GONE, after=True)
        call = (await place(world)).call
        assert call.connection_id is not None
        assert (len(world.telephony.dials), world.telephony.count("place")) == (1, 2)

    async def test_a_refusal_after_a_lost_reply_proves_nothing(self) -> None:
        world = a_world()
        world.telephony.fail("place", GONE, after=True)
        world.telephony.fail("place", TelephonyRefusedError("used", http_status=400))
        assert (await place(world)).call.state is State.DIALING

    async def test_a_call_that_acs_says_nothing_of_is_waited_for(self) -> None:
        world = a_world()
        world.telephony.out = BUSY
        call = (await place(world)).call
        assert (call.state, call.connection_id) == (State.DIALING, None)
        world.telephony.out = None
        await seconds(world, 120)
        assert world.calls.call(call.id).state is State.DIALING
        await seconds(world, 30)
        failed = world.calls.call(call.id)
        assert (failed.state, failed.ended_by) == (State.FAILED, EndedBy.INFERRED)
        assert world.telephony.dials == []

    async def test_what_cannot_be_noted_is_dialled_all_the_same(self) -> None:
        world = a_world()
        for _ in range(200):
            world.calls.fail("save", LOST)
        call = (await place(world)).call
        assert call.connection_id is None
        world.calls.heal()
        await world.callbacks.receive(
            call.id,
            _connected(world, call.id),
            Deadline.after(Seconds(10)),
        )
        assert world.calls.call(call.id).state is State.CONNECTED

    async def test_a_timeline_that_cannot_be_written_stops_no_call(self) -> None:
        world = a_world()
        world.transcripts.out = LOST
        assert (await place(world)).call.state is State.DIALING

    async def test_a_record_whose_reply_was_lost_is_our_own(self) -> None:
        world = a_world()
        world.calls.fail("create", LOST, after=True)
        await place(world)
        assert len(world.telephony.dials) == 1


class TestJoining:
    async def test_a_call_is_joined(self) -> None:
        world = a_world()
        call = (await place(world, join=ROOM)).call
        assert (call.direction, call.state) == (Direction.JOINED, State.CONNECTING)
        assert call.locator == f"roomId:{ROOM['roomId']}"
        assert world.telephony.joins[0].what == Locator("roomId", ROOM["roomId"])
        assert asked(world, call.id) == ["JoinAsked"]

    async def test_not_twice_while_we_are_on_it(self) -> None:
        world = a_world()
        first = (await place(world, join=ROOM)).call
        with pytest.raises(IllegalStateError) as refusal:
            await place(world, "k", join=ROOM)
        assert (refusal.value.code, refusal.value.call_id) == ("alreadyJoined", first.id)
        again = (await place(world, join=ROOM, again=True)).call
        assert again.id != first.id

    async def test_again_once_it_is_over(self) -> None:
        world = a_world()
        first = (await place(world, join=ROOM)).call
        world.calls.put(replace(first, state=State.ENDED, ended_by=EndedBy.CALLBACK))
        assert (await place(world, join=ROOM)).call.id != first.id

    async def test_of_many_at_once_one_joins(self) -> None:
        world = a_world()
        found = await asyncio.gather(*(outcome(place(world, join=ROOM)) for _ in range(10)))
        assert len(world.telephony.joins) == 1
        assert sum(isinstance(each, IllegalStateError) for each in found) == 9

    async def test_one_that_is_not_there_has_failed(self) -> None:
        world = a_world()
        world.telephony.expired.add("1")
        with pytest.raises(TelephonyRefusedError) as refusal:
            await place(world, join={"roomId": "1"})
        assert world.calls.call(refusal.value.call_id or "").state is State.FAILED


class TestExpecting:
    async def test_an_address_is_given_and_nothing_asked_of_acs(self) -> None:
        world = a_world()
        placed = await place(world, own=True, to=TO, waitSeconds=60)
        call = placed.call
        assert (call.direction, call.state, call.callee) == (
            Direction.OWN,
            State.CONNECTING,
            NUMBER,
        )
        assert placed.url is not None
        assert placed.until is not None
        assert world.telephony.log == []
        assert asked(world, call.id) == ["OwnCallAsked"]

    async def test_the_address_that_is_given_is_the_only_one(self) -> None:
        world = a_world(stream_admission="ticket")
        call = (await place(world, own=True)).call
        assert live(call, world.clock.now()) == 1
        assert world.stream.count("stream_url") == 1

    @pytest.mark.parametrize("admission", ["token", "ticket"])
    async def test_a_repeated_request_gives_another_address(self, admission: str) -> None:
        world = a_world(stream_admission=admission)
        first = await place(world, "k", own=True)
        second = await place(world, "k", own=True)
        assert first.call.id == second.call.id
        if admission == "ticket":
            assert first.url != second.url


def _connected(world: World, call_id: str) -> Callbacks:
    event = world.event("CallConnected", call_connection_id=connection_of(call_id))
    return Callbacks((event,), ())
