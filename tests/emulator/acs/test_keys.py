"""Keys: who presses them, when, and what the app is told of them."""

import asyncio
from typing import Any

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    FileSource,
    PhoneNumberIdentifier,
)
from azure.communication.callautomation.aio import CallConnectionClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from emulator.acs.results import Result
from emulator.acs.results_media import RECOGNIZE_FAILURES

from .calling import AGENT, add, answered, converse, file, join, results, seen, text
from .peers import CALLEE, CALLER, Json, until
from .stacks import Stack, first_sent, stack

CALLING = PhoneNumberIdentifier(CALLER)
OTHER = PhoneNumberIdentifier("+498998799")


async def ask(connection: CallConnectionClient, who: Any = CALLING, **options: Any) -> None:
    """Recognise one key, for a minute unless told otherwise."""
    usual: Json = {"dtmf_max_tones_to_collect": 1, "initial_silence_timeout": 60}
    await connection.start_recognizing_media("dtmf", who, **(usual | options))


async def press(acs: Stack, call: Json, keys: str, speaker: int | str = 0) -> int:
    """Press keys, and return the status."""
    body = {"keys": keys, "speaker": speaker}
    return (await acs.control("POST", f"calls/{call['id']}/keys", body))[0]


async def begun(acs: Stack, call: Json, number: int = 0) -> None:
    """Wait until keys are waited for, or the prompt before them is played."""
    await acs.see(call, lambda shown: shown["media"][number]["state"] == "started")


def pressing(keys: str, **line: Any) -> Json:
    """Return a dialogue in which the caller presses keys when asked, at once."""
    return {"lines": [{"speaker": 0, "at": 0, "keys": keys, "asked": True} | line]}


def tones(acs: Stack) -> list[str]:
    """Return those of the first recognition that has been completed."""
    found: list[str] = acs.peer.posted("RecognizeCompleted")[0]["data"]["dtmfResult"]["tones"]
    return found


async def test_a_key_is_recognised(acs: Stack) -> None:
    call, connection = await answered(acs)
    await ask(connection, operation_context="consent")
    await begun(acs, call)
    assert await press(acs, call, "1") == 204
    await seen(acs, "RecognizeCompleted")
    told = acs.peer.posted("RecognizeCompleted")[0]["data"]
    assert (told["recognitionType"], told["dtmfResult"]) == ("dtmf", {"tones": ["one"]})
    assert told["operationContext"] == "consent"
    assert results(acs, "RecognizeCompleted") == [(200, 8531)]


async def test_all_keys_have_names(acs: Stack) -> None:
    _, connection = await answered(acs, script=pressing("0123456789*#AbcD"), speed=100)
    await ask(connection, dtmf_max_tones_to_collect=16, dtmf_inter_tone_timeout=60)
    await acs.peer.callback("RecognizeCompleted")
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    assert tones(acs) == [*names, "asterisk", "pound", "a", "b", "c", "d"]


async def test_a_stop_tone_ends_the_row(acs: Stack) -> None:
    _, connection = await answered(acs, script=pressing("12#"), speed=10)
    options: Json = {"dtmf_max_tones_to_collect": 5, "dtmf_stop_tones": ["pound"]}
    await ask(connection, dtmf_inter_tone_timeout=60, **options)
    await acs.peer.callback("RecognizeCompleted")
    assert results(acs, "RecognizeCompleted") == [(200, 8514)]
    assert tones(acs) == ["one", "two"]


@pytest.mark.parametrize(
    ("script", "failure"), [({"lines": []}, (400, 8510)), (pressing("1"), (400, 8532))]
)
async def test_nobody_waits_for_ever(acs: Stack, script: Json, failure: tuple[int, int]) -> None:
    _, connection = await answered(acs, script=script, speed=20)
    # Without the app's word it is two seconds from one key to the next.
    await ask(connection, dtmf_max_tones_to_collect=2, initial_silence_timeout=None)
    await seen(acs, "RecognizeFailed")
    assert results(acs, "RecognizeFailed") == [failure]


