"""How a call begins: it rings, is dialled or joined, or another application will stream to us."""

import pytest

from callscribe.calls.beginnings import (
    Beginning,
    Start,
    can_start_at_setup,
    dial,
    expect,
    join,
    ring,
)
from callscribe.calls.call import Call, Direction, Machine, Own, State, Transcription
from callscribe.calls.incoming import UNKNOWN, IncomingCall
from callscribe.calls.transcription import Transcribing, at_setup
from callscribe.calls.wish import Wish
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH, OFF

RANG = START
NOW = Ms(RANG + 500)
NUMBER, OTHER, USER = "4:+14255550111", "4:+14255550122", "8:acs:resource_user"
INCOMING = IncomingCall(
    call_id=new_call_id(RANG, "event"),
    event_id="event",
    rang_at=RANG,
    caller="4:+14255550111",
    caller_name="John Doe",
    callee="8:acs:resource_user",
    server_call_id="server",
    correlation_id="correlation",
    context="secret",
)
WISH = Wish(on=True, language=ENGLISH, at=NOW)
OWN = Own(wait=Seconds(60), idle=Seconds(30))


def beginning(start: Start = Start.SETUP) -> Beginning:
    return Beginning(ENGLISH, start)


def ringing(start: Start = Start.SETUP) -> Call:
    return ring(INCOMING, beginning(start), NOW)


class TestRinging:
    def test_a_call_that_rings_is_what_the_event_says(self) -> None:
        assert ringing(Start.CONNECTED) == Call(
            id=INCOMING.call_id,
            direction=Direction.INBOUND,
            state=State.ANSWERING,
            caller="4:+14255550111",
            caller_name="John Doe",
            callee="8:acs:resource_user",
            begun_at=RANG,
            wish=WISH,
            server_call_id="server",
            correlation_id="correlation",
        )

    def test_what_is_asked_for_with_the_answer_is_part_of_the_claim(self) -> None:
        assert ringing().transcribing == at_setup(ENGLISH)

    def test_what_is_not_wanted_is_not_asked_for(self) -> None:
        call = ringing(Start.MANUAL)
        assert not call.wish.on
        assert call.transcribing == Transcribing()

    def test_the_context_to_answer_with_is_no_part_of_the_record(self) -> None:
        assert "secret" not in repr(ringing())


class TestDialling:
    def test_a_call_that_is_dialled_counts_its_drive(self) -> None:
        assert dial("id", OTHER, [NUMBER], beginning(Start.CONNECTED), NOW) == Call(
            id="id",
            direction=Direction.OUTBOUND,
            state=State.DIALING,
            caller=OTHER,
            callee=NUMBER,
            begun_at=NOW,
            wish=WISH,
            drives=1,
        )

    @pytest.mark.parametrize(
        ("callees", "at_once"),
        [([NUMBER], True), ([USER], False), ([USER, NUMBER], True), ([USER, USER], True)],
    )
    def test_transcription_starts_with_the_call_where_that_is_possible(
        self, callees: list[str], *, at_once: bool
    ) -> None:
        call = dial("id", OTHER, callees, beginning(), NOW)
        assert call.transcribing == (at_setup(ENGLISH) if at_once else Transcribing())

    def test_of_a_group_the_first_is_the_one_called(self) -> None:
        assert dial("id", OTHER, [USER, NUMBER], beginning(), NOW).callee == USER

    def test_transcription_may_wait_until_somebody_asks(self) -> None:
        call = dial("id", OTHER, [NUMBER], beginning(Start.MANUAL), NOW)
        assert (call.wish.on, call.transcribing) == (False, Transcribing())


class TestJoining:
    def test_a_call_that_is_joined_knows_where(self) -> None:
        assert join("id", "roomId:9", Beginning(ENGLISH, Start.CONNECTED, "key"), NOW) == Call(
            id="id",
            direction=Direction.JOINED,
            state=State.CONNECTING,
            caller=UNKNOWN,
            callee=UNKNOWN,
            begun_at=NOW,
            wish=Wish(on=True, language=ENGLISH, at=NOW, by="key"),
            locator="roomId:9",
            drives=1,
        )

    def test_it_may_be_transcribed_from_the_joining_on(self) -> None:
        assert join("id", "roomId:9", beginning(), NOW).transcribing == at_setup(ENGLISH)


class TestExpecting:
    def test_a_call_of_another_application_waits_for_its_stream(self) -> None:
        call = expect("id", (NUMBER, None), OWN, OFF)
        assert call == Call(
            id="id",
            direction=Direction.OWN,
            state=State.CONNECTING,
            caller=NUMBER,
            callee=UNKNOWN,
            begun_at=OFF.at,
            wish=OFF,
            machine=Machine(own=OWN),
        )
        assert call.is_own
        assert call.transcription is Transcription.OFF
        assert expect("id", (None, OTHER), OWN, OFF).callee == OTHER


@pytest.mark.parametrize(
    ("other", "can"),
    [
        ("4:+14255550111", True),
        ("unknown", True),
        ("28:orgid:1", True),
        ("8:orgid:1", True),
        ("8:acs:resource_user", False),
        ("8:gcch-acs:resource_user", False),
        ("8:dod-acs:resource_user", False),
    ],
)
def test_one_to_one_calls_with_users_of_acs_cannot_start_at_setup(other: str, *, can: bool) -> None:
    assert can_start_at_setup([other]) == can
