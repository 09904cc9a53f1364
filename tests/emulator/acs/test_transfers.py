"""Transfers: who is connected with whom, and whether the app stays."""

import pytest
from azure.communication.callautomation import CommunicationUserIdentifier, PhoneNumberIdentifier
from azure.core.exceptions import HttpResponseError

from .calling import AGENT, add, answered, create, outgoing, results, rosters, seen
from .peers import CALLEE, CALLER, until
from .stacks import Stack, first_sent

CALLING = PhoneNumberIdentifier(CALLER)
OTHER = PhoneNumberIdentifier("+498998799")


async def test_a_call_of_two_goes_on_without_the_app(acs: Stack) -> None:
    call, connection = await answered(acs)
    transferred = await connection.transfer_call_to_participant(
        OTHER, operation_context="on", headers=first_sent()
    )
    assert transferred.operation_context == "on"
    await seen(acs, "CallTransferAccepted", "CallDisconnected")
    told = acs.peer.posted("CallTransferAccepted")[0]["data"]
    assert told["transferTarget"]["rawId"] == OTHER.raw_id
    assert told["transferee"]["rawId"] == CALLING.raw_id
    shown = await acs.show(call)
    assert (shown["state"], shown["people"]) == ("disconnected", [CALLING.raw_id, OTHER.raw_id])
    [conversation] = (await acs.control("GET", "conversations"))[1]
    assert not conversation["over"]


async def test_so_does_one_that_the_app_has_made(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"after": 0})
    created = await create(acs, transcription=None)
    await acs.peer.callback("ParticipantsUpdated")
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    await acs.peer.callback("CallDisconnected")
    [call] = await acs.list_calls()
    assert call["people"] == [f"4:{CALLEE}", OTHER.raw_id]


async def test_of_several_one_goes_and_the_app_stays(acs: Stack) -> None:
    _, connection = await answered(acs)
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    with pytest.raises(HttpResponseError, match="Transferee"):
        await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    await connection.transfer_call_to_participant(OTHER, transferee=CALLING, headers=first_sent())
    await acs.peer.callback("ParticipantsUpdated", 2)
    assert rosters(acs)[2] == [f"4:{CALLEE}", f"4:{AGENT}"]
    assert "CallDisconnected" not in acs.peer.kinds
    people = [one["people"] for one in (await acs.control("GET", "conversations"))[1]]
    assert people == [rosters(acs)[2], [CALLING.raw_id, OTHER.raw_id]]


async def test_a_target_who_does_not_come_leaves_all_as_it_was(acs: Stack) -> None:
    _, connection = await answered(acs, phone={"does": "declines", "after": 0})
    await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    await seen(acs, "CallTransferFailed")
    assert results(acs, "CallTransferFailed") == [(603, 560603)]
    assert (await connection.get_call_properties()).call_connection_state == "connected"


async def test_one_transfer_at_a_time(acs: Stack) -> None:
    call, connection = await answered(acs, phone={"does": "waits"})
    await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    assert (await connection.get_call_properties()).call_connection_state == "transferring"
    with pytest.raises(HttpResponseError, match="8607") as refused:
        await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    assert refused.value.status_code == 409
    await acs.control("POST", f"calls/{call['id']}/phone", {"does": "answers"})
    await acs.peer.callback("CallDisconnected")


async def test_whoever_is_not_there_is_not_transferred(acs: Stack) -> None:
    _, connection = await answered(acs)
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    nobody = CommunicationUserIdentifier("8:acs:nobody")
    await connection.transfer_call_to_participant(OTHER, transferee=nobody, headers=first_sent())
    await acs.peer.callback("CallTransferFailed")
    assert results(acs, "CallTransferFailed") == [(404, 8522)]


async def test_a_user_of_the_resource_sees_who_is_transferred(acs: Stack) -> None:
    _, connection = await answered(acs, phone={"does": "waits"})
    who = CommunicationUserIdentifier(f"8:acs:{acs.settings.resource_id}_ada")
    await connection.transfer_call_to_participant(who, headers=first_sent())
    await until(lambda: len(acs.peer.events) == 2)
    event = acs.peer.events[1][1]["data"]
    assert (event["to"]["rawId"], event["from"]["rawId"]) == (who.raw_id, CALLING.raw_id)


async def test_a_transfer_fails_as_ordered(acs: Stack) -> None:
    _, connection = await answered(acs)
    result = {"code": 403, "subCode": 10000, "message": "The transfer was refused."}
    await acs.fault(on="CallTransferAccepted", result=result)
    await connection.transfer_call_to_participant(OTHER, headers=first_sent())
    failed = await acs.peer.callback("CallTransferFailed")
    assert failed["data"]["resultInformation"] == result
