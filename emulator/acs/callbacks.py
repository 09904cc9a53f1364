"""Call Automation's callbacks: signed, and posted one by one in the order of the events.

The bodies are those of recorded live calls (azure-sdk-for-net, SessionRecordedEvents,
AnswerCallAndTranscriptionTest.json).
"""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp

from emulator.acs.calls import Call, CallbackRecord, Operation
from emulator.acs.clock import iso, now_ticks
from emulator.acs.pending_faults import PendingFault
from emulator.acs.resources import Resources
from emulator.acs.results import Result
from emulator.acs.signing import CALLBACK_SECONDS

_PREFIX = "Microsoft.Communication."


class Callbacks:
    """The callbacks of one call."""

    def __init__(self, call: Call, resources: Resources) -> None:
        self._call = call
        self._resources = resources
        self._last: asyncio.Task[None] | None = None

    def post(
        self, event: str, operation: Operation, result: Result, data: dict[str, Any] | None = None
    ) -> None:
        """Post an event after the earlier ones have been answered, unless a fault changes that."""
        body = cloud_event(self._call, event, operation, result, data or {})
        struck = self._resources.faults.of_delivery(event, self._call.names)
        do = struck.fault.do if struck else None
        # Both copies of "together" wait for the same predecessor, and so go out at the same moment.
        before = self._last
        for _ in range(2 if do in ("twice", "together") else 1):
            posted = CallbackRecord(event, body["time"])
            self._call.callbacks.append(posted)
            after = before if do == "together" else self._last
            self._send(operation.callback_uri, body, posted, struck, after)

    def _send(
        self,
        address: str,
        body: dict[str, Any],
        posted: CallbackRecord,
        struck: PendingFault | None,
        after: asyncio.Task[None] | None,
    ) -> None:
        spawn = self._resources.tasks.spawn
        if struck and struck.fault.do == "drop":
            posted.error = "dropped by a fault"
        elif struck and struck.fault.delay:
            # Not kept as the last one: the events behind a late one do not wait for it.
            spawn(self._deliver(address, body, posted, delay=struck.fault.delay))
        else:
            held = struck.over if struck and struck.fault.do == "freeze" else None
            self._last = spawn(self._deliver(address, body, posted, after=after, held=held))

    async def _deliver(
        self,
        address: str,
        body: dict[str, Any],
        posted: CallbackRecord,
        *,
        after: asyncio.Task[None] | None = None,
        held: asyncio.Event | None = None,
        delay: float = 0,
    ) -> None:
        if after:
            await asyncio.wait([after])
        if held:
            await held.wait()
        await asyncio.sleep(delay)
        for pause in self._pauses():
            await asyncio.sleep(pause)
            await self._attempt(address, body, posted)
            if posted.status is not None and 200 <= posted.status < 300:  # noqa: PLR2004
                return

    def _pauses(self) -> Iterator[float]:
        yield 0
        # Repetitions of callbacks are not documented: by default a callback that fails is lost.
        if self._call.options.callback_retries:
            yield from self._resources.settings.callback_retry_seconds

    async def _attempt(self, address: str, body: dict[str, Any], posted: CallbackRecord) -> None:
        posted.attempts += 1
        # A new token for each event, valid for five minutes:
        # https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
        token = self._resources.signer.token(CALLBACK_SECONDS)
        timeout = aiohttp.ClientTimeout(self._resources.settings.callback_timeout)
        try:
            async with self._resources.http.post(
                address,
                # An array, even though every recorded delivery holds exactly one event.
                json=[body],
                headers={"Authorization": f"Bearer {token}"},
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                posted.status, posted.error = response.status, None
        except (aiohttp.ClientError, TimeoutError) as problem:
            posted.status, posted.error = None, repr(problem)


def cloud_event(
    call: Call, event: str, operation: Operation, result: Result, data: dict[str, Any]
) -> dict[str, Any]:
    """Return an event in the service's envelope."""
    subject = f"calling/callConnections/{call.call_connection_id}"
    # Recorded events of requests without a context lack the field; it is never null.
    context = {} if operation.context is None else {"operationContext": operation.context}
    return {
        "id": str(uuid.uuid4()),
        "source": subject,
        "type": _PREFIX + event,
        "data": {
            **data,
            # The api-version of the request that the event follows from.
            "version": operation.version,
            **context,
            "resultInformation": {
                "code": result.code,
                "subCode": result.sub_code,
                "message": result.message,
            },
            "callConnectionId": call.call_connection_id,
            "serverCallId": call.server_call_id,
            "correlationId": call.correlation_id,
            "publicEventType": _PREFIX + event,
        },
        "time": iso(now_ticks()),
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": subject,
    }
