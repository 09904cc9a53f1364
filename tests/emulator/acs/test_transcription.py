"""The transcription of a call: when it starts, what its stream carries, and why it fails."""

from typing import Any

import jwt
import pytest
from azure.core.exceptions import ResourceNotFoundError

from emulator.acs.clock import MAX_TICKS, TICKS_PER_SECOND, now_ticks

from .peers import ACS_USER, Json, Stack, stack, until

TEXTS = [
    "Hello, how can I help?",
    "Is the shop open today?",
    "Yes, until six o'clock.",
    "Great, see you later.",
    "See you!",
]
MODEL = "0000a000-9999-5555-ae00-cd00e0bc0001"


async def started_later(acs: Stack, **ring: Any) -> Json:
    """Answer without starting the transcription."""
    options = acs.transcription(start_transcription=False)
    return await acs.talk({"transcription": options}, **({"stay": True, "script": "short"} | ring))


def result(event: Json) -> tuple[int, int, str]:
    """Return the codes and the details of a failure."""
    information = event["data"]["resultInformation"]
    update = event["data"]["transcriptionUpdate"]
    assert update["transcriptionStatus"] == "transcriptionFailed"
    details = update["transcriptionStatusDetails"]
    return information["code"], information["subCode"], details


async def test_every_line_becomes_a_final_in_order(acs: Stack) -> None:
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    socket = await acs.peer.socket()
    assert [final["text"] for final in socket.finals] == TEXTS
    speakers = [final["participantRawID"] for final in socket.finals]
    assert speakers == [call["to"], call["from"], call["to"], call["from"], call["to"]]


async def test_the_record_says_which_frame_carried_a_final(acs: Stack) -> None:
    options = acs.transcription(enable_intermediate_results=True)
    call = await acs.talk({"transcription": options})
    shown = await acs.reach(call, "disconnected")
    frames = (await acs.peer.socket()).parsed
    assert shown["framesSent"] == len(frames)
    assert [final["text"] for final in shown["finals"]] == TEXTS
    for final in shown["finals"]:
        assert final["connection"] == 1
        assert frames[final["frame"]]["transcriptionData"]["text"] == final["text"]
        assert final["replays"] == []


async def test_hypotheses_come_only_when_asked_for(acs: Stack) -> None:
    await acs.talk({"transcription": acs.transcription(enable_intermediate_results=True)})
    await acs.talk({"transcription": acs.transcription(enable_intermediate_results=False)})
    await acs.peer.callback("CallDisconnected", 1)
    talkative, terse = ([frame["kind"] for frame in one.parsed] for one in acs.peer.sockets)
    assert len(talkative) > len(terse) == 1 + len(TEXTS)


