"""Calls that the app makes."""

from typing import Any

import pytest
from azure.communication.callautomation import (
    CallConnectionProperties,
    CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.exceptions import HttpResponseError

from .peers import ACS_USER, CALLEE, CALLER, COGNITIVE, Json
from .stacks import Stack, first_sent, stack

TARGET = PhoneNumberIdentifier(CALLEE)


async def create(acs: Stack, target: Any = TARGET, **options: Any) -> CallConnectionProperties:
    usual: Json = {
        "source_caller_id_number": PhoneNumberIdentifier(CALLER),
        "cognitive_services_endpoint": COGNITIVE,
        "transcription": acs.transcription(),
        "headers": first_sent(),
    }
    return await acs.sdk.create_call(target, acs.peer.callback_url, **(usual | options))


async def outgoing(acs: Stack, **options: Any) -> None:
    body = {"script": "short", "speed": 50, "waitForStream": 60} | options
    assert (await acs.control("PUT", "outgoing-calls", body))[0] == 200


async def test_a_call_is_made_picked_up_and_transcribed(acs: Stack) -> None:
    await outgoing(acs)
    created = await create(acs)
    assert created.call_connection_state == "connecting"
    assert [target.raw_id for target in created.targets or []] == [f"4:{CALLEE}"]
    assert created.answered_for is None
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == [
        "CallConnected",
        "ParticipantsUpdated",
        "TranscriptionStarted",
        "CallDisconnected",
    ]
    [call] = (await acs.control("GET", "calls"))[1]
    assert (call["direction"], call["state"]) == ("outbound", "disconnected")
    assert (call["from"], call["to"]) == (f"4:{CALLER}", f"4:{CALLEE}")
    # Nobody speaks for the app.
    assert [final["speaker"] for final in call["finals"]] == [f"4:{CALLEE}"] * 3
    assert [final["connection"] for final in call["finals"]] == [1] * 3


async def test_nobody_is_told_of_it_by_event_grid(acs: Stack) -> None:
    await create(acs)
    await acs.peer.callback("CallConnected")
    assert acs.peer.events == []


async def test_a_call_that_is_not_picked_up_fails(acs: Stack) -> None:
    result = {"code": 487, "subCode": 10003, "message": "Declined."}
    await acs.fault(on="CallConnected", result=result)
    await create(acs)
    failed = await acs.peer.callback("CreateCallFailed")
    assert failed["data"]["resultInformation"] == result


async def test_the_known_issue_is_about_the_other_end(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    await create(acs, CommunicationUserIdentifier(ACS_USER))
    failed = await acs.peer.callback("TranscriptionFailed")
    assert failed["data"]["resultInformation"]["subCode"] == 8520


async def test_a_number_is_not_called_without_a_number_of_the_resource(acs: Stack) -> None:
    with pytest.raises(HttpResponseError, match="SourceCallerIdNumber"):
        await create(acs, source_caller_id_number=None)
    await create(acs, CommunicationUserIdentifier(ACS_USER), source_caller_id_number=None)
    app = MicrosoftTeamsAppIdentifier("01234567-89ab-cdef-0123-456789abcdef")
    await create(acs, source_caller_id_number=None, teams_app_source=app)
    calls = (await acs.control("GET", "calls"))[1]
    assert [call["from"] for call in calls][1] == app.raw_id


@pytest.mark.parametrize(
    ("do", "code", "sub_code"),
    [("decline", 603, 8538), ("busy", 486, 8540), ("unreachable", 480, 8544)],
)
async def test_a_phone_that_is_not_picked_up(acs: Stack, do: str, code: int, sub_code: int) -> None:
    await outgoing(acs, phones={CALLEE: {"do": do}})
    await create(acs)
    result = (await acs.peer.callback("CreateCallFailed"))["data"]["resultInformation"]
    assert (result["code"], result["subCode"]) == (code, sub_code)
    [call] = (await acs.control("GET", "calls"))[1]
    assert (call["state"], call["ringing"], call["present"]) == ("disconnected", [], [])


async def test_a_phone_rings_for_so_long() -> None:
    async with stack(ring_seconds=0.05) as acs:
        await outgoing(acs, phone={"do": "noAnswer"})
        await create(acs)
        result = (await acs.peer.callback("CreateCallFailed"))["data"]["resultInformation"]
        assert result["code"] == 408


async def test_a_phone_is_picked_up_by_hand(acs: Stack) -> None:
    await outgoing(acs, phone={"do": "byHand"}, stay=True)
    created = await create(acs)
    call = (await acs.control("GET", "calls"))[1][0]
    assert call["ringing"] == [f"4:{CALLEE}"]
    connection = acs.sdk.get_call_connection(str(created.call_connection_id))
    assert (await connection.get_call_properties()).call_connection_state == "connecting"
    path = f"calls/{call['id']}/phone"
    assert (await acs.control("POST", path, {"phone": "+1"}))[0] == 409
    assert (await acs.control("POST", path, {"phone": CALLEE, "do": "answer"}))[0] == 204
    await acs.peer.callback("CallConnected")
    assert (await acs.control("POST", path))[0] == 409


async def test_a_result_of_ones_own(acs: Stack) -> None:
    result = {"code": 404, "subCode": 560404, "message": "No such number."}
    await outgoing(acs, phones={f"4:{CALLEE}": {"do": "unreachable", "result": result}})
    await create(acs)
    failed = await acs.peer.callback("CreateCallFailed")
    assert failed["data"]["resultInformation"] == result


async def test_of_a_group_the_first_who_answers_connects_and_others_join(acs: Stack) -> None:
    other = CommunicationUserIdentifier(ACS_USER)
    phones = {CALLEE: {"do": "byHand"}, "4:+15550100": {"do": "decline"}}
    await outgoing(acs, phones=phones, stay=True)
    created = await create(acs, [TARGET, other, PhoneNumberIdentifier("+15550100")])
    assert len(created.targets or []) == 3
    await acs.peer.callback("CallConnected")
    [call] = (await acs.control("GET", "calls"))[1]
    assert call["present"] == [ACS_USER]
    await acs.control("POST", f"calls/{call['id']}/phone", {"phone": CALLEE})
    updated = (await acs.peer.callback("ParticipantsUpdated", 1))["data"]
    assert updated["sequenceNumber"] == 2
    assert [each["identifier"]["rawId"] for each in updated["participants"]] == [
        ACS_USER,
        f"4:{CALLEE}",
    ]
    connection = acs.sdk.get_call_connection(str(created.call_connection_id))
    listed = [each async for each in connection.list_participants()]
    assert [each.identifier.raw_id for each in listed if each.identifier] == [
        ACS_USER,
        f"4:{CALLEE}",
    ]
    found = await connection.get_participant(TARGET)
    assert (found.is_muted, found.is_on_hold) == (False, False)
    with pytest.raises(HttpResponseError, match="8522"):
        await connection.get_participant(PhoneNumberIdentifier("+15550100"))


async def test_a_group_of_which_nobody_answers_fails(acs: Stack) -> None:
    await outgoing(acs, phone={"do": "decline"})
    await create(acs, [TARGET, CommunicationUserIdentifier(ACS_USER)])
    failed = await acs.peer.callback("CreateCallFailed")
    assert failed["data"]["resultInformation"]["code"] == 603


@pytest.mark.parametrize(
    ("targets", "everyone", "left"),
    [(1, False, "everyone"), (1, True, "everyone"), (2, False, "leave"), (2, True, "everyone")],
)
async def test_the_app_leaves_the_others_or_ends_the_call(
    acs: Stack, targets: int, left: str, *, everyone: bool
) -> None:
    await outgoing(acs, stay=True)
    others = [TARGET, CommunicationUserIdentifier(ACS_USER)][:targets]
    created = await create(acs, others)
    [call] = (await acs.control("GET", "calls"))[1]
    await acs.see(call, lambda shown: len(shown["present"]) == targets)
    connection = acs.sdk.get_call_connection(str(created.call_connection_id))
    await connection.hang_up(everyone, **({"headers": first_sent()} if everyone else {}))
    await acs.peer.callback("CallDisconnected")
    assert (await acs.show(call))["left"] == left


async def test_a_call_is_given_up_while_it_rings(acs: Stack) -> None:
    await outgoing(acs, phone={"do": "noAnswer"})
    created = await create(acs)
    connection = acs.sdk.get_call_connection(str(created.call_connection_id))
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await acs.peer.callback("CallDisconnected")
    [call] = (await acs.control("GET", "calls"))[1]
    assert (call["state"], call["ringing"]) == ("disconnected", [])


async def test_a_ringing_call_is_rejected(acs: Stack) -> None:
    await acs.subscribe()
    call = await acs.ring()
    context = await acs.context(call)
    await acs.sdk.reject_call(context, call_reject_reason="busy", headers=first_sent())
    assert (await acs.show(call))["state"] == "missed"
    assert acs.peer.kinds == []
    with pytest.raises(HttpResponseError, match="8501"):
        await acs.sdk.reject_call(context, headers=first_sent())


async def test_creating_fails_as_ordered(acs: Stack) -> None:
    await acs.fault(on="createCall", status=403)
    with pytest.raises(HttpResponseError, match="Forbidden"):
        await create(acs)


async def test_wrong_options_are_refused(acs: Stack) -> None:
    for body in ({"from": CALLER}, {"speed": 0}, {"script": "unknown"}):
        assert (await acs.control("PUT", "outgoing-calls", body))[0] == 400
