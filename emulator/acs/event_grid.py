"""Event Grid: subscriptions with their validation handshake, and deliveries with retries.

https://learn.microsoft.com/azure/event-grid/delivery-and-retry
https://learn.microsoft.com/azure/event-grid/webhook-event-delivery
"""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import aiohttp
import msgspec

from emulator.acs.calls import Call, Delivery
from emulator.acs.clock import iso, now_ticks
from emulator.acs.errors import ServiceError
from emulator.acs.identifiers import identifier
from emulator.acs.resources import Resources

TOPIC = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/local"
    "/providers/microsoft.communication/communicationservices/emulator"
)
INCOMING_CALL = "Microsoft.Communication.IncomingCall"
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
# Any other status, also another 2xx, is a failed delivery.
_DELIVERED = range(200, 205)
# After these statuses the service waits longer than its schedule says: 5 minutes, for 503 half a
# minute. Counted in multiples of the first pause (10 s), so that tests can shorten all of them.
_SHORTEST_PAUSES = {400: 30, 401: 30, 403: 30, 404: 30, 503: 3}


class Target(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The endpoint of a subscription and its limits, as the control API takes them."""

    endpoint: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/]")]
    included_event_types: tuple[str, ...] = (INCOMING_CALL,)
    # The defaults of the service: 30 attempts within a day.
    max_delivery_attempts: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30
    event_time_to_live_in_minutes: Annotated[float, msgspec.Meta(gt=0, le=1440)] = 1440


class _Validation(msgspec.Struct, rename="camel"):
    validation_response: str = ""


@dataclass(slots=True)
class Subscription:
    """One receiver of events."""

    name: str
    target: Target
    code: str
    state: Literal["AwaitingManualAction", "Succeeded"] = "AwaitingManualAction"

    def check(self, answer: bytes) -> None:
        """Compare the endpoint's answer to the handshake with the code.

        An answer without a code is no failure: the endpoint can still visit the validation URL.
        Raises ServiceError for a wrong code.
        """
        try:
            given = msgspec.json.decode(answer, type=_Validation).validation_response
        except msgspec.DecodeError:
            given = ""
        if given and given != self.code:
            raise _not_validated("validationResponse is not the code that was sent")
        if given:
            self.state = "Succeeded"

    def describe(self) -> dict[str, Any]:
        """Return the subscription as the control API shows it."""
        target = msgspec.to_builtins(self.target)
        return {"name": self.name, **target, "provisioningState": self.state}


class EventGrid:
    """The subscriptions, and the deliveries to them."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self.subscriptions: dict[str, Subscription] = {}

    async def subscribe(self, name: str, target: Target, url: str) -> Subscription:
        """Create or replace a subscription after the validation handshake with its endpoint.

        An endpoint that does not answer with the code can validate itself by a visit to `url`.
        Raises ServiceError when the handshake fails.
        """
        subscription = Subscription(name, target, str(uuid.uuid4()).upper())
        former = self.subscriptions.get(name)
        # Registered before it is valid: the endpoint may visit the URL during the handshake.
        self.subscriptions[name] = subscription
        try:
            await self._validate_endpoint(subscription, url)
        except ServiceError:
            self._restore(name, former)
            raise
        return subscription

    def validate(self, name: str, code: str) -> bool:
        """Validate a subscription by its URL; False when name or code is wrong."""
        # In the service the address is valid for five minutes, here as long as the subscription.
        subscription = self.subscriptions.get(name)
        if subscription is None or not secrets.compare_digest(subscription.code, code):
            return False
        subscription.state = "Succeeded"
        return True

    def publish(
        self, event: dict[str, Any], times: int, record: Callable[[Delivery], None]
    ) -> None:
        """Deliver an event to all who subscribed to its type, `times` times at the same moment."""
        # More than once because the service promises at-least-once delivery, not exactly-once.
        for subscription in self.subscriptions.values():
            wanted = event["eventType"] in subscription.target.included_event_types
            if wanted and subscription.state == "Succeeded":
                for _ in range(times):
                    self._resources.tasks.spawn(self._deliver(subscription, event, record))

    async def _validate_endpoint(self, subscription: Subscription, url: str) -> None:
        data = {
            "validationCode": subscription.code,
            "validationUrl": f"{url}?code={subscription.code}",
        }
        event = new_event(_VALIDATION, "", data, data_version="2")
        try:
            async with self._post(subscription, event, "SubscriptionValidation") as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise _not_validated(str(problem) or "the endpoint did not answer") from problem
        if status != 200:  # noqa: PLR2004
            raise _not_validated(f"the endpoint answered {status}, not 200")
        subscription.check(body)

    async def _deliver(
        self, subscription: Subscription, event: dict[str, Any], record: Callable[[Delivery], None]
    ) -> None:
        target = subscription.target
        # Whichever limit is reached first, age or attempts, ends the delivery.
        expires = asyncio.get_running_loop().time() + 60 * target.event_time_to_live_in_minutes
        delivery = None
        for attempt in range(target.max_delivery_attempts):
            if delivery:
                schedule = self._resources.settings.event_grid_retry_seconds
                await asyncio.sleep(retry_pause(schedule, attempt - 1, delivery.status))
            expired = asyncio.get_running_loop().time() >= expires
            if expired or not self._is_current(subscription):
                return
            delivery = Delivery(subscription.name, attempt + 1, iso(now_ticks()))
            record(delivery)
            await self._attempt(subscription, event, delivery)
            if delivery.status in _DELIVERED:
                return

    async def _attempt(
        self, subscription: Subscription, event: dict[str, Any], delivery: Delivery
    ) -> None:
        try:
            async with self._post(
                subscription, event, "Notification", delivery.attempt - 1
            ) as response:
                delivery.status = response.status
        except (aiohttp.ClientError, TimeoutError) as problem:
            delivery.error = repr(problem)

    def _restore(self, name: str, former: Subscription | None) -> None:
        if former:
            self.subscriptions[name] = former
        else:
            self.subscriptions.pop(name, None)

    def _is_current(self, subscription: Subscription) -> bool:
        return self.subscriptions.get(subscription.name) is subscription

    def _post(
        self, subscription: Subscription, event: dict[str, Any], kind: str, count: int = 0
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._resources.http.post(
            subscription.target.endpoint,
            json=[event],
            headers={
                "aeg-event-type": kind,
                "aeg-subscription-name": subscription.name.upper(),
                "aeg-delivery-count": str(count),
                "aeg-data-version": event["dataVersion"],
                "aeg-metadata-version": event["metadataVersion"],
            },
            timeout=aiohttp.ClientTimeout(self._resources.settings.event_grid_timeout),
            # A redirect is a failed delivery: only 200 to 204 count.
            allow_redirects=False,
        )


def retry_pause(schedule: tuple[float, ...], attempt: int, status: int | None) -> float:
    """Return the seconds to wait after a failed attempt, the first of which has number 0."""
    regular = schedule[min(attempt, len(schedule) - 1)]
    return max(regular, schedule[0] * _SHORTEST_PAUSES.get(status or 0, 1))


def new_event(kind: str, subject: str, data: dict[str, Any], data_version: str) -> dict[str, Any]:
    """Return an event in Event Grid's own schema, as of now."""
    return {
        "id": str(uuid.uuid4()),
        "topic": TOPIC,
        "subject": subject,
        "data": data,
        "eventType": kind,
        "dataVersion": data_version,
        "metadataVersion": "1",
        "eventTime": iso(now_ticks(), "Z"),
    }


def incoming_call(call: Call) -> dict[str, Any]:
    """Return the event of an incoming call."""
    subject = f"/caller/{call.caller}/recipient/{call.callee}"
    data = {
        "to": identifier(call.callee),
        "from": identifier(call.caller),
        "serverCallId": call.server_call_id,
        "callerDisplayName": call.options.caller_display_name,
        "incomingCallContext": call.incoming_call_context,
        "correlationId": call.correlation_id,
    }
    # Recorded events without custom headers lack the field.
    if call.options.custom_context is not None:
        data["customContext"] = call.options.custom_context
    return new_event(INCOMING_CALL, subject, data, data_version="1.0")


def _not_validated(reason: str) -> ServiceError:
    return ServiceError(400, "ValidationFailed", f"the validation handshake failed: {reason}")
