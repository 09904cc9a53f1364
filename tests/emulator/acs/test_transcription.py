"""The transcription of a call: what its stream carries, and when."""

import jwt
import pytest

from emulator.acs.clock import MAX_TICKS, TICKS_PER_SECOND, now_ticks

from .peers import TEXTS
from .stacks import Stack, started_later

MODEL = "0000a000-9999-5555-ae00-cd00e0bc0001"


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
