"""Call Automation's callbacks: signed, one by one in the order in which things happened.

The bodies are those of recorded live calls (azure-sdk-for-net, SessionRecordedEvents,
AnswerCallAndTranscriptionTest.json).
"""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp

from emulator.acs.calls import Call, Operation, Posted
from emulator.acs.clock import iso, now_ticks
from emulator.acs.faults import Fault
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
        """Post an event after those before it, unless a fault has it otherwise."""
        body = cloud_event(self._call, event, operation, result, data or {})
        fault = self._resources.faults.of_delivery(event, self._call.id)
        before = self._last
        for _ in range(2 if fault and fault.do in ("twice", "together") else 1):
            posted = Posted(event, body["time"])
            self._call.callbacks.append(posted)
            after = before if fault and fault.do == "together" else self._last
            self._send(operation.callback_uri, body, posted, fault, after)

    def _send(
        self,
        address: str,
        body: dict[str, Any],
        posted: Posted,
        fault: Fault | None,
        after: asyncio.Task[None] | None,
    ) -> None:
        spawn = self._resources.tasks.spawn
        if fault and fault.do == "drop":
            posted.error = "dropped by a fault"
        elif fault and fault.delay:
            spawn(self._deliver(address, body, posted, delay=fault.delay))
        else:
            self._last = spawn(self._deliver(address, body, posted, after=after))

    async def _deliver(
        self,
        address: str,
        body: dict[str, Any],
        posted: Posted,
        *,
        after: asyncio.Task[None] | None = None,
        delay: float = 0,
    ) -> None:
        if after:
            await asyncio.wait([after])
        await asyncio.sleep(delay)
        for pause in self._pauses():
            await asyncio.sleep(pause)
            await self._attempt(address, body, posted)
            if posted.status is not None and 200 <= posted.status < 300:  # noqa: PLR2004
                return

    def _pauses(self) -> Iterator[float]:
        yield 0
        if self._call.ring.callback_retries:
            yield from self._resources.settings.callback_retry_seconds

    async def _attempt(self, address: str, body: dict[str, Any], posted: Posted) -> None:
        posted.attempts += 1
        token = self._resources.signer.token(CALLBACK_SECONDS)
        timeout = aiohttp.ClientTimeout(self._resources.settings.callback_timeout)
        try:
            async with self._resources.http.post(
                address,
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
    """Return an event in the envelope that the service puts it in."""
    subject = f"calling/callConnections/{call.call_connection_id}"
    context = {} if operation.context is None else {"operationContext": operation.context}
    return {
        "id": str(uuid.uuid4()),
        "source": subject,
        "type": _PREFIX + event,
        "data": {
            **data,
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
