"""Prompts: what is played to whom, how long it takes, and why it fails."""

import io
import time
import wave
from typing import Any

import pytest
from aiohttp import web
from azure.communication.callautomation import (
    FileSource,
    PhoneNumberIdentifier,
    SsmlSource,
    TextSource,
)
from azure.core.exceptions import HttpResponseError

from emulator.acs.results import Result
from emulator.acs.results_media import PLAY_FAILURES

from .calling import answered, create, file, outgoing, results, seen, text
from .peers import CALLEE, CALLER, Json, serving, until
from .stacks import Stack, first_sent, stack

CALLING = PhoneNumberIdentifier(CALLER)
LOOP = file(3600, "music")


def recording(seconds: float, **wrong: int) -> bytes:
    """Return a file as the service takes it, unless told otherwise."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(wrong.get("channels", 1))
        sound.setsampwidth(2)
        sound.setframerate(wrong.get("rate", 16_000))
        sound.writeframes(bytes(int(seconds * 32_000)))
    return content.getvalue()


@pytest.mark.parametrize("to", ["all", "one"])
async def test_something_is_played(acs: Stack, to: str) -> None:
    call, connection = await answered(acs)
    whom: Any = "all" if to == "all" else [CALLING]
    await connection.play_media(
        [file(), text(), SsmlSource(ssml_text="<speak>Hi</speak>")], whom, operation_context="mine"
    )
    await seen(acs, "PlayStarted", "PlayCompleted")
    assert results(acs, "PlayCompleted") == [(200, 0)]
    assert acs.peer.posted("PlayStarted")[0]["data"]["operationContext"] == "mine"
    [record] = (await acs.show(call))["media"]
    assert record["state"] == "completed"
    assert record["sources"] == [file().url, "This call is transcribed.", "<speak>Hi</speak>"]
    assert record["to"] == ([] if to == "all" else [CALLING.raw_id])


async def test_a_prompt_takes_its_time_at_the_speed_of_the_call(acs: Stack) -> None:
    _, connection = await answered(acs, speed=10)
    began = time.monotonic()
    await connection.play_media([file(1), file(2)])
    await acs.peer.callback("PlayCompleted")
    assert time.monotonic() - began >= 0.3


async def test_prompts_wait_for_each_other(acs: Stack) -> None:
    _, connection = await answered(acs)
    for number in range(3):
        await connection.play_media(file(), operation_context=str(number))
    await seen(acs, *["PlayStarted", "PlayCompleted"] * 3)
    contexts = [event["data"]["operationContext"] for event in acs.peer.posted("PlayCompleted")]
    assert contexts == ["0", "1", "2"]


async def test_a_prompt_may_interrupt_those_before(acs: Stack) -> None:
    call, connection = await answered(acs)
    await connection.play_media(LOOP, loop=True, operation_context="first")
    await acs.peer.callback("PlayStarted")
    await connection.play_media(file(), operation_context="second")
    await connection.play_media(file(), interrupt_call_media_operation=True)
    await seen(acs, "PlayStarted", "PlayCanceled", "PlayCanceled", "PlayStarted", "PlayCompleted")
    assert results(acs, "PlayCanceled") == [(400, 8508)] * 2
    states = [record["state"] for record in (await acs.show(call))["media"]]
    assert states == ["canceled", "canceled", "completed"]


async def test_a_loop_goes_on_until_all_is_cancelled(acs: Stack) -> None:
    _, connection = await answered(acs, speed=1000)
    await connection.play_media(file(), loop=True)
    await acs.peer.callback("PlayStarted")
    await connection.play_media(file())
    await connection.cancel_all_media_operations()
    await seen(acs, "PlayStarted", "PlayCanceled", "PlayCanceled")
    await connection.play_media(file())
    await acs.peer.callback("PlayCompleted")


async def test_what_is_for_one_person_excludes_the_like(acs: Stack) -> None:
    """The service's table of what goes together."""
    _, connection = await answered(acs)
    await connection.play_media(LOOP, [CALLING])
    for ask in (
        connection.play_media(file(), [CALLING]),
        connection.start_continuous_dtmf_recognition(CALLING),
    ):
        with pytest.raises(HttpResponseError, match="8583") as refused:
            await ask
        assert refused.value.status_code == 412
    await connection.play_media(file(), interrupt_call_media_operation=True)
    await acs.peer.callback("PlayCompleted")
    await connection.play_media(file(), [CALLING])
    await acs.peer.callback("PlayCompleted", 1)


async def test_a_text_needs_a_voice_set_up_with_the_call(acs: Stack) -> None:
    _, connection = await answered(acs, {"cognitive_services_endpoint": None})
    await connection.play_media([file(), text()])
    await seen(acs, "PlayFailed")
    assert results(acs, "PlayFailed") == [(405, 8522)]
    assert acs.peer.posted("PlayFailed")[0]["data"]["failedPlaySourceIndex"] == 1
    await connection.play_media(file())
    await acs.peer.callback("PlayCompleted")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ([], r"\(8523\) The field PlaySources"),
        (FileSource(url="hello.wav"), r"\(8523\) The field File.Uri"),
        (FileSource(url="ftp://sounds.localhost/hello.wav"), r"\(8523\) The field File.Uri"),
        (TextSource(text=" ", voice_name="en-US-NancyNeural"), r"\(8582\)"),
        (SsmlSource(ssml_text=""), r"\(8582\)"),
        (TextSource(text="Hello"), r"\(8523\) The field Text.*VoiceName"),
        (text(4_001 * "a"), r"\(8523\) The field Text.*4000"),
    ],
)
async def test_what_cannot_be_played_is_refused(acs: Stack, source: Any, problem: str) -> None:
    call, connection = await answered(acs)
    with pytest.raises(HttpResponseError, match=problem) as refused:
        await connection.play_media(source)
    assert refused.value.status_code == 400
    assert (await acs.show(call))["media"] == []


