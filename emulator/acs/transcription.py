"""What an app can do about the transcription of a call, and the events that tell it the outcome.

How the service treats a cut is not documented. The ring chooses among what it may do; by default
the stream is given up with TranscriptionFailed, and the app may start again.
"""

import asyncio
import re
import uuid
from typing import Any

import msgspec

from emulator.acs.bodies import Setup, TranscriptionOptions
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, CallState, Final, Operation
from emulator.acs.clock import iso
from emulator.acs.identifiers import is_acs_user
from emulator.acs.resources import Resources
from emulator.acs.results import (
    COMPLETED,
    LOCALE_MISSING,
    LOCALE_WITHOUT_REGION,
    NO_COGNITIVE_SERVICES,
    NO_TRANSPORT_URL,
    NO_WEBSOCKET,
    NOT_ESTABLISHED,
    NOT_SUPPORTED,
    TERMINATED,
    Result,
    details,
)
from emulator.acs.ring import Cut
from emulator.acs.speech import Utterance
from emulator.acs.stream import DialError
from emulator.acs.subscription import Subscription

_LOCALE_WITH_REGION = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?-([A-Za-z]{2}|[0-9]{3})")


class Transcription:
    """The transcription of one call."""

    def __init__(
        self, call: Call, setup: Setup, callbacks: Callbacks, resources: Resources
    ) -> None:
        self.opened = asyncio.Event()
        self._call = call
        self._options = setup.transcription_options or TranscriptionOptions()
        self._cognitive = setup.call_intelligence_options.cognitive_services_endpoint
        self._callbacks = callbacks
        self._resources = resources
        self._id = str(uuid.uuid4())
        self._subscription: Subscription | None = None
        self._task: asyncio.Task[None] | None = None
        self._operations: list[Operation] = []
        self._when_cut = NO_WEBSOCKET

    def describe(self) -> dict[str, Any]:
        """Return the `transcriptionSubscription` of the call's properties."""
        intermediate = ["intermediate"] if self._options.enable_intermediate_results else []
        return {
            "id": self._subscription.id if self._subscription else self._id,
            "state": "active" if self._subscription and self._subscription.is_open else "inactive",
            "subscribedResultTypes": ["final", *intermediate],
            "locale": self._options.locale,
        }

    async def start(
        self, operation: Operation, changes: dict[str, Any], *, at_setup: bool = False
    ) -> None:
        """Start with changed options; the outcome comes as an event."""
        options = msgspec.structs.replace(self._options, **changes)
        problem = await self._fault("TranscriptionStarted")
        if problem := problem or self._refusal(options, at_setup=at_setup):
            self._failed(operation, problem)
        elif self._subscription is None:
            self._begin(operation, options)
        elif self._subscription.is_open:
            # Not documented: a second start is taken to find its wish fulfilled.
            self._changed("Started", "subscriptionStarted", operation)
        else:
            self._operations.append(operation)

    async def stop(self, operation: Operation) -> None:
        """Stop; stopping what is not under way succeeds, too."""
        if problem := await self._fault("TranscriptionStopped"):
            self._failed(operation, problem)
            return
        self.end()
        self._changed("Stopped", "subscriptionStopped", operation)

    async def update(self, operation: Operation, changes: dict[str, Any]) -> None:
        """Change the locale or the model of a transcription under way."""
        options = msgspec.structs.replace(self._options, **changes)
        problem = await self._fault("TranscriptionUpdated")
        if problem is None and self._subscription is None:
            problem = NOT_ESTABLISHED
        if problem := problem or _locale_problem(options.locale):
            self._failed(operation, problem)
        elif self._subscription:
            self._options = options
            await self._subscription.announce(options)
            self._changed("Updated", "transcriptionLocaleUpdated", operation)

    async def speak(self, utterance: Utterance, heard: int | None) -> None:
        """Send what somebody says, if there is a stream; a final is recorded in any case."""
        if heard is None:
            record = Final(utterance.text, utterance.speaker, iso(utterance.start))
            self._call.finals.append(record)
            if self._subscription:
                await self._subscription.final(utterance, record)
        elif self._subscription:
            await self._subscription.hypothesis(utterance, heard)

    def cut(self, cut: Cut, result: Result | None) -> bool:
        """Break the stream as the network would; False when there is none."""
        self._when_cut = result or NO_WEBSOCKET
        return self._subscription is not None and self._subscription.cut(cut)

    def end(self) -> None:
        """Close the stream and say nothing about it."""
        if self._task:
            self._task.cancel()
        self._task = self._subscription = None

    def _refusal(self, options: TranscriptionOptions, *, at_setup: bool) -> Result | None:
        if self._call.state is CallState.DISCONNECTED:
            return TERMINATED
        if self._call.state is not CallState.CONNECTED:
            return NOT_ESTABLISHED
        if options.transport_url is None:
            return NO_TRANSPORT_URL
        if not self._cognitive:
            return NO_COGNITIVE_SERVICES
        # The one known issue of the how-to: 1:1 calls with users of the Calling SDK.
        if at_setup and is_acs_user(self._call.other_end):
            return NOT_SUPPORTED
        return _locale_problem(options.locale)

    async def _fault(self, event: str) -> Result | None:
        return await self._resources.faults.failure_of(event, self._call.id)

    def _begin(self, operation: Operation, options: TranscriptionOptions) -> None:
        self._options = options
        self._when_cut = NO_WEBSOCKET
        self._operations = [operation]
        self._subscription = Subscription(self._call, options, self._resources, self._id)
        self._id = str(uuid.uuid4())
        self._task = self._resources.tasks.spawn(self._run(self._subscription))

    async def _run(self, subscription: Subscription) -> None:
        result, detail = await self._until_lost(subscription)
        self._task = self._subscription = None
        for operation in self._operations:
            self._failed(operation, result, detail)

    async def _until_lost(self, subscription: Subscription) -> tuple[Result, str]:
        try:
            await subscription.open()
            self.opened.set()
            for operation in self._operations:
                self._changed("Started", "subscriptionStarted", operation)
            # What happens to the stream later is told to the operation that opened it.
            self._operations = self._operations[:1]
            await subscription.follow()
        except DialError as problem:
            return problem.result, details(problem.result)
        finally:
            await subscription.close()
        return self._when_cut, "streamConnectionInterrupted"

    def _changed(self, what: str, detail: str, operation: Operation) -> None:
        self._post(what, operation, COMPLETED, detail)

    def _failed(self, operation: Operation, result: Result, detail: str | None = None) -> None:
        self._post("Failed", operation, result, detail or details(result))

    def _post(self, what: str, operation: Operation, result: Result, detail: str) -> None:
        update = {
            "transcriptionStatus": f"transcription{what}",
            "transcriptionStatusDetails": detail,
        }
        data = {"transcriptionUpdate": update}
        self._callbacks.post(f"Transcription{what}", operation, result, data)


def _locale_problem(locale: str | None) -> Result | None:
    if not locale:
        return LOCALE_MISSING
    return None if _LOCALE_WITH_REGION.fullmatch(locale) else LOCALE_WITHOUT_REGION
