"""People whom the app adds to a call and removes from it."""

from typing import Any

import pytest
from azure.communication.callautomation import (
    CommunicationUserIdentifier,
    PhoneNumberIdentifier,
    TeamsPhoneCallDetails,
    TeamsPhoneCallerDetails,
    UnknownIdentifier,
)
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from .calling import (
    AGENT,
    OWN,
    add,
    answered,
    converse,
    create,
    join,
    outgoing,
    results,
    rosters,
    seen,
)
from .peers import ACS_USER, CALLEE, CALLER, Json, until
from .stacks import Stack, first_sent, stack

USER = CommunicationUserIdentifier(ACS_USER)
REPEATED = {"Repeatability-Request-ID": "5b1e2a0c-1111-4111-8111-000000000003"}


def agent() -> PhoneNumberIdentifier:
    return PhoneNumberIdentifier(AGENT)


async def test_somebody_is_added_and_told_of(acs: Stack) -> None:
    call, connection = await answered(acs)
    added = await add(connection, operation_context="mine", invitation_timeout=20)
    assert added.participant.identifier.raw_id == f"4:{AGENT}"
    assert added.operation_context == "mine"
    assert added.invitation_id
    await seen(acs, "AddParticipantSucceeded", "ParticipantsUpdated")
    told = acs.peer.posted("AddParticipantSucceeded")[0]["data"]
    assert told["participant"]["phoneNumber"] == {"value": AGENT}
    assert told["operationContext"] == "mine"
    assert rosters(acs) == [
        [f"4:{CALLER}", f"4:{CALLEE}"],
        [f"4:{CALLER}", f"4:{CALLEE}", f"4:{AGENT}"],
    ]
    [invitation] = (await acs.show(call))["invitations"]
    assert (invitation["state"], invitation["from"]) == ("answered", CALLEE)


async def test_whoever_is_added_says_something(acs: Stack) -> None:
    call, connection = await answered(acs, {"transcription": acs.transcription()})
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    await acs.peer.callback("TranscriptionStarted")
    body = {"speaker": AGENT, "text": "How can I help?"}
    assert (await acs.control("POST", f"calls/{call['id']}/say", body))[0] == 204
    socket = await acs.peer.socket()
    await until(lambda: [one["participantRawID"] for one in socket.finals] == [f"4:{AGENT}"])


@pytest.mark.parametrize(
    ("does", "number", "user"),
    [
        ("busy", (486, 560486), (486, 8539)),
        ("declines", (603, 560603), (603, 8538)),
        ("noAnswer", (408, 560408), (408, 8541)),
        ("unreachable", (480, 560480), (480, 8544)),
        ("invalid", (404, 560404), (404, 8522)),
    ],
)
async def test_whoever_does_not_come_is_told_of(
    acs: Stack, does: str, number: tuple[int, int], user: tuple[int, int]
) -> None:
    _, connection = await answered(acs, phone={"does": does, "after": 0})
    await add(connection, operation_context="first")
    await acs.peer.callback("AddParticipantFailed")
    await add(connection, USER)
    await seen(acs, "AddParticipantFailed", "AddParticipantFailed")
    assert results(acs, "AddParticipantFailed") == [number, user]
    first, second = acs.peer.posted("AddParticipantFailed")
    assert first["data"]["operationContext"] == "first"
    assert second["data"]["participant"]["rawId"] == ACS_USER


async def test_a_phone_that_rings_is_told_what_to_do(acs: Stack) -> None:
    call, connection = await answered(acs, phone={"does": "waits"})
    await add(connection)
    await add(connection, USER)
    shown = await acs.show(call)
    assert shown["targets"] == {f"4:{AGENT}": "ringing", ACS_USER: "ringing"}
    for who, does in ((ACS_USER, "declines"), (AGENT, "answers")):
        body = {"who": who, "does": does}
        assert (await acs.control("POST", f"calls/{call['id']}/phone", body))[0] == 204
    await acs.peer.callback("AddParticipantSucceeded")
    assert results(acs, "AddParticipantFailed") == [(603, 8538)]


async def test_the_time_of_an_invitation_is_that_of_the_app(acs: Stack) -> None:
    _, connection = await answered(acs, phone={"does": "answers", "after": 600})
    await add(connection, invitation_timeout=1)
    await acs.peer.callback("AddParticipantFailed")
    assert results(acs, "AddParticipantFailed") == [(408, 560408)]