async def test_a_prompt_may_be_interrupted_by_a_key(acs: Stack) -> None:
    _, connection = await answered(acs, script=pressing("1"))
    await ask(connection, play_prompt=[file(3600), text()], interrupt_prompt=True)
    await acs.peer.callback("RecognizeCompleted")
    assert tones(acs) == ["one"]


@pytest.mark.parametrize("interrupts", [True, False])
async def test_keys_count_after_a_prompt(acs: Stack, *, interrupts: bool) -> None:
    _, connection = await answered(acs, script=pressing("1", at=2), speed=20)
    await ask(connection, play_prompt=file(1), interrupt_prompt=interrupts)
    await acs.peer.callback("RecognizeCompleted")
    assert tones(acs) == ["one"]


async def test_what_is_pressed_during_another_prompt_is_lost(acs: Stack) -> None:
    call, connection = await answered(acs, script=pressing("2"), speed=10)
    await ask(connection, play_prompt=file(10))
    await begun(acs, call)
    await press(acs, call, "1")
    await acs.peer.callback("RecognizeCompleted")
    assert tones(acs) == ["two"]


async def test_only_the_one_who_is_asked_answers(acs: Stack) -> None:
    call, connection = await answered(acs)
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    await ask(connection, PhoneNumberIdentifier(AGENT))
    await begun(acs, call)
    await press(acs, call, "1")
    await press(acs, call, "2", AGENT)
    await acs.peer.callback("RecognizeCompleted")
    assert tones(acs) == ["two"]


async def test_each_question_has_its_answer(acs: Stack) -> None:
    lines = [{"speaker": 0, "at": 0, "keys": key, "asked": True} for key in "12"]
    _, connection = await answered(acs, script={"lines": lines})
    for _ in range(2):
        await ask(connection)
    await acs.peer.callback("RecognizeCompleted", 1)
    found = [event["data"]["dtmfResult"] for event in acs.peer.posted("RecognizeCompleted")]
    assert found == [{"tones": ["one"]}, {"tones": ["two"]}]


async def test_whoever_is_asked_waits_for_the_question(acs: Stack) -> None:
    """The first stream, for which words wait, does not matter."""
    options = {"transcription": acs.transcription(start_transcription=False)}
    _, connection = await answered(acs, options, script=pressing("1"), waitForStream=60)
    await ask(connection)
    await acs.peer.callback("RecognizeCompleted")


async def test_who_is_not_there_is_not_asked(acs: Stack) -> None:
    _, connection = await answered(acs)
    await ask(connection, OTHER)
    await acs.peer.callback("RecognizeFailed")
    assert results(acs, "RecognizeFailed") == [(404, 8522)]


async def test_a_prompt_that_cannot_be_played_is_named(acs: Stack) -> None:
    address = "https://sounds.localhost/absent.wav"
    await acs.control("PUT", "prompts", {"files": [{"address": address, "fails": "download"}]})
    _, connection = await answered(acs)
    await ask(connection, play_prompt=[file(), FileSource(url=address)])
    failed = (await acs.peer.callback("RecognizeFailed"))["data"]
    assert failed["failedPlaySourceIndex"] == 1
    assert results(acs, "RecognizeFailed") == [(500, 8511)]


async def test_a_question_is_cancelled_or_interrupts(acs: Stack) -> None:
    call, connection = await answered(acs)
    await ask(connection, operation_context="first")
    await connection.cancel_all_media_operations()
    await connection.play_media(file(3600))
    await acs.peer.callback("PlayStarted")
    await ask(connection, interrupt_call_media_operation=True)
    await begun(acs, call, 2)
    await press(acs, call, "1")
    await seen(acs, "RecognizeCanceled", "PlayStarted", "PlayCanceled", "RecognizeCompleted")
    assert results(acs, "RecognizeCanceled") == [(400, 8508)]


