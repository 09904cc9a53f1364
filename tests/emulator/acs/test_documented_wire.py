"""What the emulator sends has the fields of the documented messages, and it takes their requests.

Else tests against it would prove the app right about a service that does not exist.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from emulator.acs.identifiers import identifier
from tests.wire_samples import names, sample

from .peers import Json
from .shapes import differences, documented
from .stacks import Stack, first_sent, stack

IDENTITIES = sorted(name for name in names("identities") if not name.startswith("request-"))
FAILURES = sorted(name for name in names("callbacks") if name.startswith("transcription-failed-"))
CUSTOM = json.loads(sample("incoming", "phone-number"))["data"]["customContext"]
API = "api-version=2026-03-12"
VOCABULARY = {
    "transcriptionStatus": {
        "transcriptionStarted",
        "transcriptionFailed",
        "transcriptionResumed",
        "transcriptionUpdated",
        "transcriptionStopped",
        "unspecifiedError",
    },
    "transcriptionStatusDetails": {
        "subscriptionStarted",
        "streamConnectionReestablished",
        "streamConnectionUnsuccessful",
        "streamUrlMissing",
        "serviceShutdown",
        "streamConnectionInterrupted",
        "speechServicesConnectionError",
        "subscriptionStopped",
        "unspecifiedError",
        "authenticationFailure",
        "badRequest",
        "tooManyRequests",
        "forbidden",
        "serviceTimeout",
        "transcriptionLocaleUpdated",
    },
}
REQUESTS = {
    "answer": (":answer", 200),
    "answer-preview": (":answer", 200),
    "answer-model": (":answer", 200),
    "create": ("", 201),
    "create-with-kind": ("", 201),
    "connect-room": (":connect", 200),
    "connect-group": (":connect", 200),
    "connect-server": (":connect", 200),
    "redirect": (":redirect", 501),
    "reject": (":reject", 204),
    "start": ("/{id}:startTranscription", 202),
    "start-empty": ("/{id}:startTranscription", 202),
    "start-model": ("/{id}:startTranscription", 202),
    "update": ("/{id}:updateTranscription", 202),
    "stop": ("/{id}:stopTranscription", 202),
}


@pytest_asyncio.fixture
async def unsigned() -> AsyncIterator[Stack]:
    """Yield an emulator that checks no signatures, so that requests can be sent as they are."""
    async with stack(access_key=None) as running:
        await running.subscribe()
        yield running


def assert_documented(found: Any, kind: str, *names: str) -> None:
    assert list(differences(found, documented(kind, *names))) == []


def assert_documented_callback(event: Json) -> None:
    """Compare with the samples of the same type; only a request that had a context gives one."""
    current = names("callbacks") - {"participants-updated-2022"}
    known = [body[0] for body in documented("callbacks", *current)]
    alike = [each for each in known if each["type"] == event["type"]]
    assert list(differences(event, alike, {"operationContext"})) == []


@pytest.mark.parametrize("name", IDENTITIES)
def test_a_raw_id_is_written_as_the_sdks_read_it(name: str) -> None:
    [identity] = documented("identities", name)
    assert identifier(identity["rawId"]) == identity


@pytest.mark.parametrize("context", [None, "mine"])
async def test_the_callbacks_of_a_whole_call(acs: Stack, context: str | None) -> None:
    call = await acs.talk({"operation_context": context}, stay=True)
    await acs.peer.callback("TranscriptionStarted")
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.update_transcription(locale="de-DE", operation_context=context)
    await acs.peer.callback("TranscriptionUpdated")
    await connection.stop_transcription(operation_context=context)
    await acs.peer.callback("TranscriptionStopped")
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await acs.peer.callback("CallDisconnected")
    assert len(set(acs.peer.kinds)) == 6
    for _, event in acs.peer.callbacks:
        assert_documented_callback(event)


@pytest.mark.parametrize("name", FAILURES)
async def test_every_documented_failure_can_be_had(acs: Stack, name: str) -> None:
    [[failure]] = documented("callbacks", name)
    result = failure["data"]["resultInformation"]
    await acs.fault(on="TranscriptionStarted", result=result)
    await acs.talk(stay=True)
    event = await acs.peer.callback("TranscriptionFailed")
    assert_documented_callback(event)
    assert event["data"]["resultInformation"] == result
    for field, value in event["data"]["transcriptionUpdate"].items():
        assert value in VOCABULARY[field]


@pytest.mark.parametrize(
    ("failure", "path", "name"),
    [
        ("AnswerFailed", ":answer", "answer"),
        ("CreateCallFailed", "", "create"),
        ("ConnectFailed", ":connect", "connect-room"),
    ],
)
async def test_a_call_that_does_not_come_about(
    unsigned: Stack, failure: str, path: str, name: str
) -> None:
    result = {"code": 486, "subCode": 560486, "message": "The callee was busy."}
    await unsigned.fault(on="CallConnected", result=result)
    await asked(unsigned, path, await ours(unsigned, name, await unsigned.ring()))
    assert_documented_callback(await unsigned.peer.callback(failure))


@pytest.mark.parametrize("offsets", ["stream", "clock"])
@pytest.mark.parametrize(
    ("left_out", "name"),
    [
        ([], "final"),
        (["duration"], "clock-without-duration"),
        (["words"], "without-words"),
        (["confidence"], "without-confidence"),
        (["participantRawID"], "without-speaker"),
    ],
)
async def test_the_frames_of_a_stream(
    acs: Stack, offsets: str, left_out: list[str], name: str
) -> None:
    options = acs.transcription(enable_intermediate_results=True)
    call = await acs.talk({"transcription": options}, offsets=offsets, leaveOut=left_out)
    await acs.reach(call, "disconnected")
    metadata, *speech = (await acs.peer.socket()).parsed
    assert_documented(metadata, "frames", "metadata-without-model")
    for frame in speech:
        assert_documented(frame, "frames", name)
    assert {frame["transcriptionData"]["resultStatus"] for frame in speech} == {
        "Final",
        "Intermediate",
    }


async def test_the_metadata_names_a_model(unsigned: Stack) -> None:
    call = await unsigned.ring(stay=True)
    body = await ours(unsigned, "answer", call)
    body["transcriptionOptions"]["speechModelEndpointId"] = "0000a000-9999-5555-ae00-cd00e0bc0001"
    await asked(unsigned, ":answer", body)
    assert_documented((await unsigned.peer.socket()).parsed[0], "frames", "metadata")


@pytest.mark.parametrize("custom", [None, CUSTOM])
@pytest.mark.parametrize("name", [name for name in IDENTITIES if name != "nobody"])
async def test_the_event_of_an_incoming_call(acs: Stack, name: str, custom: Json | None) -> None:
    [identity] = documented("identities", name)
    options = {"from": identity["rawId"], "callerDisplayName": "Ada", "customContext": custom}
    await acs.context(await acs.ring(**options))
    event = acs.peer.events[-1][1]
    assert event["data"]["from"] == identity
    assert_documented(event, "incoming", "phone-number" if custom else "without-custom-context")


async def test_the_event_that_validates_a_subscription(acs: Stack) -> None:
    assert_documented(acs.peer.validations[0], "incoming", "validation")


async def test_the_properties_of_a_call(unsigned: Stack) -> None:
    call = await unsigned.ring(callerDisplayName="Ada", stay=True)
    status, answered = await asked(unsigned, ":answer", await ours(unsigned, "answer", call))
    assert status == 200
    await unsigned.reach(call, "connected")
    looked = await asked(unsigned, f"/{answered['callConnectionId']}")
    known = ("answered", "answered-in-full", "connected")
    assert_documented(answered, "responses", *known)
    assert_documented(looked[1], "responses", *known)


async def test_the_properties_of_a_call_that_was_joined(unsigned: Stack) -> None:
    call = await unsigned.ring(stay=True)
    status, joined = await asked(unsigned, ":connect", await ours(unsigned, "connect-room", call))
    assert status == 200
    assert_documented(joined, "responses", "answered", "answered-in-full", "connected")
    assert "source" not in joined


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_documented_request_gets_the_status_that_the_sdks_take(
    unsigned: Stack, name: str
) -> None:
    call = await unsigned.ring(stay=True)
    path, status = REQUESTS[name]
    if "{id}" in path:
        _, answered = await asked(unsigned, ":answer", await ours(unsigned, "answer", call))
        await unsigned.reach(call, "connected")
        path = path.format(id=answered["callConnectionId"])
    answer = await asked(unsigned, path, await ours(unsigned, name, call))
    assert answer[0] == status


@pytest.mark.parametrize("path", [":answer", "/unknown:startTranscription", ":redirect"])
async def test_a_refusal_has_the_shape_of_documented_errors(unsigned: Stack, path: str) -> None:
    status, refusal = await asked(unsigned, path, {})
    assert status >= 400
    assert_documented(refusal, "responses", "error", "error-plain")


async def test_a_version_that_was_taken_away_is_refused_in_the_services_words(
    unsigned: Stack,
) -> None:
    status, refusal = await asked(unsigned, ":answer", {}, api="api-version=2024-11-15-preview")
    [documented_refusal] = documented("responses", "error-capital-message")
    words = documented_refusal["Message"].partition("'")[0]
    assert status == 404
    assert refusal["error"]["message"].startswith(words)


def test_every_request_has_its_expectation() -> None:
    assert set(REQUESTS) == names("requests")


async def ours(acs: Stack, name: str, call: Json) -> Json:
    """Return a documented request with this call's context and our addresses in it."""
    [body] = documented("requests", name)
    own = {"callbackUri": acs.peer.callback_url, "incomingCallContext": await acs.context(call)}
    options = {"transcriptionOptions": {"transportUrl": acs.peer.stream_url}}
    for field, value in (own | options).items():
        if field in body:
            body[field] = body[field] | value if isinstance(value, dict) else value
    dict.pop(body, "operationCallbackUri", None)
    return dict(body)


async def asked(acs: Stack, path: str, body: Json | None = None, api: str = API) -> tuple[int, Any]:
    """Send a request as it is, and return status and body."""
    url, method = (
        f"{acs.url}/calling/callConnections{path}?{api}",
        "GET" if body is None else "POST",
    )
    async with acs.http.request(method, url, json=body) as response:
        text = await response.text()
        return response.status, json.loads(text) if text else None