async def test_a_voicemail_is_added_like_a_person_and_says_nothing(acs: Stack) -> None:
    script = {"participants": [{}, {}, {"rawId": f"4:{AGENT}"}], "lines": []}
    call, connection = await answered(acs, script=script, phone={"does": "voicemail", "after": 0})
    await connection.remove_participant(agent(), headers=first_sent())
    await acs.peer.callback("RemoveParticipantSucceeded")
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    assert (await acs.show(call))["targets"] == {f"4:{AGENT}": "voicemail"}
    body: Json = {"speaker": AGENT, "text": "Please leave a message."}
    await acs.control("POST", f"calls/{call['id']}/say", body)
    # It takes longer than the message, so that its final is the second.
    body |= {"speaker": 0, "text": "Hello? Is anybody there, or is this a machine?"}
    await acs.control("POST", f"calls/{call['id']}/say", body)
    shown = await acs.see(call, lambda found: found["finals"])
    assert [final["text"] for final in shown["finals"]] == [body["text"]]


async def test_a_participant_of_the_dialogue_says_how_their_phone_behaves(acs: Stack) -> None:
    person = {"rawId": f"4:{AGENT}", "phone": {"does": "busy", "after": 0}}
    script = {"participants": [{}, {}, person], "lines": []}
    _, connection = await answered(acs, script=script)
    await connection.remove_participant(agent(), headers=first_sent())
    await acs.peer.callback("RemoveParticipantSucceeded")
    await add(connection)
    await acs.peer.callback("AddParticipantFailed")
    assert results(acs, "AddParticipantFailed") == [(486, 560486)]


async def test_an_invitation_is_cancelled_while_it_rings(acs: Stack) -> None:
    call, connection = await answered(acs, phone={"does": "waits"})
    added = await add(connection)
    cancelled = await connection.cancel_add_participant_operation(
        added.invitation_id, operation_context="no", headers=first_sent()
    )
    assert (cancelled.invitation_id, cancelled.operation_context) == (added.invitation_id, "no")
    await seen(acs, "CancelAddParticipantSucceeded")
    [told] = acs.peer.posted("CancelAddParticipantSucceeded")
    assert told["data"]["invitationId"] == added.invitation_id
    assert (await acs.show(call))["targets"] == {f"4:{AGENT}": "cancelled"}
    await connection.cancel_add_participant_operation(added.invitation_id, headers=first_sent())
    await acs.peer.callback("CancelAddParticipantFailed")
    assert results(acs, "CancelAddParticipantFailed") == [(404, 8522)]


async def test_a_cancellation_that_comes_too_late_fails(acs: Stack) -> None:
    _, connection = await answered(acs)
    added = await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    await connection.cancel_add_participant_operation(added.invitation_id, headers=first_sent())
    await acs.peer.callback("CancelAddParticipantFailed")


async def test_somebody_is_removed(acs: Stack) -> None:
    _, connection = await answered(acs)
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    removed = await connection.remove_participant(
        agent(), operation_context="out", headers=first_sent()
    )
    assert removed.operation_context == "out"
    told = (await acs.peer.callback("RemoveParticipantSucceeded"))["data"]
    assert told["participant"]["rawId"] == f"4:{AGENT}"
    await acs.peer.callback("ParticipantsUpdated", 2)
    assert rosters(acs)[2] == [f"4:{CALLER}", f"4:{CALLEE}"]
    await connection.remove_participant(agent(), headers=first_sent())
    await acs.peer.callback("RemoveParticipantFailed")
    assert results(acs, "RemoveParticipantFailed") == [(404, 8522)]


async def test_the_last_one_who_is_removed_ends_the_call(acs: Stack) -> None:
    _, connection = await answered(acs)
    await connection.remove_participant(PhoneNumberIdentifier(CALLER), headers=first_sent())
    await seen(acs, "RemoveParticipantSucceeded", "CallDisconnected")


async def test_whoever_hangs_up_leaves_the_others_talking(acs: Stack) -> None:
    call, connection = await answered(acs)
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    path = f"calls/{call['id']}/hangup"
    assert (await acs.control("POST", path, {"who": CALLER}))[0] == 204
    await acs.peer.callback("ParticipantsUpdated", 2)
    assert rosters(acs)[2] == [f"4:{CALLEE}", f"4:{AGENT}"]
    assert (await acs.control("POST", path, {"who": CALLER}))[0] == 409
    assert (await acs.control("POST", path, {"who": AGENT}))[0] == 204
    await acs.peer.callback("CallDisconnected")


