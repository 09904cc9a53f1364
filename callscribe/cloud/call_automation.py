"""ACS Call Automation, over azure-communication-callautomation.

Known faults of the SDK (1.4 to 1.6) are worked around where they matter, each with a comment:
https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/communication/azure-communication-callautomation
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from azure.communication.callautomation import StreamingTransportType, TranscriptionOptions
from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.exceptions import AzureError, HttpResponseError

from callscribe.calls.call import Call, Transcription
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.cloud.transport import core_retries
from callscribe.foundation.bounds import code_in, id_of, message_of
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
# A poll changes nothing, so the SDK may repeat it.
POLL = Retry(TelephonyUnavailableError, first=Seconds(0.2), longest=Seconds(2), attempts=3)
POLL_RETRIES = core_retries(POLL)
# Every process must make the same request id for a call, so this never changes.
_NAMESPACE = uuid.UUID("6f2f7c2e-7f0e-5d0b-9a53-1d6f0a7b2c11")
# The 4xx that are no refusal: the same request may succeed later.
_MAY_PASS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


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
    speech_model: str | None
    intermediate: bool


class AcsTelephony:
    """Implements calls.ports.Telephony.

    The client must not repeat requests by itself: the SDK would repeat POSTs too, media operations
    have no repeatability id, and an answer is repeated by whoever holds the call's lease.
    """

    def __init__(self, client: CallAutomationClient, options: CallOptions) -> None:
        self._client = client
        self._given = options

    async def answer(self, call: Call, context: str, stream_url: str) -> Answered:
        """Answer a ringing call; repeating it is safe, for the request id is the call's own.

        `context` is the incoming call's, `stream_url` the address to which ACS sends the
        transcript. That address and the AI endpoint are always passed: without them transcription
        cannot be started later either (8522). Raises TelephonyRefusedError when ACS refuses, and
        TelephonyUnavailableError when it does not answer, or answers without a connection id.
        https://learn.microsoft.com/rest/api/communication/callautomation/
        """
        given = self._given
        try:
            answered = await self._client.answer_call(
                context,
                f"{given.callback_base_url}/api/callbacks/{call.id}",
                cognitive_services_endpoint=given.cognitive_services_endpoint,
                transcription=self._options(call, stream_url),
                headers=_repeatable(call),
            )
        except AzureError as error:
            raise _meaning(error) from error
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

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer.
        """
        try:
            connection = self._client.get_call_connection(connection_id)
            found = await connection.get_call_properties(**POLL_RETRIES)
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise _meaning(error) from error
        except AzureError as error:
            raise _meaning(error) from error
        subscription = found.transcription_subscription
        return CallStatus(
            connected=found.call_connection_state == "connected",
            transcribing=subscription is not None and subscription.state == "active",
        )

    async def start_transcription(self, call: Call) -> None:
        """Ask for transcription of a call that was answered; the outcome comes as a callback.

        Raises TelephonyRefusedError when ACS refuses, and TelephonyUnavailableError when it does
        not answer.
        """
        if call.connection_id is None:
            raise ValueError("expected a call that was answered")
        # The SDK puts extra keywords into the request's body, where the model has this name.
        model = self._given.speech_model
        extra = {} if model is None else {"speech_model_endpoint_id": model}
        connection = self._client.get_call_connection(call.connection_id)
        try:
            await connection.start_transcription(locale=call.locale, **extra)
        except AzureError as error:
            raise _meaning(error) from error

    def _options(self, call: Call, stream_url: str) -> TranscriptionOptions:
        return _Transcription(
            transport_url=stream_url,
            transport_type=StreamingTransportType.WEBSOCKET,
            locale=call.locale or "",  # the SDK requires a text
            start_transcription=call.transcription is Transcription.STARTING,
            speech_recognition_model_endpoint_id=self._given.speech_model,
            enable_intermediate_results=self._given.intermediate,
        )


def _repeatable(call: Call) -> dict[str, str]:
    # The same in every try: the service then acts once, and repeats its answer.
    # https://docs.oasis-open.org/odata/repeatable-requests/v1.0/repeatable-requests-v1.0.html
    since_1970 = elapsed(Ms(0), call.rang_at)
    return {
        "Repeatability-Request-ID": str(uuid.uuid5(_NAMESPACE, call.id)),
        "Repeatability-First-Sent": formatdate(since_1970, usegmt=True),
    }


def _meaning(error: AzureError) -> CallscribeError:
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        return TelephonyUnavailableError(type(error).__name__)
    status = error.status_code
    if not _is_refusal(status):
        return TelephonyUnavailableError(
            f"ACS answered {status}", http_status=status, retry_after=_retry_after(error)
        )
    message = message_of(getattr(error.error, "message", None)) or f"ACS answered {status}"
    sub_code = code_in(str(getattr(error.error, "code", "")))
    return TelephonyRefusedError(message, http_status=status, sub_code=sub_code)


def _is_refusal(status: int) -> bool:
    """Tell whether ACS refused. Even a 2xx may come as an error, where its body is unreadable."""
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return refused and status not in _MAY_PASS


def _retry_after(error: HttpResponseError) -> Seconds | None:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    # The header may also hold a date; then our own pauses are used.
    value = headers.get("Retry-After", "")
    return Seconds(float(value)) if value.isascii() and value.isdecimal() else None