async def test_in_a_group_a_question_excludes_the_like(acs: Stack) -> None:
    _, connection = await answered(acs)
    await ask(connection)
    # With one other party nothing is excluded.
    await ask(connection)
    await connection.cancel_all_media_operations()
    await add(connection)
    await acs.peer.callback("ParticipantsUpdated", 1)
    await ask(connection)
    for refused in (
        ask(connection),
        connection.play_media(file(), [CALLING]),
        connection.start_continuous_dtmf_recognition(CALLING),
    ):
        with pytest.raises(HttpResponseError, match="8583"):
            await refused
    await connection.play_media(file())


@pytest.mark.parametrize("kind", ["speech", "choices", "speechOrDtmf"])
async def test_only_keys_are_recognised(acs: Stack, kind: str) -> None:
    _, connection = await answered(acs)
    with pytest.raises(HttpResponseError, match="not emulated") as refused:
        await connection.start_recognizing_media(kind, CALLING)
    assert refused.value.status_code == 501


@pytest.mark.parametrize("result", RECOGNIZE_FAILURES, ids=str)
async def test_every_documented_failure_can_be_had(acs: Stack, result: Result) -> None:
    _, connection = await answered(acs, script=pressing("1"))
    told = {"code": result.code, "subCode": result.sub_code, "message": result.message}
    await acs.fault(on="RecognizeCompleted", result=told)
    await ask(connection)
    await seen(acs, "RecognizeFailed")
    assert acs.peer.posted("RecognizeFailed")[0]["data"]["resultInformation"] == told


async def test_all_keys_of_somebody_are_reported(acs: Stack) -> None:
    call, connection = await answered(acs, speed=100)
    await connection.start_continuous_dtmf_recognition(CALLING, operation_context="keys")
    await press(acs, call, "12")
    await acs.peer.callback("ContinuousDtmfRecognitionToneReceived", 1)
    found = [event["data"] for event in acs.peer.posted("ContinuousDtmfRecognitionToneReceived")]
    assert [(one["sequenceId"], one["tone"]) for one in found] == [(1, "one"), (2, "two")]
    assert {one["operationContext"] for one in found} == {"keys"}
    await connection.stop_continuous_dtmf_recognition(CALLING, operation_context="no more")
    stopped = await acs.peer.callback("ContinuousDtmfRecognitionStopped")
    assert stopped["data"]["operationContext"] == "no more"
    await press(acs, call, "3")
    await ask(connection)
    await acs.see(call, lambda shown: shown["media"])
    assert len(acs.peer.posted("ContinuousDtmfRecognitionToneReceived")) == 2


async def test_keys_are_recognised_and_reported_beside_prompts(acs: Stack) -> None:
    call, connection = await answered(acs)
    await connection.start_continuous_dtmf_recognition(CALLING)
    await ask(connection)
    await begun(acs, call)
    await press(acs, call, "9")
    await acs.peer.callback("RecognizeCompleted")
    await acs.peer.callback("ContinuousDtmfRecognitionToneReceived")


async def test_the_end_of_the_call_stops_the_reports(acs: Stack) -> None:
    _, connection = await answered(acs)
    await connection.start_continuous_dtmf_recognition(CALLING)
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await seen(acs, "ContinuousDtmfRecognitionStopped", "CallDisconnected")


async def test_a_report_fails_as_ordered(acs: Stack) -> None:
    call, connection = await answered(acs)
    await connection.start_continuous_dtmf_recognition(OTHER)
    await acs.peer.callback("ContinuousDtmfRecognitionToneFailed")
    result = {"code": 500, "subCode": 8512, "message": "Unknown internal server error."}
    await acs.fault(on="ContinuousDtmfRecognitionToneReceived", result=result)
    await connection.start_continuous_dtmf_recognition(CALLING)
    await press(acs, call, "1")
    await acs.peer.callback("ContinuousDtmfRecognitionToneFailed", 1)
    assert results(acs, "ContinuousDtmfRecognitionToneFailed") == [(404, 8522), (500, 8512)]


