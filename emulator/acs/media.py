"""The media operations of a call: which go together, in which order they run, and their end.

https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/control-mid-call-media-actions#media-action-compatibility-table
"""

import asyncio

from emulator.acs.bodies_media import Play, Recognize
from emulator.acs.calls import Operation
from emulator.acs.errors import refusal
from emulator.acs.keys import Tone
from emulator.acs.media_actions import Action, Channel, Playing, Recognizing
from emulator.acs.results import COMPLETED, PARTICIPANT_NOT_FOUND
from emulator.acs.results_media import CANCELED, INCOMPATIBLE


class Media:
    """What is played and recognised on one call, one after the other, and continuous keys."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        # Those that run or wait, in their order, with their tasks.
        self._actions: dict[Action, asyncio.Task[None]] = {}
        # Whose keys are reported all the time, for which request, and how many were.
        self._continuous: dict[str, Operation] = {}
        self._reported: dict[str, int] = {}

    def play(self, operation: Operation, wanted: Play) -> None:
        """Play something once its turn has come. Raises ServiceError where it cannot be."""
        action = Playing(self._channel, operation, wanted)
        # Documented for prompts to everybody alone.
        interrupts = wanted.interrupt_call_media_operation and not action.on_sub_leg
        self._begin(action, interrupts=bool(interrupts))

    def recognize(self, operation: Operation, wanted: Recognize) -> None:
        """Recognise keys once its turn has come. Raises ServiceError where they cannot be."""
        action = Recognizing(self._channel, operation, wanted)
        self._begin(action, interrupts=bool(wanted.interrupt_call_media_operation))

    def cancel(self) -> None:
        """Cancel what is played or recognised, and what waits; continuous keys go on."""
        for action, task in self._actions.items():
            task.cancel()
            action.report("Canceled", CANCELED)
        self._actions.clear()

    def start_continuous(self, operation: Operation, who: str) -> None:
        """Report all keys of somebody. Raises ServiceError where it cannot be."""
        self._check_sub_leg()
        if self._channel.lacks([who]):
            event = "ContinuousDtmfRecognitionToneFailed"
            self._channel.callbacks.post(event, operation, PARTICIPANT_NOT_FOUND)
        else:
            self._continuous[who] = operation

    def stop_continuous(self, operation: Operation, who: str) -> None:
        """Report the keys of somebody no more; this succeeds also when none were."""
        self._continuous.pop(who, None)
        self._report_stop(operation)

    def press(self, who: str, tone: Tone) -> None:
        """Let a participant press a key."""
        for action in self._actions:
            action.press(who, tone)
        if operation := self._continuous.get(who):
            self._reported[who] = self._reported.get(who, 0) + 1
            number = self._reported[who]
            self._channel.resources.tasks.spawn(self._report(operation, tone, number))

    def end(self) -> None:
        """End all, because the call has."""
        for task in self._actions.values():
            task.cancel()
        self._actions.clear()
        # Documented as the other reason of this event.
        for operation in self._continuous.values():
            self._report_stop(operation)
        self._continuous.clear()

    def _begin(self, action: Action, *, interrupts: bool) -> None:
        if interrupts:
            self.cancel()
        if action.on_sub_leg:
            self._check_sub_leg()
        before = next(reversed(self._actions.values()), None)
        self._channel.call.media.append(action.record)
        task = self._channel.resources.tasks.spawn(self._perform(action, before))
        self._actions[action] = task

    def _check_sub_leg(self) -> None:
        """Raise ServiceError where something for one participant runs or waits already."""
        if any(action.on_sub_leg for action in self._actions):
            raise refusal(INCOMPATIBLE)

    async def _perform(self, action: Action, before: asyncio.Task[None] | None) -> None:
        # The table says of some that they may "run or queue", not which: here all are queued.
        if before:
            await asyncio.wait([before])
        await action.perform()
        self._actions.pop(action, None)

    async def _report(self, operation: Operation, tone: Tone, number: int) -> None:
        prefix = "ContinuousDtmfRecognition"
        callbacks = self._channel.callbacks
        if problem := await self._channel.failure_of(f"{prefix}ToneReceived"):
            callbacks.post(f"{prefix}ToneFailed", operation, problem)
        elif self._channel.call.is_up:
            data = {"sequenceId": number, "tone": tone}
            callbacks.post(f"{prefix}ToneReceived", operation, COMPLETED, data)

    def _report_stop(self, operation: Operation) -> None:
        self._channel.callbacks.post("ContinuousDtmfRecognitionStopped", operation, COMPLETED)
