"""Calls that the app joins: `:connect`, with a room, a group or a call that is up."""

from typing import Any

import pytest
from azure.communication.callautomation import CallConnectionProperties

from .peers import COGNITIVE, TEXTS, Json
from .stacks import Stack, first_sent


async def join(acs: Stack, **options: Any) -> CallConnectionProperties:
    """Join a call, a room unless told otherwise."""
    usual: Json = {
        "cognitive_services_endpoint": COGNITIVE,
        "transcription": acs.transcription(),
        "headers": first_sent(),
    }
    where = {} if options.keys() & {"server_call_id", "group_call_id"} else {"room_id": "r"}
    return await acs.sdk.connect_call(acs.peer.callback_url, **(usual | where | options))


async def stay(acs: Stack) -> None:
    """Let the people on the next call stay."""
    body = {"script": "short", "speed": 50, "waitForStream": 60, "stay": True}
    assert (await acs.control("PUT", "outgoing-calls", body))[0] == 200


@pytest.mark.parametrize("where", [{"room_id": "r"}, {"group_call_id": "g"}])
async def test_a_room_and_a_group_are_joined_and_transcribed(acs: Stack, where: Json) -> None:
    body = {"script": "short", "speed": 50, "waitForStream": 60}
    await acs.control("PUT", "outgoing-calls", body)
    joined = await join(acs, operation_context="mine", **where)
    assert (joined.call_connection_state, joined.targets) == ("connecting", [])
    connected = await acs.peer.callback("CallConnected")
    assert connected["data"]["operationContext"] == "mine"
    await acs.peer.callback("CallDisconnected")
    assert [final["text"] for final in (await acs.peer.socket()).finals] == TEXTS
    [call] = (await acs.control("GET", "calls"))[1]
    assert (call["direction"], call["requests"]) == ("joined", {})


async def test_a_call_that_is_up_is_joined_by_its_server_call_id(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    joined = await join(acs, server_call_id=call["serverCallId"])
    assert joined.server_call_id == call["serverCallId"]
    assert joined.call_connection_id != call["callConnectionId"]
    await acs.peer.callback("CallConnected", 1)


async def test_one_that_nobody_knows_fails(acs: Stack) -> None:
    await join(acs, server_call_id="nobody", operation_context="mine")
    failed = (await acs.peer.callback("ConnectFailed"))["data"]
    result = failed["resultInformation"]
    assert (result["code"], result["subCode"]) == (404, 8522)
    assert failed["operationContext"] == "mine"


async def test_the_language_of_a_joined_call_cannot_be_changed(acs: Stack) -> None:
    await stay(acs)
    joined = await join(acs)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(joined.call_connection_id or "")
    await connection.update_transcription(locale="fr-FR", operation_context="change")
    failed = (await acs.peer.callback("TranscriptionFailed"))["data"]
    result = failed["resultInformation"]
    assert (result["code"], result["subCode"]) == (405, 8520)
    assert failed["operationContext"] == "change"
    await connection.stop_transcription()
    await acs.peer.callback("TranscriptionStopped")
    await connection.start_transcription(locale="fr-FR")
    assert (await acs.peer.socket(1)).metadata["locale"] == "fr-FR"


async def test_joining_fails_as_ordered(acs: Stack) -> None:
    result = {"code": 500, "subCode": 9999, "message": "Action failed."}
    await acs.fault(on="CallConnected", result=result)
    await join(acs)
    assert (await acs.peer.callback("ConnectFailed"))["data"]["resultInformation"] == result