async def test_keys_are_pressed_while_people_talk(acs: Stack) -> None:
    lines: list[Json] = [
        {"speaker": 0, "at": 0.1, "text": "One moment."},
        {"speaker": 0, "at": 2, "keys": "9"},
        {"speaker": 0, "at": 3, "text": "Now?"},
    ]
    # The dialogue begins with the first stream.
    options = {"transcription": acs.transcription(start_transcription=False)}
    ring: Json = {"script": {"lines": lines}, "waitForStream": 60, "speed": 10}
    call, connection = await answered(acs, options, **ring)
    await connection.start_continuous_dtmf_recognition(CALLING)
    await connection.start_transcription()
    told = await acs.peer.callback("ContinuousDtmfRecognitionToneReceived")
    assert told["data"]["tone"] == "nine"
    await acs.see(call, lambda shown: len(shown["finals"]) == 2)


async def test_keys_are_pressed_in_a_conversation_that_was_joined(acs: Stack) -> None:
    conversation = await converse(acs, stay=True, people=[CALLER, CALLEE])
    joined = await join(acs, room_id=conversation["roomId"], transcription=None)
    await acs.peer.callback("ParticipantsUpdated")
    connection = acs.sdk.get_call_connection(joined.call_connection_id or "")
    await connection.start_continuous_dtmf_recognition(CALLING)
    path = f"conversations/{conversation['id']}/keys"
    assert (await acs.control("POST", path, {"keys": "#"}))[0] == 204
    told = await acs.peer.callback("ContinuousDtmfRecognitionToneReceived")
    assert told["data"]["tone"] == "pound"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"keys": ""}, 400),
        ({"keys": "1x"}, 400),
        ({"keys": 101 * "1"}, 400),
        ({"keys": "1", "speaker": 7}, 400),
        ({"keys": "1", "speaker": "8:acs:nobody"}, 409),
    ],
)
async def test_wrong_keys_are_refused(acs: Stack, body: Json, status: int) -> None:
    call, _ = await answered(acs)
    assert (await acs.control("POST", f"calls/{call['id']}/keys", body))[0] == status


async def test_nobody_presses_keys_on_a_call_that_is_not_up() -> None:
    async with stack(connect_seconds=60) as acs:
        await acs.subscribe()
        call = await acs.ring()
        assert await press(acs, call, "1") == 409


@pytest.mark.parametrize(
    "line",
    [
        {"speaker": 0, "at": 0},
        {"speaker": 0, "at": 0, "text": "Hi", "keys": "1"},
        {"speaker": 0, "at": 0, "text": "Hi", "asked": True},
        {"speaker": 0, "at": 0, "keys": "x"},
        {"speaker": 5, "at": 0, "keys": "1"},
    ],
)
async def test_a_dialogue_with_wrong_keys_is_refused(acs: Stack, line: Json) -> None:
    body = {"from": CALLER, "to": CALLEE, "script": {"lines": [line]}}
    assert (await acs.control("POST", "incoming-calls", body))[0] == 400


async def test_the_synchronous_client_recognises_keys_too(acs: Stack) -> None:
    call, _ = await answered(acs, script=pressing("5"))
    key = AzureKeyCredential(str(acs.settings.access_key))
    with CallAutomationClient(acs.url, key) as sdk:
        connection = sdk.get_call_connection(call["callConnectionId"])
        await asyncio.to_thread(
            connection.start_recognizing_media,
            "dtmf",
            CALLING,
            dtmf_max_tones_to_collect=1,
            initial_silence_timeout=60,
        )
        await until(lambda: acs.peer.posted("RecognizeCompleted"))
    assert tones(acs) == ["five"]