async def test_the_end_of_the_call_ends_the_ringing(acs: Stack) -> None:
    call, connection = await answered(acs, phone={"does": "waits"})
    await add(connection)
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await seen(acs, "CallDisconnected")
    await acs.see(call, lambda shown: shown["targets"] == {f"4:{AGENT}": "cancelled"})


async def test_an_address_may_be_of_one_operation_alone(acs: Stack) -> None:
    _, connection = await answered(acs)
    await add(connection, operation_callback_url=f"{acs.peer.url}/callbacks/other")
    await acs.peer.callback("ParticipantsUpdated", 1)
    paths = [headers["path"] for headers, _ in acs.peer.callbacks[2:]]
    assert paths == ["/callbacks/other", "/callbacks"]


async def test_all_apps_in_a_conversation_are_told_who_comes(acs: Stack) -> None:
    conversation = await converse(acs, stay=True, phone={"after": 0})
    joined = [await join(acs, room_id=conversation["roomId"], transcription=None) for _ in "12"]
    await acs.peer.callback("ParticipantsUpdated", 1)
    await add(acs.sdk.get_call_connection(joined[0].call_connection_id or ""))
    await acs.peer.callback("ParticipantsUpdated", 3)
    assert len(acs.peer.posted("AddParticipantSucceeded")) == 1
    assert rosters(acs)[2] == rosters(acs)[3]


async def test_the_same_request_invites_once(acs: Stack) -> None:
    call, connection = await answered(acs)
    headers = first_sent(**REPEATED)
    await acs.fault(on="addParticipant", do="loseReply")
    with pytest.raises(ServiceRequestError):
        await add(connection, headers=headers)
    found = await add(connection, headers=headers)
    [invitation] = (await acs.show(call))["invitations"]
    assert found.invitation_id == invitation["id"]


@pytest.mark.parametrize(
    ("who", "options", "field"),
    [
        (PhoneNumberIdentifier(AGENT), {}, "SourceCallerIdNumber"),
        (PhoneNumberIdentifier("4930"), {"source_caller_id_number": OWN}, "ParticipantToAdd"),
        (UnknownIdentifier("99:somebody"), {}, "ParticipantToAdd"),
        (USER, {"invitation_timeout": 0}, "InvitationTimeoutInSeconds"),
        (USER, {"invitation_timeout": 181}, "InvitationTimeoutInSeconds"),
        (USER, {"sip_headers": {f"X-MS-Custom-{n}": "" for n in range(6)}}, "SipHeaders"),
        (USER, {"sip_headers": {"Priority": "high"}}, "SipHeaders"),
        (USER, {"sip_headers": {"User-To-User": 257 * "a"}}, "SipHeaders"),
        (USER, {"voip_headers": {str(n): "" for n in range(1001)}}, "VoipHeaders"),
        (USER, {"voip_headers": {65 * "a": ""}}, "VoipHeaders"),
    ],
)
async def test_who_cannot_be_added_is_refused(
    acs: Stack, who: Any, options: Json, field: str
) -> None:
    call, connection = await answered(acs)
    # The SDK refuses 181 by itself.
    with pytest.raises((HttpResponseError, ValueError), match=rf"{field}|invitation_timeout"):
        await add(connection, who, **options)
    assert (await acs.show(call))["invitations"] == []


async def test_a_number_of_somebody_else_is_no_caller_id() -> None:
    async with stack(own_numbers=(CALLEE,)) as acs:
        await acs.subscribe()
        _, connection = await answered(acs)
        with pytest.raises(HttpResponseError, match="7507") as refused:
            await add(connection, source_caller_id_number=PhoneNumberIdentifier(CALLER))
        assert refused.value.status_code == 403
        await add(connection)


async def test_a_call_of_a_teams_account_needs_no_caller_id(acs: Stack) -> None:
    _, connection = await answered(acs, to="28:orgid:5d0b2f1a-0000-4000-8000-000000000002")
    await connection.add_participant(agent(), headers=first_sent())
    await acs.peer.callback("AddParticipantSucceeded")


async def test_nobody_is_added_twice_at_a_time(acs: Stack) -> None:
    call, connection = await answered(acs, phone={"does": "waits"})
    await add(connection)
    with pytest.raises(HttpResponseError, match="8519") as refused:
        await add(connection)
    assert refused.value.status_code == 409
    await acs.control("POST", f"calls/{call['id']}/phone", {"does": "answers"})
    await acs.peer.callback("AddParticipantSucceeded")
    await add(connection)
    await acs.peer.callback("AddParticipantFailed")
    assert results(acs, "AddParticipantFailed") == [(400, 8523)]


