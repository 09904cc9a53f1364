"""The transcription of a call: start, stop, update, and the events that report their results.

What the service does after a cut is not documented. The options of the call choose; by default the
stream is given up with TranscriptionFailed, and the app may start again.
"""

import asyncio
import re
import uuid
from typing import Any

import msgspec

from emulator.acs.bodies import Setup, TranscriptionOptions
from emulator.acs.call_options import Cut
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, CallState, Final, Operation
from emulator.acs.clock import iso
from emulator.acs.errors import ServiceError
from emulator.acs.identifiers import is_acs_user
from emulator.acs.resources import Resources
from emulator.acs.results import (
    ALREADY_ACTIVE,
    COMPLETED,
    LOCALE_MISSING,
    LOCALE_WITHOUT_REGION,
    NO_COGNITIVE_SERVICES,
    NO_TRANSPORT_URL,
    NO_WEBSOCKET,
    NOT_ESTABLISHED,
    NOT_SUPPORTED,
    NOT_SUPPORTED_WHEN_JOINED,
    TERMINATED,
    Result,
    details,
)
from emulator.acs.speech import Utterance
from emulator.acs.stream import DialError
from emulator.acs.subscription import Subscription

# BCP 47 language, optional script, region: `en-US`, `zh-Hans-CN`, `es-419`; not a voice such as
# `en-US-NancyNeural`, which a sample in the service's documents passes by mistake.
_LOCALE_WITH_REGION = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?-([A-Za-z]{2}|[0-9]{3})")


class Transcription:
    """The transcription of one call."""

    def __init__(
        self, call: Call, setup: Setup, callbacks: Callbacks, resources: Resources
    ) -> None:
        # Set with the first stream, and never cleared: only the first words wait for it.
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
        self._result_of_cut = NO_WEBSOCKET

    @property
    def refuses_start(self) -> bool:
        """Whether the request of a start is refused because a transcription runs already."""
        return self._subscription is not None and self._call.options.second_start == "refused"

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
        """Start with changed options; an event reports the result."""
        self._call.starts_while_running += self._subscription is not None
        options = msgspec.structs.replace(self._options, **changes)
        problem = await self._fault("TranscriptionStarted")
        if problem := problem or self._refusal(options, at_setup=at_setup):
            self._failed(operation, problem)
        elif self._subscription is None:
            self._begin(operation, options)
        elif self._call.options.second_start != "started":
            self._failed(operation, ALREADY_ACTIVE)
        elif self._subscription.is_open:
            self._succeeded("Started", "subscriptionStarted", operation)
        else:
            # Still dialling: the result of the dial answers this request as well.
            self._operations.append(operation)

    async def stop(self, operation: Operation) -> None:
        """Stop; this succeeds also when nothing is being transcribed, which is not documented."""
        if problem := await self._fault("TranscriptionStopped"):
            self._failed(operation, problem)
            return
        self.end()
        self._succeeded("Stopped", "subscriptionStopped", operation)

    async def update(self, operation: Operation, changes: dict[str, Any]) -> None:
        """Change the locale or the model of a running transcription."""
        options = msgspec.structs.replace(self._options, **changes)
        problem = await self._fault("TranscriptionUpdated")
        # Not documented: an update without a transcription fails like an action at the wrong time.
        if problem is None and self._subscription is None:
            problem = NOT_ESTABLISHED
        if problem is None and self._call.direction == "joined":
            problem = NOT_SUPPORTED_WHEN_JOINED
        if problem := problem or _locale_problem(options.locale):
            self._failed(operation, problem)
        elif self._subscription:
            self._options = options
            await self._subscription.announce(options)
            self._succeeded("Updated", "transcriptionLocaleUpdated", operation)

    async def speak(self, utterance: Utterance, word_count: int | None) -> None:
        """Send a hypothesis with so many words, or for None the final, if a stream is open."""
        if word_count is None:
            # Recorded with or without a stream: tests compare what was spoken with what arrived.
            record = Final(utterance.text, utterance.speaker, iso(utterance.start))
            self._call.finals.append(record)
            if self._subscription:
                await self._subscription.final(utterance, record)
        elif self._subscription:
            await self._subscription.hypothesis(utterance, word_count)

    def cut(self, cut: Cut, result: Result | None) -> bool:
        """Break the stream as a network failure would; False when there is none."""
        self._result_of_cut = result or NO_WEBSOCKET
        return self._subscription is not None and self._subscription.cut(cut)

    def tell(self, result: Result) -> None:
        """Report a failure of what runs, though it runs on. Raises ServiceError where nothing does.

        That the service does so is known of summaries alone, which fail for themselves.
        """
        if self._subscription is None:
            raise ServiceError(409, "Conflict", "no transcription runs")
        self._failed(self._operations[0], result)

    def end(self) -> None:
        """Close the stream without an event."""
        if self._task:
            self._task.cancel()
        self._forget()

    def _forget(self) -> None:
        self._task = self._subscription = None
        self._call.conversation.transcribing.discard(self._call.id)

    def _refusal(self, options: TranscriptionOptions, *, at_setup: bool) -> Result | None:
        if self._call.state is CallState.DISCONNECTED:
            return TERMINATED
        if self._call.state is not CallState.CONNECTED:
            return NOT_ESTABLISHED
        if options.transport_url is None:
            return NO_TRANSPORT_URL
        if not self._cognitive:
            return NO_COGNITIVE_SERVICES
        # The known issue of the how-to page: in 1:1 calls with ACS users transcription cannot start
        # with the answer, only later.
        if at_setup and self._call.is_one_to_one and is_acs_user(self._call.other_party):
            return NOT_SUPPORTED
        return _locale_problem(options.locale)

    async def _fault(self, event: str) -> Result | None:
        return await self._resources.faults.failure_of(event, self._call.names)

    def _begin(self, operation: Operation, options: TranscriptionOptions) -> None:
        self._options = options
        self._result_of_cut = NO_WEBSOCKET
        self._operations = [operation]
        self._subscription = Subscription(self._call, options, self._resources, self._id)
        self._call.conversation.began_transcribing(self._call.id)
        # Each start opens a new subscription; the next one gets another id.
        self._id = str(uuid.uuid4())
        self._task = self._resources.tasks.spawn(self._run(self._subscription))

    async def _run(self, subscription: Subscription) -> None:
        result, detail = await self._until_given_up(subscription)
        self._forget()
        if subscription.ends_silently:
            return
        for operation in self._operations:
            self._failed(operation, result, detail)

    async def _until_given_up(self, subscription: Subscription) -> tuple[Result, str]:
        try:
            await subscription.open()
            self.opened.set()
            for operation in self._operations:
                self._succeeded("Started", "subscriptionStarted", operation)
            # A later failure of the stream is reported once, to the operation that opened it.
            self._operations = self._operations[:1]
            await subscription.keep_open()
        except DialError as problem:
            return problem.result, details(problem.result)
        finally:
            await subscription.close()
        return self._result_of_cut, "streamConnectionInterrupted"

    def _succeeded(self, what: str, detail: str, operation: Operation) -> None:
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
