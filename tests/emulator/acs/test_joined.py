"""Calls that the app joins: `:connect`, with a conversation that runs without it."""

from typing import Any

import pytest

from .calling import converse, join, results
from .peers import ACS_USER, CALLER, TEXTS, until
from .stacks import Stack, first_sent, stack

LOCATORS = {"server_call_id": "serverCallId", "group_call_id": "groupCallId", "room_id": "roomId"}


@pytest.mark.parametrize("locator", LOCATORS)
@pytest.mark.parametrize("given", [True, False])
async def test_a_conversation_is_joined_and_transcribed(
    acs: Stack, locator: str, *, given: bool
) -> None:
    name = LOCATORS[locator]
    conversation = await converse(acs, whenEmpty="ends", **({name: "mine"} if given else {}))
    where = {locator: "mine" if given else conversation[name]}
    joined = await join(acs, operation_context="mine", **where)
    assert (joined.call_connection_state, joined.targets) == ("connecting", [])
    assert joined.server_call_id == conversation["serverCallId"]
    connected = await acs.peer.callback("CallConnected")
    assert connected["data"]["operationContext"] == "mine"
    await acs.peer.callback("CallDisconnected")
    assert [final["text"] for final in (await acs.peer.socket()).finals] == TEXTS
    [call] = await acs.list_calls()
    assert (call["direction"], call["requests"]) == ("joined", {})


