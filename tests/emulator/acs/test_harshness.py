"""An ACS that freezes, is unavailable, tells other than it does, or loses callbacks and streams."""

import asyncio
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from .peers import Json, until
from .stacks import Stack, client, started_later

SHUT = {"code": 400, "subCode": 8581, "message": "Action failed, StreamUrl isn't valid."}


def connection_of(acs: Stack, call: Json) -> Any:
    """Return the SDK's client of one call."""
    return acs.sdk.get_call_connection(call["callConnectionId"])


async def silent(acs: Stack, **ring: Any) -> Json:
    """Return a call that is being transcribed, and on which nobody talks of himself."""
    call = await acs.talk(script={"lines": []}, stay=True, **ring)
    await acs.peer.callback("TranscriptionStarted")
    return call


async def say(acs: Stack, call: Json, text: str) -> Json:
    """Say something, and return the record of it."""
    await acs.control("POST", f"calls/{call['id']}/say", {"text": text})
    shown = await acs.see(call, lambda c: any(f["text"] == text for f in c["finals"]))
    return next(final for final in shown["finals"] if final["text"] == text)


async def asked(acs: Stack, call: Json, operation: str) -> None:
    """Wait until a request of this kind has come."""
    await acs.see(call, lambda shown: operation in shown["requests"])


async def test_a_frozen_service_does_later_what_it_was_asked(acs: Stack) -> None:
    call = await started_later(acs)
    await acs.fault(on="request", do="freeze", times=None)
    starting = asyncio.create_task(connection_of(acs, call).start_transcription())
    await asked(acs, call, "startTranscription")
    starting.cancel()  # the app has given up waiting
    assert "TranscriptionStarted" not in acs.peer.kinds
    await acs.control("DELETE", "faults")
    await acs.peer.callback("TranscriptionStarted")


async def test_or_never_does_it(acs: Stack) -> None:
    call = await started_later(acs)
    await acs.fault(on="startTranscription", do="swallow", times=None)
    starting = asyncio.create_task(connection_of(acs, call).start_transcription())
    await asked(acs, call, "startTranscription")
    assert not starting.done()
    await acs.control("DELETE", "faults")
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        await starting
    await connection_of(acs, call).stop_transcription()
    await acs.peer.callback("TranscriptionStopped")
    assert "TranscriptionStarted" not in acs.peer.kinds


