"""What ACS is asked on the wire, and what its answers mean."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import Machine
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.calls.wish import Language
from callscribe.foundation.bounds import LONGEST_MESSAGE
from callscribe.foundation.errors import TelephonyRefusedError, TelephonyUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds
from tests.cloud.acs import START_AGAIN, UP, answered, call, look, service, start, telephony
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH, GERMAN, ON


async def test_an_answer_names_everything_that_transcription_needs() -> None:
    async with service() as acs:
        assert await answered(acs) == Answered("connection", "server", "correlation")
        path, _, body = acs.asked[0]
    assert path == "/calling/callConnections:answer"
    assert body == {
        "incomingCallContext": "context",
        "callbackUri": f"https://app.example/api/callbacks/{call().id}",
        "callIntelligenceOptions": {"cognitiveServicesEndpoint": "https://speech.example/"},
        "transcriptionOptions": {
            "transportType": "websocket",
            "transportUrl": "wss://hub.example/x",
            "locale": "en-US",
            "startTranscription": True,
            "enableIntermediateResults": True,
        },
        "operationContext": "t1",
    }


async def test_the_streams_address_is_passed_also_when_transcription_starts_later() -> None:
    """Else ACS answers 8522 to every later start."""
    async with service(TRANSCRIPTION_INTERMEDIATE="false") as acs:
        await answered(acs, call(machine=Machine()))
        options = acs.last["transcriptionOptions"]
    assert options["transportUrl"] == "wss://hub.example/x"
    assert options["startTranscription"] is False
    assert options["enableIntermediateResults"] is False


MODEL = Language("en-GB", "model")


@pytest.mark.parametrize(
    ("operation", "path", "asked"),
    [
        (
            Operation(OperationKind.START, 7, ENGLISH, START),
            "startTranscription",
            {"locale": "en-US", "operationContext": "t7"},
        ),
        (
            Operation(OperationKind.UPDATE, 8, GERMAN, START),
            "updateTranscription",
            {"locale": "de-DE", "operationContext": "t8"},
        ),
        (
            Operation(OperationKind.STOP, 9, ENGLISH, START),
            "stopTranscription",
            {"operationContext": "t9"},
        ),
        (
            Operation(OperationKind.START, 10, MODEL, START),
            "startTranscription",
            {"locale": "en-GB", "operationContext": "t10", "speechModelEndpointId": "model"},
        ),
        (
            Operation(OperationKind.UPDATE, 11, MODEL, START),
            "updateTranscription",
            {"locale": "en-GB", "operationContext": "t11", "speechModelEndpointId": "model"},
        ),
    ],
)
async def test_an_operation_names_its_number_and_its_language(
    operation: Operation, path: str, asked: dict[str, str]
) -> None:
    async with service() as acs:
        acs.status, acs.body = 202, ""
        await acs.telephony.transcribe("connection", operation)
        found, _, body = acs.asked[0]
    assert found == f"/calling/callConnections/connection:{path}"
    assert body == asked


async def test_a_custom_model_reaches_the_wire_at_the_answer() -> None:
    """The SDK's own name for it is not the wire's, and it drops it without an error."""
    async with service() as acs:
        await answered(acs, call(wish=replace(ON, language=MODEL)))
        options = acs.last["transcriptionOptions"]
    assert (options["locale"], options["speechModelEndpointId"]) == ("en-GB", "model")


@pytest.mark.parametrize(
    ("everyone", "asked"),
    [
        (False, ("DELETE", "/calling/callConnections/connection")),
        (True, ("POST", "/calling/callConnections/connection:terminate")),
    ],
)
async def test_hanging_up_leaves_the_call_or_ends_it_for_all(
    asked: tuple[str, str], *, everyone: bool
) -> None:
    async with service() as acs:
        acs.status, acs.body = 204, ""
        await acs.telephony.hang_up("connection", everyone=everyone)
        assert (acs.methods[0], acs.asked[0][0]) == asked


async def test_repeatability_is_the_calls_own_at_every_attempt_of_every_worker() -> None:
    seen = []
    for attempt in range(2):
        async with service() as acs:
            await answered(acs, call(drives=attempt + 1, begun_at=START))
            await answered(acs, call(drives=attempt + 1, begun_at=START))
            seen += [headers for _, headers, _ in acs.asked]
    ids = {headers["Repeatability-Request-ID"] for headers in seen}
    first_sent = {headers["Repeatability-First-Sent"] for headers in seen}
    assert len(seen) == 4
    assert len(ids) == 1
    assert first_sent == {"Sun, 22 Nov 2026 18:54:03 GMT"}


async def test_another_call_has_another_repeatability() -> None:
    async with service() as acs:
        await answered(acs)
        await answered(acs, call(id=new_call_id(START, "other")))
        ids = {headers["Repeatability-Request-ID"] for _, headers, _ in acs.asked}
    assert len(ids) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("operation", [answered, start])
async def test_what_may_pass_is_unavailable_and_not_repeated_by_the_sdk(
    operation: Any, status: int
) -> None:
    async with service() as acs:
        acs.refuse(status, **{"Retry-After": "7"})
        with pytest.raises(TelephonyUnavailableError) as failure:
            await operation(acs)
        assert len(acs.asked) == 1
    assert (failure.value.http_status, failure.value.retry_after) == (status, Seconds(7))


@pytest.mark.parametrize("value", ["", "soon", "-1", "Sun, 22 Nov 2026 18:54:03 GMT", "٣"])
async def test_a_retry_after_that_is_no_number_of_seconds_is_none(value: str) -> None:
    async with service() as acs:
        acs.refuse(503, **{"Retry-After": value})
        with pytest.raises(TelephonyUnavailableError) as failure:
            await answered(acs)
    assert failure.value.retry_after is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
@pytest.mark.parametrize("operation", [answered, start])
async def test_a_refusal_keeps_its_status_code_and_message(operation: Any, status: int) -> None:
    async with service() as acs:
        acs.refuse(status, "8522", "Call not found.")
        with pytest.raises(TelephonyRefusedError) as failure:
            await operation(acs)
    error = failure.value
    assert (error.http_status, error.sub_code, str(error)) == (status, 8522, "Call not found.")


@pytest.mark.parametrize("status", [400, 409, 429, 500])
@pytest.mark.parametrize(("operation", "code"), [(answered, 8530), (start, 8613)])
async def test_a_no_that_may_pass_keeps_them_too(operation: Any, code: int, status: int) -> None:
    async with service() as acs:
        acs.refuse(status, str(code), "Too many calls.")
        with pytest.raises(TelephonyUnavailableError) as failure:
            await operation(acs)
    error = failure.value
    assert (error.http_status, error.sub_code, str(error)) == (status, code, "Too many calls.")


@pytest.mark.parametrize(
    "body", ["", "<html>no</html>", {"error": {"code": "Forbidden"}}, {"error": None}, {}, []]
)
async def test_a_refusal_in_another_shape_is_one_too(body: Any) -> None:
    async with service() as acs:
        acs.status, acs.body = 400, body
        with pytest.raises(TelephonyRefusedError) as failure:
            await answered(acs)
    assert (failure.value.http_status, failure.value.sub_code) == (400, None)
    assert str(failure.value)


@pytest.mark.parametrize("code", ["12345678901", "9" * 5_000, 12_345_678_901, True])
async def test_a_refusal_that_is_too_long_for_a_row_is_one_too(code: object) -> None:
    async with service() as acs:
        acs.status = 400
        acs.body = {"error": {"code": code, "message": "a" * 40_000}}
        with pytest.raises(TelephonyRefusedError) as failure:
            await answered(acs)
    error = failure.value
    assert (error.http_status, error.sub_code) == (400, None)
    assert str(error) == "a" * LONGEST_MESSAGE


async def test_ids_that_are_too_long_for_a_row_do_not_cost_the_answer() -> None:
    async with service() as acs:
        long = {"serverCallId": "a" * 40_000, "correlationId": "a" * 40_000}
        acs.body = {"callConnectionId": "connection"} | long
        assert await answered(acs) == Answered("connection", None, None)


@pytest.mark.parametrize("body", ["{", {}, {"callConnectionId": ""}])
async def test_an_answer_that_does_not_name_the_connection_is_unavailable(body: Any) -> None:
    """The call may be answered: asking again tells its connection."""
    async with service() as acs:
        acs.body = body
        with pytest.raises(TelephonyUnavailableError):
            await answered(acs)


@pytest.mark.parametrize("operation", [answered, start, look])
async def test_a_service_that_hangs_is_unavailable_in_bounded_time(operation: Any) -> None:
    async with service(read_seconds=Seconds(0.1)) as acs:
        acs.hangs = True
        async with asyncio.timeout(60):
            with pytest.raises(TelephonyUnavailableError):
                await operation(acs)


async def test_a_service_that_is_gone_is_unavailable() -> None:
    async with telephony("http://127.0.0.1:1", "https://app.example") as adapter:
        with pytest.raises(TelephonyUnavailableError):
            await adapter.answer(call(), "context", "wss://hub.example/x")
        with pytest.raises(TelephonyUnavailableError):
            await adapter.transcribe("connection", START_AGAIN)
        with pytest.raises(TelephonyUnavailableError):
            await adapter.hang_up("connection", everyone=True)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, CallStatus("connected", transcribing=True)),
        ({"callConnectionState": "connecting"}, CallStatus("connecting", transcribing=True)),
        ({"callConnectionState": "new"}, CallStatus("new", transcribing=True)),
        ({"callConnectionState": None}, CallStatus("unknown", transcribing=True)),
        ({"callConnectionState": "disconnected"}, CallStatus("disconnected", transcribing=True)),
        ({"transcriptionSubscription": None}, CallStatus("connected", transcribing=False)),
        (
            {"transcriptionSubscription": {"id": "s", "state": "inactive"}},
            CallStatus("connected", transcribing=False),
        ),
        (
            {"transcriptionSubscription": {"id": "s", "state": "active", "locale": "de-DE"}},
            CallStatus("connected", transcribing=True, locale="de-DE"),
        ),
    ],
)
async def test_looking_tells_how_the_call_stands(
    changes: dict[str, Any], state: CallStatus
) -> None:
    async with service() as acs:
        acs.body = UP | changes
        assert await look(acs) == state
        assert acs.asked[0][0] == "/calling/callConnections/connection"


async def test_a_call_that_is_not_found_is_none_and_any_other_refusal_is_one() -> None:
    async with service() as acs:
        acs.refuse(404, "8522", "Call not found.")
        assert await look(acs) is None
        acs.refuse(403, "Forbidden", "Denied")
        with pytest.raises(TelephonyRefusedError):
            await look(acs)


async def test_looking_is_repeated_by_the_sdk_for_it_changes_nothing() -> None:
    async with service() as acs:
        acs.refuse(503)
        with pytest.raises(TelephonyUnavailableError):
            await look(acs)
        assert len(acs.asked) == 3


async def test_nothing_of_the_sdks_is_logged_and_no_secret(
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    async with service() as acs:
        await answered(acs, replace(call(), caller="4:+14255550123"))
        await start(acs)
    names = {record.name.partition(".")[0] for record in everything_logged.records}
    assert names <= {"aiohttp", "asyncio"}  # the stand-in's own
