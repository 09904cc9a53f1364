import pytest

from callscribe.calls.call import (
    Call,
    Direction,
    Reason,
    State,
    Transcription,
    acquire,
    can_start_at_setup,
    held_by_other,
    reason_of,
    renew,
    ring,
)
from callscribe.calls.incoming import UNKNOWN, IncomingCall
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from tests.fakes.clock import START

RANG = START
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


def ringing(*, at_setup: bool = True) -> Call:
    return ring(INCOMING, "en-US", at_setup=at_setup, now=Ms(RANG + 500))


def test_a_ringing_call_is_what_the_event_says() -> None:
    assert ringing(at_setup=False) == Call(
        id=INCOMING.call_id,
        direction=Direction.INBOUND,
        state=State.ANSWERING,
        caller="4:+14255550111",
        caller_name="John Doe",
        callee="8:acs:resource_user",
        rang_at=RANG,
        server_call_id="server",
        correlation_id="correlation",
        locale="en-US",
    )


def test_the_intent_to_transcribe_from_the_answer_on_is_part_of_the_claim() -> None:
    call = ringing()
    assert call.transcription is Transcription.STARTING
    assert (call.transcription_at, call.transcription_attempts) == (RANG + 500, 1)


def test_the_context_to_answer_with_is_no_part_of_the_record() -> None:
    assert "secret" not in repr(ringing())


@pytest.mark.parametrize("state", State)
def test_the_states_in_which_a_call_is_over(state: State) -> None:
    call = Call("id", Direction.OUTBOUND, state, UNKNOWN, UNKNOWN, RANG)
    assert call.terminal == (state in {State.ENDED, State.MISSED, State.FAILED})


@pytest.mark.parametrize(
    ("caller", "can"),
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
def test_one_to_one_calls_with_users_of_acs_cannot_start_at_setup(
    caller: str, *, can: bool
) -> None:
    assert can_start_at_setup(caller) == can


def test_every_claim_counts_as_a_drive() -> None:
    once = acquire(ringing(), "a", Ms(RANG + 8000))
    twice = acquire(once, "b", Ms(RANG + 9000))
    assert (once.lease_id, once.lease_until, once.drives) == ("a", RANG + 8000, 1)
    assert (twice.lease_id, twice.drives) == ("b", 2)


def test_a_claim_that_is_renewed_is_the_same_drive() -> None:
    renewed = renew(acquire(ringing(), "a", Ms(RANG + 8000)), Ms(RANG + 9000))
    assert (renewed.lease_id, renewed.lease_until, renewed.drives) == ("a", RANG + 9000, 1)


def test_a_claim_keeps_others_off_until_it_expires() -> None:
    call = acquire(ringing(), "a", Ms(RANG + 8000))
    assert held_by_other(call, "b", Ms(RANG + 7999))
    assert not held_by_other(call, "b", Ms(RANG + 8000))
    assert not held_by_other(call, "a", RANG)
    assert not held_by_other(ringing(), "b", RANG)


def test_a_reason_is_what_was_said_and_none_where_nothing_was() -> None:
    assert reason_of("why", 400, 8501, "remedy") == Reason("why", 400, 8501, "remedy")
    assert reason_of(None, 500, 0) == Reason("", 500)
    assert reason_of("", 0, 0) is None