async def test_a_frost_ends_by_itself(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.fault(on="request", do="freeze", seconds=0.05)
    await connection_of(acs, call).get_call_properties()
    assert (await acs.control("GET", "faults"))[1] == []


async def test_frozen_callbacks_come_in_order_when_it_is_over(acs: Stack) -> None:
    await acs.fault(on="callback", do="freeze", times=None)
    call = await acs.talk()
    await acs.see(call, lambda shown: len(shown["callbacks"]) == 4)
    assert acs.peer.kinds == []
    await acs.control("DELETE", "faults")
    await acs.peer.callback("CallDisconnected")
    kinds = ["CallConnected", "ParticipantsUpdated", "TranscriptionStarted", "CallDisconnected"]
    assert acs.peer.kinds == kinds


@pytest.mark.parametrize("retry_after", [None, 7])
async def test_everything_is_unavailable_for_a_time(acs: Stack, retry_after: int | None) -> None:
    call = await acs.talk(stay=True)
    await acs.fault(on="request", status=503, retryAfter=retry_after, seconds=600)
    connection = connection_of(acs, call)
    for ask in (connection.get_call_properties, connection.start_transcription):
        with pytest.raises(HttpResponseError) as refused:
            await ask()
        assert refused.value.status_code == 503
        response: Any = refused.value.response
        assert response.headers.get("Retry-After") == (None if retry_after is None else "7")
    await acs.control("DELETE", "faults")
    await connection.get_call_properties()


@pytest.mark.parametrize("state", ["disconnected", "transferring", "aWordOfNextYear"])
async def test_it_tells_of_another_state_than_the_callbacks(acs: Stack, state: str) -> None:
    call = await acs.talk(stay=True)
    await acs.fault(on="getCall", state=state)
    connection = connection_of(acs, call)
    assert (await connection.get_call_properties()).call_connection_state == state
    assert (await connection.get_call_properties()).call_connection_state == "connected"
    assert "CallDisconnected" not in acs.peer.kinds


async def test_an_ended_call_can_be_told_of_where_its_end_was_lost(acs: Stack) -> None:
    await acs.fault(on="CallDisconnected", do="drop")
    call = await acs.reach(await acs.talk(), "disconnected")
    await acs.fault(on="getCall", state="disconnected")
    connection = connection_of(acs, call)
    assert (await connection.get_call_properties()).call_connection_state == "disconnected"
    with pytest.raises(ResourceNotFoundError):
        await connection.get_call_properties()
    assert "CallDisconnected" not in acs.peer.kinds


async def test_a_call_is_not_known_for_a_while(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    gone = {"code": 404, "subCode": 8522, "message": "Call not found."}
    await acs.fault(on="getCall", result=gone, times=2)
    for _ in range(2):
        with pytest.raises(ResourceNotFoundError, match="8522"):
            await connection_of(acs, call).get_call_properties()
    await connection_of(acs, call).get_call_properties()


async def test_the_third_callback_is_lost(acs: Stack) -> None:
    await acs.fault(on="callback", do="drop", skip=2)
    await acs.talk()
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == ["CallConnected", "ParticipantsUpdated", "CallDisconnected"]


async def test_the_second_of_a_kind_is_lost(acs: Stack) -> None:
    await acs.fault(on="TranscriptionStopped", do="drop", skip=1)
    call = await silent(acs)
    connection = connection_of(acs, call)
    for context in ("first", "second", "third"):
        await connection.stop_transcription(operation_context=context)
    third = await acs.peer.callback("TranscriptionStopped", 1)
    assert third["data"]["operationContext"] == "third"


async def test_a_transcription_stops_without_an_event(acs: Stack) -> None:
    call = await silent(acs)
    status, _ = await acs.control(
        "POST", f"calls/{call['id']}/drop-stream", {"aftermath": "silent"}
    )
    assert status == 204
    await until(lambda: acs.peer.sockets[0].ws.closed)
    assert (await say(acs, call, "Lost"))["connection"] is None
    assert (await acs.subscription(call)).state == "inactive"
    await connection_of(acs, call).start_transcription()
    await acs.peer.callback("TranscriptionStarted", 1)
    assert "TranscriptionFailed" not in acs.peer.kinds


async def test_a_stream_ends_and_the_service_does_not_notice(acs: Stack) -> None:
    call = await silent(acs)
    await acs.control("POST", f"calls/{call['id']}/drop-stream", {"aftermath": "unnoticed"})
    await until(lambda: acs.peer.sockets[0].ws.closed)
    assert (await say(acs, call, "Lost"))["connection"] is None
    assert (await acs.subscription(call)).state == "active"
    connection = connection_of(acs, call)
    await connection.stop_transcription()
    await acs.peer.callback("TranscriptionStopped")
    await connection.start_transcription()
    await acs.peer.callback("TranscriptionStarted", 1)
    assert (await say(acs, call, "Heard"))["connection"] == 2
    assert "TranscriptionFailed" not in acs.peer.kinds


@pytest.mark.parametrize(
    ("do", "reported", "state"),
    [("cut", True, "inactive"), ("silent", False, "inactive"), ("unnoticed", False, "active")],
)
async def test_a_stream_is_lost_with_the_second_frame(
    acs: Stack, do: str, state: str, *, reported: bool
) -> None:
    await acs.fault(on="frame", do=do, skip=1)
    call = await silent(acs)
    assert (await say(acs, call, "Heard"))["connection"] == 1
    assert (await say(acs, call, "Lost"))["connection"] is None
    await until(lambda: acs.peer.sockets[0].ws.closed)
    if reported:
        await acs.peer.callback("TranscriptionFailed")
    assert ("TranscriptionFailed" in acs.peer.kinds) == reported
    assert (await acs.subscription(call)).state == state


async def test_one_frame_is_lost(acs: Stack) -> None:
    await acs.fault(on="frame", do="drop")
    call = await silent(acs)
    assert (await say(acs, call, "Lost"))["connection"] is None
    assert (await say(acs, call, "Heard"))["connection"] == 1


async def test_the_streams_door_is_shut_for_a_time(acs: Stack) -> None:
    await acs.fault(on="dial", result=SHUT, times=None)
    call = await acs.talk(stay=True)
    connection = connection_of(acs, call)
    await connection.start_transcription()
    for number in range(2):
        failed = await acs.peer.callback("TranscriptionFailed", number)
        assert failed["data"]["resultInformation"] == SHUT
    assert acs.peer.upgrades == []
    await acs.control("DELETE", "faults")
    await connection.start_transcription()
    await acs.peer.callback("TranscriptionStarted")


async def test_a_second_start_fails_and_the_first_goes_on(acs: Stack) -> None:
    call = await silent(acs)
    await connection_of(acs, call).start_transcription(operation_context="again")
    failed = (await acs.peer.callback("TranscriptionFailed"))["data"]
    assert failed["resultInformation"]["code"] == 400
    assert failed["resultInformation"]["subCode"] == 8500
    assert failed["operationContext"] == "again"
    assert (await say(acs, call, "Heard"))["connection"] == 1


async def test_so_does_one_while_the_first_is_being_started(acs: Stack) -> None:
    call = await started_later(acs)
    acs.peer.upgrading.clear()
    connection = connection_of(acs, call)
    await connection.start_transcription(operation_context="first")
    await until(lambda: acs.peer.upgrades)
    await connection.start_transcription(operation_context="second")
    failed = await acs.peer.callback("TranscriptionFailed")
    assert failed["data"]["operationContext"] == "second"
    acs.peer.upgrading.set()
    started = await acs.peer.callback("TranscriptionStarted")
    assert started["data"]["operationContext"] == "first"


async def test_or_its_request_is_refused(acs: Stack) -> None:
    call = await silent(acs, secondStart="refused")
    async with client(acs.url, acs.settings) as acs.sdk:
        with pytest.raises(HttpResponseError, match="8500") as refused:
            await connection_of(acs, call).start_transcription()
    assert refused.value.status_code == 400
    assert (await say(acs, call, "Heard"))["connection"] == 1


async def test_each_event_repeats_the_context_of_its_operation(acs: Stack) -> None:
    call = await acs.talk(
        {
            "operation_context": "answer",
            "transcription": acs.transcription(start_transcription=False),
        },
        script={"lines": []},
        stay=True,
    )
    connection = connection_of(acs, call)
    await connection.start_transcription(operation_context="t1")
    await acs.peer.callback("TranscriptionStarted")
    await connection.update_transcription(locale="fr-FR", operation_context="t2")
    await acs.peer.callback("TranscriptionUpdated")
    await acs.control("POST", f"calls/{call['id']}/drop-stream", {})
    await acs.peer.callback("TranscriptionFailed")
    await connection.update_transcription(locale="fr-FR", operation_context="t3")
    await acs.peer.callback("TranscriptionFailed", 1)
    await connection.stop_transcription(operation_context="t4")
    await acs.peer.callback("TranscriptionStopped")
    contexts = [
        (event["type"].rpartition(".")[2], event["data"].get("operationContext"))
        for _, event in acs.peer.callbacks
    ]
    assert contexts == [
        ("CallConnected", "answer"),
        ("ParticipantsUpdated", None),
        ("TranscriptionStarted", "t1"),
        ("TranscriptionUpdated", "t2"),
        ("TranscriptionFailed", "t1"),
        ("TranscriptionFailed", "t3"),
        ("TranscriptionStopped", "t4"),
    ]
