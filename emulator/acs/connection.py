"""A call that the app takes part in: its callbacks, its transcription, who is there, its end."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from emulator.acs.bodies import Setup
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, CallState, Operation
from emulator.acs.identifiers import identifier
from emulator.acs.media import Media
from emulator.acs.media_actions import Channel
from emulator.acs.resources import Resources
from emulator.acs.results import CONNECTED, Result
from emulator.acs.transcription import Transcription

_FAILURES = {
    "inbound": "AnswerFailed",
    "outbound": "CreateCallFailed",
    "joined": "ConnectFailed",
}


class Connection:
    """What the app has of a call from its request on."""

    def __init__(self, call: Call, setup: Setup, version: str, resources: Resources) -> None:
        self.call = call
        self.setup = setup
        self.operation = Operation(version, setup.callback_uri, setup.operation_context)
        self.callbacks = Callbacks(call, resources)
        self.transcription = Transcription(call, setup, self.callbacks, resources)
        cognitive = setup.call_intelligence_options.cognitive_services_endpoint
        self.media = Media(Channel(call, self.callbacks, resources, cognitive))
        self._resources = resources
        self._tasks: set[asyncio.Task[None]] = set()
        self._rosters = 0

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something of the call, such as letting it come about; its end cancels that."""
        task = self._resources.tasks.spawn(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def properties(self) -> dict[str, Any]:
        """Return the call as Call Automation shows it."""
        properties = self.call.properties() | {"callbackUri": self.setup.callback_uri}
        if self.setup.transcription_options:
            properties["transcriptionSubscription"] = self.transcription.describe()
        return properties

    def participants(self) -> list[dict[str, Any]]:
        """Return those who are on the call, as Call Automation lists them."""
        return [participant(who) for who in self.call.conversation.people]

    async def connect(self, problem: Result | None = None) -> bool:
        """Connect the call and tell the app, or tell it what hindered that."""
        fault = await self._resources.faults.failure_of("CallConnected", self.call.names)
        if problem := fault or problem:
            self.fail(problem)
            return False
        call = self.call
        call.state = CallState.CONNECTED
        call.conversation.hearers[call.id] = self.transcription.speak
        call.conversation.keypads[call.id] = self.media.press
        self.callbacks.post("CallConnected", self.operation, CONNECTED)
        self.post_roster()
        return True

    def fail(self, problem: Result, *, disconnected: bool = False) -> None:
        """Tell the app that the call has not come about."""
        self.call.state = CallState.DISCONNECTED
        if self.call.direction != "joined":
            self.call.conversation.over = True
        self.callbacks.post(_FAILURES[self.call.direction], self.operation, problem)
        if disconnected:
            self.callbacks.post("CallDisconnected", self.operation, problem)

    def post_roster(self) -> None:
        """Tell the app who is on the call."""
        self._rosters += 1
        data = {"participants": self.participants(), "sequenceNumber": self._rosters}
        # No request causes this event, and the SDKs' models of it have no operation context.
        without_context = replace(self.operation, context=None)
        self.callbacks.post("ParticipantsUpdated", without_context, CONNECTED, data)

    async def await_first_stream(self) -> None:
        """Wait a limited time for the first stream, so that the first words are transcribed."""
        options = self.setup.transcription_options
        if options is None:
            return
        if options.start_transcription:
            await self.transcription.start(self.operation, {}, at_setup=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.call.options.wait_for_stream):
                await self.transcription.opened.wait()

    def end(self, result: Result) -> None:
        """End the call for the app."""
        self.call.state = CallState.DISCONNECTED
        self.call.conversation.hearers.pop(self.call.id, None)
        self.call.conversation.keypads.pop(self.call.id, None)
        # Whether the end of a call is reported as TranscriptionStopped as well is not documented.
        # Here it is not: no app may wait for that event.
        self.transcription.end()
        self.media.end()
        self.callbacks.post("CallDisconnected", self.operation, result)
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()


def participant(who: str) -> dict[str, Any]:
    """Return somebody on a call, as Call Automation lists them."""
    return {"identifier": identifier(who), "isMuted": False, "isOnHold": False}