async def test_nothing_is_played_before_the_call_is_up(acs: Stack) -> None:
    await outgoing(acs, phone={"does": "waits"})
    created = await create(acs, transcription=None)
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    with pytest.raises(HttpResponseError, match="8585"):
        await connection.play_media(file())


async def test_nothing_is_played_to_who_is_not_there(acs: Stack) -> None:
    _, connection = await answered(acs)
    await connection.play_media(file(), [PhoneNumberIdentifier("+498998700")])
    await acs.peer.callback("PlayFailed")
    assert results(acs, "PlayFailed") == [(404, 8522)]


@pytest.mark.parametrize("result", PLAY_FAILURES, ids=str)
@pytest.mark.parametrize("event", ["PlayStarted", "PlayCompleted"])
async def test_every_documented_failure_can_be_had(acs: Stack, event: str, result: Result) -> None:
    _, connection = await answered(acs)
    told = {"code": result.code, "subCode": result.sub_code, "message": result.message}
    await acs.fault(on=event, result=told)
    await connection.play_media(file())
    await acs.peer.callback("PlayFailed")
    assert acs.peer.posted("PlayFailed")[0]["data"]["resultInformation"] == told
    assert acs.peer.kinds.count("PlayStarted") == (event == "PlayCompleted")
    assert "PlayCompleted" not in acs.peer.kinds


async def test_the_control_api_says_which_files_fail_and_how_long_others_are(acs: Stack) -> None:
    _, connection = await answered(acs)
    addresses = [f"https://sounds.localhost/{name}.wav" for name in "abcd"]
    known: list[Json] = [
        {"address": addresses[0], "fails": "download"},
        {"address": addresses[1], "fails": "format"},
        {"address": addresses[2], "seconds": 0.1},
    ]
    options: Json = {"files": known, "seconds": 0.2}
    assert (await acs.control("PUT", "prompts", options))[0] == 200
    shown = (await acs.control("GET", "prompts"))[1]
    assert (shown["seconds"], shown["fetch"]) == (0.2, False)
    for address in addresses:
        await connection.play_media(FileSource(url=address))
    await acs.peer.callback("PlayCompleted", 1)
    assert results(acs, "PlayFailed") == [(400, 8536), (400, 8535)]
    assert (await acs.control("PUT", "prompts", {"seconds": 0}))[0] == 400
    await acs.control("POST", "reset")
    assert (await acs.control("GET", "prompts"))[1]["files"] == []


@pytest.mark.parametrize("seconds", ["x", "0", "inf", "-1", "nan", "1e9"])
async def test_an_address_that_tells_no_length_has_the_usual(acs: Stack, seconds: str) -> None:
    _, connection = await answered(acs)
    await acs.control("PUT", "prompts", {"seconds": 0.01})
    await connection.play_media(FileSource(url=f"https://sounds.localhost/a?seconds={seconds}"))
    await acs.peer.callback("PlayCompleted")


FILES = {
    "good.wav": recording(0.05),
    "stereo.wav": recording(0.05, channels=2),
    "slow.wav": recording(0.05, rate=8_000),
    "noise.wav": b"RIFF",
    "empty.wav": b"",
}


async def _sound(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name == "moved.wav":
        raise web.HTTPFound("/good.wav")
    if name not in FILES:
        raise web.HTTPNotFound
    return web.Response(body=FILES[name])


async def test_files_of_this_machine_are_fetched_if_that_is_wanted(acs: Stack) -> None:
    app = web.Application()
    app.router.add_get("/{name}", _sound)
    _, connection = await answered(acs)
    async with serving(app) as url:
        await acs.control("PUT", "prompts", {"fetch": True, "seconds": 0.01})
        for name in (*FILES, "moved.wav", "absent.wav"):
            await connection.play_media(FileSource(url=f"{url}/{name}"))
        await acs.peer.callback("PlayFailed", 5)
    found = [(400, 8535)] * 4 + [(400, 8536)] * 2
    assert results(acs, "PlayFailed") == found
    assert len(acs.peer.posted("PlayCompleted")) == 1
    await connection.play_media(FileSource(url="https://sounds.example/elsewhere.wav"))
    await acs.peer.callback("PlayCompleted", 1)
    await connection.play_media(FileSource(url=f"{url}/good.wav"))
    await acs.peer.callback("PlayFailed", 6)


async def test_the_end_of_the_call_ends_what_is_played(acs: Stack) -> None:
    _, connection = await answered(acs)
    await connection.play_media(LOOP)
    await connection.play_media(LOOP, [CALLING])
    await acs.peer.callback("PlayStarted")
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await seen(acs, "PlayStarted", "CallDisconnected")


async def test_a_source_without_its_content_is_refused() -> None:
    async with stack(access_key=None) as acs:
        await acs.subscribe()
        call, _ = await answered(acs)
        one = f"{acs.url}/calling/callConnections/{call['callConnectionId']}"
        url = f"{one}:play?api-version=2026-03-12"
        for kind in ("file", "text", "ssml"):
            async with acs.http.post(url, json={"playSources": [{"kind": kind}]}) as response:
                error = (await response.json())["error"]
            assert (response.status, error["code"]) == (400, "8523")


async def test_it_is_asked_for_so_often(acs: Stack) -> None:
    call, connection = await answered(acs)
    await connection.play_media(file())
    await until(lambda: "PlayCompleted" in acs.peer.kinds)
    assert (await acs.show(call))["requests"]["play"] == 1
    assert f"4:{CALLEE}" in (await acs.show(call))["people"]