async def test_who_joins_late_hears_what_is_said_from_then_on(acs: Stack) -> None:
    lines = [{"speaker": n % 2, "at": n, "text": f"Number {n}."} for n in range(3_000)]
    conversation = await converse(acs, script={"lines": lines}, waitForApp=False, speed=100)
    await join(acs, room_id=conversation["roomId"])
    socket = await acs.peer.socket()
    await until(lambda: len(socket.finals) > 10)
    [call] = await acs.list_calls()
    numbers = [int(final["text"].strip("Number .")) for final in call["finals"]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_call_that_is_up_is_joined_by_its_server_call_id(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.peer.callback("TranscriptionStarted")
    joined = await join(acs, server_call_id=call["serverCallId"])
    assert joined.server_call_id == call["serverCallId"]
    assert joined.call_connection_id != call["callConnectionId"]
    await acs.peer.callback("TranscriptionStarted", 1)
    body = {"speaker": 0, "text": "Do you both hear me?"}
    assert (await acs.control("POST", f"calls/{call['id']}/say", body))[0] == 204
    for number in range(2):
        socket = await acs.peer.socket(number)
        await until(lambda: socket.finals and socket.finals[-1]["text"] == body["text"])  # noqa: B023 - called at once
    assert [one["transcriptionsAtOnce"] for one in await acs.list_calls()] == [2, 2]


@pytest.mark.parametrize("locator", LOCATORS)
async def test_one_that_nobody_knows_fails(acs: Stack, locator: str) -> None:
    where: Any = {locator: "nobody"}
    await join(acs, operation_context="mine", **where)
    failed = (await acs.peer.callback("ConnectFailed"))["data"]
    assert results(acs, "ConnectFailed") == [(404, 8522)]
    assert failed["operationContext"] == "mine"


async def test_so_does_one_that_is_over(acs: Stack) -> None:
    conversation = await converse(acs)
    path = f"conversations/{conversation['id']}"
    assert (await acs.control("POST", f"{path}/end"))[0] == 204
    assert (await acs.control("POST", f"{path}/end"))[0] == 409
    await join(acs, room_id=conversation["roomId"])
    await acs.peer.callback("ConnectFailed")


async def test_a_locator_needs_its_id() -> None:
    async with stack(access_key=None) as acs:
        locator = {"kind": "roomCallLocator", "serverCallId": "of another kind"}
        body = {"callLocator": locator, "callbackUri": acs.peer.callback_url}
        url = f"{acs.url}/calling/callConnections:connect?api-version=2026-03-12"
        async with acs.http.post(url, json=body) as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"]) == (400, "8523")


async def test_the_language_of_a_joined_call_cannot_be_changed(acs: Stack) -> None:
    conversation = await converse(acs, stay=True)
    joined = await join(acs, group_call_id=conversation["groupCallId"])
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(joined.call_connection_id or "")
    await connection.update_transcription(locale="fr-FR", operation_context="change")
    failed = (await acs.peer.callback("TranscriptionFailed"))["data"]
    assert results(acs, "TranscriptionFailed") == [(405, 8520)]
    assert failed["operationContext"] == "change"
    await connection.stop_transcription()
    await acs.peer.callback("TranscriptionStopped")
    await connection.start_transcription(locale="fr-FR")
    assert (await acs.peer.socket(1)).metadata["locale"] == "fr-FR"


@pytest.mark.parametrize("everyone", [True, False])
async def test_the_app_leaves_the_others_or_ends_it_for_all(acs: Stack, *, everyone: bool) -> None:
    conversation = await converse(acs, stay=True)
    first, second = [await join(acs, room_id=conversation["roomId"]) for _ in range(2)]
    await acs.peer.callback("CallConnected", 1)
    connection = acs.sdk.get_call_connection(first.call_connection_id or "")
    await connection.hang_up(is_for_everyone=everyone, headers=first_sent())
    await acs.peer.callback("CallDisconnected", int(everyone))
    assert results(acs, "CallDisconnected") == [(200, 7000)] * (1 + everyone)
    _, shown = await acs.control("GET", f"conversations/{conversation['id']}")
    assert shown["over"] == everyone
    if not everyone:
        other = acs.sdk.get_call_connection(second.call_connection_id or "")
        assert (await other.get_call_properties()).call_connection_state == "connected"


@pytest.mark.parametrize("when_empty", ["stays", "ends"])
async def test_people_come_and_go(acs: Stack, when_empty: str) -> None:
    conversation = await converse(acs, stay=True, people=[CALLER, ACS_USER], whenEmpty=when_empty)
    path = f"conversations/{conversation['id']}"
    await join(acs, room_id=conversation["roomId"])
    await acs.peer.callback("ParticipantsUpdated")
    steps = (
        ("join", "8:acs:third"),
        ("leave", CALLER),
        ("leave", ACS_USER),
        ("leave", "8:acs:third"),
    )
    for action, who in steps:
        assert (await acs.control("POST", f"{path}/{action}", {"who": who}))[0] == 204
    assert (await acs.control("POST", f"{path}/leave", {"who": CALLER}))[0] == 409
    if when_empty == "ends":
        await acs.peer.callback("CallDisconnected")
        return
    rosters = [await acs.peer.callback("ParticipantsUpdated", number) for number in range(5)]
    assert [len(roster["data"]["participants"]) for roster in rosters] == [2, 3, 2, 1, 0]
    assert acs.peer.posted("CallDisconnected") == []


async def test_joining_fails_as_ordered(acs: Stack) -> None:
    conversation = await converse(acs)
    result = {"code": 500, "subCode": 9999, "message": "Action failed."}
    await acs.fault(on="CallConnected", result=result)
    await join(acs, room_id=conversation["roomId"])
    assert (await acs.peer.callback("ConnectFailed"))["data"]["resultInformation"] == result


async def test_conversations_are_shown_and_spoken_in(acs: Stack) -> None:
    conversation = await converse(acs, stay=True, script={"lines": []})
    assert conversation["people"] == ["8:acs:emulator_ada", "8:acs:emulator_ben"]
    assert (await acs.control("GET", "conversations"))[1] == [conversation]
    await join(acs, room_id=conversation["roomId"])
    await acs.peer.callback("TranscriptionStarted")
    path = f"conversations/{conversation['id']}"
    body = {"speaker": 1, "text": "Hello, everybody."}
    assert (await acs.control("POST", f"{path}/say", body))[0] == 204
    socket = await acs.peer.socket()
    await until(lambda: socket.finals)
    assert (await acs.control("GET", "conversations/unknown"))[0] == 404
    for people in (["+4930123"], ["nobody", "+4930123"]):
        assert (await acs.control("POST", "conversations", {"people": people}))[0] == 400
