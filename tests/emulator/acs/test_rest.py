"""Call Automation as the official SDK uses it."""

import asyncio

import aiohttp
import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    MediaStreamingOptions,
    StreamingTransportType,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from .peers import ACS_USER, CALLEE, CALLER
from .stacks import Stack, client, first_sent, stack


async def test_answering_returns_the_calls_properties(acs: Stack) -> None:
    call = await acs.ring(callerDisplayName="Ada")
    answered = await acs.answer(call)
    shown = await acs.show(call)
    assert answered.call_connection_id == shown["callConnectionId"]
    assert answered.server_call_id == call["serverCallId"]
    assert answered.correlation_id == call["correlationId"]
    assert answered.call_connection_state == "connecting"
    assert answered.callback_url == acs.peer.callback_url
    assert answered.source.raw_id == f"4:{CALLER}"
    assert [target.raw_id for target in answered.targets] == [f"4:{CALLEE}"]
    assert answered.answered_for.properties["value"] == CALLEE
    assert answered.source_display_name == "Ada"
    assert answered.transcription_subscription.state == "inactive"
    assert answered.transcription_subscription.locale == "en-US"


async def test_properties_follow_the_call(acs: Stack) -> None:
    options = acs.transcription(enable_intermediate_results=True)
    call = await acs.talk({"transcription": options}, stay=True)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    assert (await connection.get_call_properties()).call_connection_state == "connected"
    subscription = await acs.subscription(call)
    assert subscription.state == "active"
    assert subscription.subscribed_result_types == ["final", "intermediate"]


async def test_a_call_without_transcription_options_has_no_subscription(acs: Stack) -> None:
    answered = await acs.answer(await acs.ring(stay=True), transcription=None)
    assert answered.transcription_subscription is None


async def test_an_acs_user_is_a_communication_user(acs: Stack) -> None:
    call = await acs.ring(**{"from": ACS_USER})
    answered = await acs.answer(call)
    assert answered.source.properties["id"] == ACS_USER


@pytest.mark.parametrize("for_everyone", [True, False])
async def test_hanging_up_ends_the_call(acs: Stack, *, for_everyone: bool) -> None:
    call = await acs.talk(stay=True)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.hang_up(for_everyone, headers=first_sent())
    ended = await acs.peer.callback("CallDisconnected")
    assert ended["data"]["resultInformation"]["subCode"] == 7000
    with pytest.raises(ResourceNotFoundError) as refused:
        await connection.get_call_properties()
    assert refused.value.error is not None
    assert refused.value.error.code == "8522"


async def test_the_synchronous_client_works_too(acs: Stack) -> None:
    call = await acs.ring()
    context = await acs.context(call)
    key = AzureKeyCredential(str(acs.settings.access_key))
    with CallAutomationClient(acs.url, key) as sdk:
        answered = await asyncio.to_thread(
            sdk.answer_call, context, acs.peer.callback_url, headers=first_sent()
        )
    assert answered.correlation_id == call["correlationId"]


async def test_an_unknown_context_cannot_be_answered(acs: Stack) -> None:
    with pytest.raises(HttpResponseError, match="8501") as refused:
        await acs.sdk.answer_call("unknown", acs.peer.callback_url, headers=first_sent())
    assert refused.value.status_code == 400


async def test_a_call_is_answered_once(acs: Stack) -> None:
    call = await acs.ring()
    await acs.answer(call)
    with pytest.raises(HttpResponseError, match="8501"):
        await acs.answer(call)


async def test_a_call_that_no_longer_rings_cannot_be_answered() -> None:
    async with stack(ring_seconds=0.05) as acs:
        await acs.subscribe()
        call = await acs.ring()
        await acs.reach(call, "missed")
        with pytest.raises(HttpResponseError, match="8501"):
            await acs.answer(call)


async def test_an_unknown_call_is_not_found(acs: Stack) -> None:
    with pytest.raises(ResourceNotFoundError):
        await acs.sdk.get_call_connection("unknown").get_call_properties()


async def test_an_api_version_that_is_gone_is_not_found(acs: Stack) -> None:
    async with client(acs.url, acs.settings, api_version="2024-11-15-preview") as old:
        with pytest.raises(ResourceNotFoundError, match="No HTTP resource was found") as refused:
            await old.answer_call("context", acs.peer.callback_url, headers=first_sent())
    assert "callConnections:answer?api-version=2024-11-15-preview" in str(refused.value)


async def test_the_client_request_id_comes_back(acs: Stack) -> None:
    url = f"{acs.url}/calling/callConnections/unknown?api-version=2026-03-12"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"x-ms-client-request-id": "mine"}) as response,
    ):
        assert response.headers["x-ms-client-request-id"] == "mine"


async def test_a_body_without_what_is_needed_is_refused() -> None:
    async with stack(access_key=None) as acs:
        url = f"{acs.url}/calling/callConnections:answer?api-version=2026-03-12"
        for body in ("", "[]", "{", '{"callbackUri": "https://app.localhost/"}'):
            async with acs.http.post(url, data=body) as response:
                assert response.status == 400
                assert (await response.json())["error"]["code"] == "InvalidRequest"


async def test_audio_is_not_streamed(acs: Stack) -> None:
    audio = MediaStreamingOptions(
        transport_url=acs.peer.stream_url,
        transport_type=StreamingTransportType.WEBSOCKET,
        content_type="audio",
        audio_channel_type="mixed",
    )
    with pytest.raises(HttpResponseError, match="media streaming is not emulated"):
        await acs.answer(await acs.ring(), media_streaming=audio)


@pytest.mark.parametrize("callback_url", ["", "here", "ftp://app.localhost/"])
async def test_a_callback_address_must_be_one(acs: Stack, callback_url: str) -> None:
    call = await acs.ring()
    with pytest.raises(HttpResponseError, match="CallbackUri is invalid"):
        await acs.answer(call, callback_url=callback_url)
    assert (await acs.show(call))["state"] == "ringing"


async def test_https_can_be_required_as_the_service_does() -> None:
    async with stack(require_https=True) as acs:
        await acs.subscribe()
        call = await acs.ring()
        with pytest.raises(HttpResponseError, match="CallbackUri is invalid"):
            await acs.answer(call)
        await acs.answer(call, callback_url="https://app.localhost/")
