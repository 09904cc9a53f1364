"""ACS Call Automation, over azure-communication-callautomation.

Known faults of the SDK (1.4 to 1.6) are worked around where they matter, each with a comment:
https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/communication/azure-communication-callautomation
"""

import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from azure.communication.callautomation import (
    CallConnectionProperties,
    StreamingTransportType,
    TranscriptionOptions,
)
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.exceptions import AzureError, HttpResponseError

from callscribe.calls.call import Call
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus, Dial, Locator
from callscribe.calls.result_table import Advice, Of
from callscribe.calls.results import judge
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.cloud.identifiers import identifier_of, number_of, teams_app_of
from callscribe.foundation.bounds import code_in, id_of, message_of
from callscribe.foundation.deadline import retry
from callscribe.foundation.errors import (
    CallscribeError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from callscribe.foundation.moments import Ms, Seconds, elapsed
from callscribe.foundation.retry import Retry

# A phone rings for 30 s, and the SDK's own time-outs are five minutes.
CONNECT = Seconds(5)
READ = Seconds(10)
# A poll changes nothing, so it may be repeated; not by the SDK, which knows of no deadline.
POLL = Retry(TelephonyUnavailableError, first=Seconds(0.2), longest=Seconds(2), attempts=3)
# The kinds of ids by which a call is joined, as the SDK names its arguments.
_LOCATORS = {
    "serverCallId": "server_call_id",
    "groupCallId": "group_call_id",
    "roomId": "room_id",
}
# Transcription at setup is the first operation of a call.
_SETUP = "t1"
# Every process must make the same request id for a call, so this never changes.
_NAMESPACE = uuid.UUID("6f2f7c2e-7f0e-5d0b-9a53-1d6f0a7b2c11")


class _Transcription(TranscriptionOptions):
    """Transcription options whose custom speech model reaches the wire.

    The SDK drops it: its own name for it is not the wire's `speechModelEndpointId`.
    """

    def _to_generated(self) -> Any:  # noqa: ANN401 - the SDK's generated model
        options = super()._to_generated()  # type: ignore[no-untyped-call] # the SDK leaves it so
        options.speech_model_endpoint_id = self.speech_recognition_model_endpoint_id
        return options


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What is the same in every request to ACS: where it calls back, and how it transcribes."""

    callback_base_url: str
    cognitive_services_endpoint: str
    intermediate: bool


class AcsTelephony:
    """Implements calls.ports.Telephony.

    The client must not repeat requests by itself: the SDK would repeat POSTs too, media operations
    have no repeatability id, and an answer is repeated by whoever holds the call's lease.
    """

    def __init__(self, client: CallAutomationClient, options: CallOptions) -> None:
        self._client = client
        self._given = options

    async def answer(
        self, call: Call, context: str, stream_url: str, *, intermediate: bool | None = None
    ) -> Answered:
        """Answer a ringing call; repeating it is safe, for the request id is the call's own.

        `context` is the incoming call's, `stream_url` the address to which ACS sends the
        transcript. Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError
        when it does not answer, or answers without a connection id.
        """
        return await self._connected(
            self._client.answer_call(
                context,
                operation_context=_SETUP,
                **self._set_up(call, stream_url, intermediate=intermediate),
            )
        )

    async def reject(self, call: Call, context: str) -> None:
        """Reject a ringing call; repeating it is safe, as it is with an answer.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer.
        """
        try:
            await self._client.reject_call(context, headers=_repeatable(call))
        except AzureError as error:
            raise _meaning(error, Of.SET_UP) from error

    async def place(self, call: Call, dial: Dial, stream_url: str) -> Answered:
        """Dial; repeating it is safe, for the request id is the call's own.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer, or answers without a connection id.
        """
        source, teams = dial.caller, dial.on_behalf_of
        return await self._connected(
            self._client.create_call(
                [identifier_of(each) for each in dial.targets],
                source_caller_id_number=number_of(source) if source else None,
                source_display_name=dial.display_name,
                teams_app_source=teams_app_of(teams) if teams else None,
                operation_context=_SETUP,
                **self._set_up(call, stream_url, intermediate=dial.intermediate),
            )
        )

    async def join(self, call: Call, locator: Locator, stream_url: str) -> Answered:
        """Join a call that is up without us; repeating it is safe, as with the others.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer, or answers without a connection id.
        """
        where: dict[str, Any] = {_LOCATORS[locator.kind]: locator.id}
        return await self._connected(
            self._client.connect_call(
                operation_context=_SETUP,
                **where,
                **self._set_up(call, stream_url, intermediate=locator.intermediate),
            )
        )

    def _set_up(
        self, call: Call, stream_url: str, *, intermediate: bool | None = None
    ) -> dict[str, Any]:
        """Return what every request has that sets a call up.

        The stream's address and the AI endpoint are always passed: without them transcription
        cannot be started later either (8522).
        https://learn.microsoft.com/rest/api/communication/callautomation/
        """
        given = self._given
        hypotheses = given.intermediate if intermediate is None else intermediate
        return {
            "callback_url": f"{given.callback_base_url}/api/callbacks/{call.id}",
            "cognitive_services_endpoint": given.cognitive_services_endpoint,
            "transcription": _transcription(call, stream_url, intermediate=hypotheses),
            "headers": _repeatable(call),
        }

    async def _connected(self, request: Awaitable[CallConnectionProperties]) -> Answered:
        """Return the ids of a call that was set up; raise what became of the request else."""
        try:
            answered = await request
        except AzureError as error:
            raise _meaning(error, Of.SET_UP) from error
        connection_id = id_of(answered.call_connection_id)
        if connection_id is None:
            raise TelephonyUnavailableError("ACS answered without a connection id")
        return Answered(
            connection_id=connection_id,
            server_call_id=id_of(answered.server_call_id),
            correlation_id=id_of(answered.correlation_id),
        )

    async def poll(self, connection_id: str) -> CallStatus | None:
        """Return the status of the call at ACS; None where ACS does not know it.

        It is asked again where that may help, until the current deadline. Raises
        TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does not
        answer.
        """
        return await retry(lambda: self._poll(connection_id), POLL)

    async def _poll(self, connection_id: str) -> CallStatus | None:
        try:
            connection = self._client.get_call_connection(connection_id)
            found = await connection.get_call_properties()
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise _meaning(error, Of.CALL) from error
        except AzureError as error:
            raise _meaning(error, Of.CALL) from error
        subscription = found.transcription_subscription
        return CallStatus(
            state=str(found.call_connection_state or "unknown"),
            transcribing=subscription is not None and subscription.state == "active",
            locale=None if subscription is None else subscription.locale or None,
        )

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        """Ask to start, update or stop transcription; the outcome comes as a callback.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer.
        """
        connection = self._client.get_call_connection(connection_id)
        language, context = operation.language, f"t{operation.number}"
        # The SDK puts extra keywords into the request's body, where the model has this name.
        extra = {} if language.model is None else {"speech_model_endpoint_id": language.model}
        try:
            match operation.kind:
                case OperationKind.START:
                    await connection.start_transcription(
                        locale=language.locale, operation_context=context, **extra
                    )
                case OperationKind.UPDATE:
                    await connection.update_transcription(
                        locale=language.locale, operation_context=context, **extra
                    )
                case OperationKind.STOP:
                    await connection.stop_transcription(operation_context=context)
        except AzureError as error:
            raise _meaning(error, Of.TRANSCRIPTION) from error

    async def hang_up(self, connection_id: str, *, everyone: bool) -> None:
        """Ask to end the call, or to leave it; the end comes as a callback.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer.
        """
        connection = self._client.get_call_connection(connection_id)
        try:
            await connection.hang_up(everyone, **_sent_now() if everyone else {})
        except AzureError as error:
            raise _meaning(error, Of.CALL) from error


def _transcription(call: Call, stream_url: str, *, intermediate: bool) -> TranscriptionOptions:
    return _Transcription(
        transport_url=stream_url,
        transport_type=StreamingTransportType.WEBSOCKET,
        locale=call.wish.language.locale,
        start_transcription=call.transcribing.out is not None,
        speech_recognition_model_endpoint_id=call.wish.language.model,
        enable_intermediate_results=intermediate,
    )


def _repeatable(call: Call) -> dict[str, str]:
    # The same in every try: the service then acts once, and repeats its answer.
    # https://docs.oasis-open.org/odata/repeatable-requests/v1.0/repeatable-requests-v1.0.html
    since_1970 = elapsed(Ms(0), call.begun_at)
    return {
        "Repeatability-Request-ID": str(uuid.uuid5(_NAMESPACE, call.id)),
        "Repeatability-First-Sent": formatdate(since_1970, usegmt=True),
    }


def _sent_now() -> dict[str, dict[str, str]]:
    """Return what the SDK would work out itself, by a function that Python is to remove."""
    return {"headers": {"Repeatability-First-Sent": formatdate(usegmt=True)}}


def _meaning(error: AzureError, of: Of) -> CallscribeError:
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        return TelephonyUnavailableError(type(error).__name__)
    status = error.status_code
    message = message_of(getattr(error.error, "message", None)) or f"ACS answered {status}"
    sub_code = code_in(str(getattr(error.error, "code", "")))
    # Even a 2xx may come as an error, where its body is unreadable.
    is_no = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_no and judge(status, sub_code, message, of).advice is not Advice.RETRY:
        return TelephonyRefusedError(message, http_status=status, sub_code=sub_code)
    return TelephonyUnavailableError(
        message, http_status=status, sub_code=sub_code, retry_after=_retry_after(error)
    )


def _retry_after(error: HttpResponseError) -> Seconds | None:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    # The header may also hold a date; then our own pauses are used.
    value = headers.get("Retry-After", "")
    return Seconds(float(value)) if value.isascii() and value.isdecimal() else None