async def test_nobody_is_added_before_the_call_is_up(acs: Stack) -> None:
    await outgoing(acs, phone={"does": "waits"})
    created = await create(acs, transcription=None)
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    with pytest.raises(HttpResponseError, match="8501"):
        await add(connection)
    with pytest.raises(HttpResponseError, match="8501"):
        await connection.remove_participant(agent(), headers=first_sent())


async def test_a_number_has_so_many_calls_at_a_time(acs: Stack) -> None:
    await outgoing(acs, callsPerNumber=2)
    _, connection = await answered(acs, phone={"does": "waits"})
    for number in ("+498998701", "+498998702", "+498998703"):
        await add(connection, number)
    await acs.peer.callback("AddParticipantFailed")
    [failed] = acs.peer.posted("AddParticipantFailed")
    assert failed["data"]["participant"]["rawId"] == "4:+498998703"
    assert results(acs, "AddParticipantFailed") == [(603, 560603)]


@pytest.mark.parametrize("raised", [True, False])
async def test_a_user_of_the_resource_rings_by_event_grid_too(acs: Stack, *, raised: bool) -> None:
    await outgoing(acs, incomingForUsers=raised)
    call, connection = await answered(acs, phone={"does": "waits"})
    who = CommunicationUserIdentifier(f"8:acs:{acs.settings.resource_id}_ada")
    headers = {"voip_headers": {"order": "4711"}, "source_display_name": "Shop"}
    await add(connection, who, **headers)
    assert len(await acs.list_calls()) == 1 + raised
    if raised:
        await until(lambda: len(acs.peer.events) == 2)
        event = acs.peer.events[1][1]["data"]
        assert (event["to"]["rawId"], event["from"]["rawId"]) == (who.raw_id, f"4:{CALLEE}")
        assert (event["serverCallId"], event["callerDisplayName"]) == (call["serverCallId"], "Shop")
        assert event["customContext"] == {"voipHeaders": {"order": "4711"}}
        await acs.answer((await acs.list_calls())[1], transcription=None)
        await acs.peer.callback("AddParticipantSucceeded")


async def test_what_teams_is_told_is_kept(acs: Stack) -> None:
    call, connection = await answered(acs)
    caller = TeamsPhoneCallerDetails(
        caller=PhoneNumberIdentifier(CALLER), name="Ada", phone_number=CALLER
    )
    details = TeamsPhoneCallDetails(
        teams_phone_caller=caller, transcript_url="https://calls.localhost/1"
    )
    await add(connection, USER, teams_phone_call_details=details, voip_headers={"a": "b"})
    [invitation] = (await acs.show(call))["invitations"]
    kept = invitation["customContext"]["teamsPhoneCallDetails"]
    assert kept["transcriptUrl"] == "https://calls.localhost/1"


@pytest.mark.parametrize(
    ("operation", "event", "failure"),
    [
        ("add", "AddParticipantSucceeded", "AddParticipantFailed"),
        ("cancel", "CancelAddParticipantSucceeded", "CancelAddParticipantFailed"),
        ("remove", "RemoveParticipantSucceeded", "RemoveParticipantFailed"),
    ],
)
async def test_each_fails_as_ordered(acs: Stack, operation: str, event: str, failure: str) -> None:
    _, connection = await answered(acs)
    result = {"code": 487, "subCode": 10003, "message": "Declined."}
    await acs.fault(on=event, result=result)
    if operation == "add":
        await add(connection)
    elif operation == "cancel":
        await connection.cancel_add_participant_operation("any", headers=first_sent())
    else:
        await connection.remove_participant(PhoneNumberIdentifier(CALLER), headers=first_sent())
    await acs.peer.callback(failure)
    assert acs.peer.posted(failure)[0]["data"]["resultInformation"] == result
    assert event not in acs.peer.kinds


async def test_a_phone_behaves_as_usual_again(acs: Stack) -> None:
    _, connection = await answered(acs)
    await acs.control("PUT", f"phones/{AGENT}", {"does": "busy", "after": 0})
    await add(connection)
    await acs.peer.callback("AddParticipantFailed")
    assert (await acs.control("DELETE", f"phones/{AGENT}"))[0] == 204
    assert (await acs.control("DELETE", f"phones/{AGENT}"))[0] == 404
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