async def test_the_stream_begins_with_metadata(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    metadata = (await acs.peer.socket()).metadata
    assert metadata.pop("subscriptionId")
    assert metadata == {
        "locale": "en-US",
        "callConnectionId": call["callConnectionId"],
        "correlationId": call["correlationId"],
    }


async def test_the_stream_proves_its_sender_for_a_day(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    headers = (await acs.peer.socket()).headers
    assert headers["x-ms-call-connection-id"] == call["callConnectionId"]
    assert headers["x-ms-call-correlation-id"] == call["correlationId"]
    token = headers["Authorization"].removeprefix("Bearer ")
    async with acs.http.get(f"{acs.url}/calling/keys") as response:
        [key] = jwt.PyJWKSet.from_dict(await response.json()).keys
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=acs.settings.resource_id)
    assert claims["iss"] == acs.settings.issuer
    assert claims["exp"] - claims["iat"] == 24 * 3600


async def test_a_speech_model_is_named_in_the_metadata(acs: Stack) -> None:
    call = await started_later(acs)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    # The SDK drops its own argument; this one reaches the wire.
    await connection.start_transcription(speech_model_endpoint_id=MODEL)
    metadata = (await acs.peer.socket()).metadata
    assert metadata["speechRecognitionModelEndpointId"] == MODEL


async def test_offsets_count_from_the_beginning_of_the_stream(acs: Stack) -> None:
    call = await acs.talk(speed=20)
    shown = await acs.reach(call, "disconnected")
    finals = (await acs.peer.socket()).finals
    offsets = [final["offset"] for final in finals]
    assert offsets == sorted(offsets)
    assert offsets[0] >= 0
    # Lines two seconds apart, at 20 times their speed.
    assert offsets[1] - offsets[0] == pytest.approx(0.1 * TICKS_PER_SECOND, abs=10_000)
    assert len(shown["finals"]) == len(finals)


async def test_or_down_to_the_end_of_the_calendar(acs: Stack) -> None:
    before = now_ticks()
    call = await acs.talk(offsets="clock")
    await acs.reach(call, "disconnected")
    for final in (await acs.peer.socket()).finals:
        assert before < MAX_TICKS - final["offset"] < now_ticks()


@pytest.mark.parametrize("field", ["duration", "words", "confidence", "participantRawID"])
async def test_frames_of_speech_lack_what_the_ring_leaves_out(acs: Stack, field: str) -> None:
    options = acs.transcription(enable_intermediate_results=True)
    call = await acs.talk({"transcription": options}, leaveOut=[field])
    await acs.reach(call, "disconnected")
    speech = [frame["transcriptionData"] for frame in (await acs.peer.socket()).parsed[1:]]
    assert len(speech) > len(TEXTS)
    assert not any(field in data for data in speech)
    assert not any(field in word for data in speech for word in data.get("words", ()))


async def test_it_can_be_started_stopped_and_started_again(acs: Stack) -> None:
    call = await started_later(acs)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    for number in range(2):
        await connection.start_transcription(locale="de-DE", operation_context=f"start {number}")
        started = await acs.peer.callback("TranscriptionStarted", number)
        assert started["data"]["operationContext"] == f"start {number}"
        socket = await acs.peer.socket(number)
        assert socket.metadata["locale"] == "de-DE"
        await connection.stop_transcription(operation_context=f"stop {number}")
        stopped = await acs.peer.callback("TranscriptionStopped", number)
        assert stopped["data"]["operationContext"] == f"stop {number}"
        await until(lambda: socket.ws.closed)  # noqa: B023
        assert socket.ws.close_code == 1000
    first, second = acs.peer.sockets
    assert first.metadata["subscriptionId"] != second.metadata["subscriptionId"]


async def test_starting_again_opens_no_second_stream(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.start_transcription(operation_context="again")
    again = await acs.peer.callback("TranscriptionStarted", 1)
    assert again["data"]["operationContext"] == "again"
    assert len(acs.peer.sockets) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_the_locale_can_be_changed(acs: Stack, *, announced: bool) -> None:
    call = await acs.talk(stay=True, metadataAfterUpdate=announced)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.update_transcription(locale="fr-FR")
    event = await acs.peer.callback("TranscriptionUpdated")
    details = event["data"]["transcriptionUpdate"]["transcriptionStatusDetails"]
    assert details == "transcriptionLocaleUpdated"
    await acs.see(call, lambda shown: len(shown["finals"]) == len(TEXTS))
    locales = [
        frame["transcriptionMetadata"]["locale"]
        for frame in (await acs.peer.socket()).parsed
        if frame["kind"] == "TranscriptionMetadata"
    ]
    assert locales == (["en-US", "fr-FR"] if announced else ["en-US"])
    assert (await acs.subscription(call)).locale == "fr-FR"


async def test_it_cannot_start_before_the_call_is_connected(acs: Stack) -> None:
    await acs.fault(on="CallConnected", result={"code": 0, "subCode": 0}, delay=0.2)
    answered = await acs.answer(await acs.ring())
    await acs.sdk.get_call_connection(answered.call_connection_id).start_transcription()
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8501)


async def test_nor_without_a_transport_url(acs: Stack) -> None:
    call = await acs.talk({"transcription": None}, stay=True)
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription(locale="en-US")
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (405, 8522, "streamUrlMissing")


async def test_nor_without_cognitive_services(acs: Stack) -> None:
    await acs.talk({"cognitive_services_endpoint": None}, stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (405, 8522)


async def test_nor_with_a_locale_that_has_no_region(acs: Stack) -> None:
    await acs.talk({"transcription": acs.transcription(locale="en-US-NancyNeural")}, stay=True)
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (400, 8523, "badRequest")


@pytest.mark.parametrize("url", ["https://app.localhost/", "ws://", "stream"])
async def test_nor_with_an_address_that_is_no_websocket(acs: Stack, url: str) -> None:
    await acs.talk({"transcription": acs.transcription(transport_url=url)}, stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8581)


async def test_nor_where_nobody_listens(acs: Stack) -> None:
    options = acs.transcription(transport_url="ws://127.0.0.1:1/")
    await acs.talk({"transcription": options}, stay=True)
    failed = result(await acs.peer.callback("TranscriptionFailed"))
    assert failed == (500, 8578, "streamConnectionUnsuccessful")


async def test_a_refused_upgrade_fails_and_the_app_may_start_again(acs: Stack) -> None:
    acs.peer.upgrade_statuses = [401]
    call = await acs.talk(stay=True)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (500, 8578)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    assert (await acs.subscription(call)).state == "inactive"
    await connection.start_transcription()
    await acs.peer.callback("TranscriptionStarted")


async def test_an_upgrade_that_hangs_fails() -> None:
    async with stack(dial_timeout=0.05) as acs:
        await acs.subscribe()
        acs.peer.upgrade_delay = 1
        await acs.talk(stay=True)
        assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (500, 8578)


async def test_what_is_not_under_way_cannot_be_updated(acs: Stack) -> None:
    call = await started_later(acs)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.update_transcription(locale="fr-FR")
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (400, 8501)


async def test_a_call_that_has_ended_is_not_found(acs: Stack) -> None:
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    with pytest.raises(ResourceNotFoundError):
        await connection.start_transcription()


async def test_the_known_issue_of_calls_from_acs_users(acs: Stack) -> None:
    """Starting at setup fails, starting later works."""
    options: Json = {"from": ACS_USER, "stay": True}
    call = await acs.talk(**options)
    assert result(await acs.peer.callback("TranscriptionFailed"))[:2] == (405, 8520)
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription()
    await acs.peer.callback("TranscriptionStarted")


async def test_what_is_said_without_a_stream_is_lost_and_recorded(acs: Stack) -> None:
    call = await started_later(acs, stay=False, waitForStream=0)
    shown = await acs.reach(call, "disconnected")
    assert [final["text"] for final in shown["finals"]] == TEXTS
    assert {final["connection"] for final in shown["finals"]} == {None}
    assert not acs.peer.sockets


async def test_the_conversation_waits_for_the_first_stream(acs: Stack) -> None:
    call = await started_later(acs, stay=False)
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription()
    shown = await acs.reach(call, "disconnected")
    assert [final["connection"] for final in shown["finals"]] == [1] * len(TEXTS)
