"""Calls that the app makes."""

from typing import Any

import pytest
from azure.communication.callautomation import (
    CallConnectionProperties,
    CommunicationUserIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.exceptions import HttpResponseError

from .peers import ACS_USER, CALLEE, CALLER, COGNITIVE, Json
from .stacks import Stack, first_sent

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
    assert [final["connection"] for final in call["finals"]] == [1] * 5


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


async def test_a_group_cannot_be_called(acs: Stack) -> None:
    with pytest.raises(HttpResponseError, match="group is not emulated"):
        await create(acs, [TARGET, CommunicationUserIdentifier(ACS_USER)])


async def test_creating_fails_as_ordered(acs: Stack) -> None:
    await acs.fault(on="createCall", status=403)
    with pytest.raises(HttpResponseError, match="Forbidden"):
        await create(acs)


async def test_wrong_options_are_refused(acs: Stack) -> None:
    for body in ({"from": CALLER}, {"speed": 0}, {"script": "unknown"}):
        assert (await acs.control("PUT", "outgoing-calls", body))[0] == 400
