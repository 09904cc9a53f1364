"""What the app has played to people, and whose keys it has recognised.

Times are those of the call: at twice the speed a prompt takes half as long, and so do the pauses
that the app allows between keys.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.acs.bodies_media import Play, PlaySource, Recognize
from emulator.acs.callbacks import Callbacks
from emulator.acs.calls import Call, MediaRecord, Operation
from emulator.acs.keys import Tone
from emulator.acs.prompts import PromptError
from emulator.acs.resources import Resources
from emulator.acs.results import COMPLETED, PARTICIPANT_NOT_FOUND, Result
from emulator.acs.results_media import (
    INTER_DIGIT,
    MAX_DIGITS,
    PROMPT_FAILED,
    SILENCE,
    STOP_TONE,
)

# What Microsoft's clients send where an app does not say; of the service itself it is not known.
_SECONDS_OF_SILENCE, _SECONDS_BETWEEN_TONES = 5, 2


@dataclass(frozen=True, slots=True)
class Channel:
    """The media of a call: who is there, how fast time passes, and whom it is reported to."""

    call: Call
    callbacks: Callbacks
    resources: Resources
    cognitive: str | None

    @property
    def speed(self) -> float:
        """How fast the call's time passes."""
        return self.call.options.speed

    def lacks(self, people: Sequence[str]) -> bool:
        """Tell whether one of these is not on the call."""
        return not set(people) <= set(self.call.conversation.people)

    async def measure(self, sources: tuple[PlaySource, ...]) -> float:
        """Return how many seconds prompts take on this call. Raises PromptError."""
        resources = self.resources
        seconds = await resources.prompts.measure(sources, self.cognitive, resources.http)
        return seconds / self.speed

    async def failure_of(self, event: str) -> Result | None:
        """Use the first fault that lets what would be reported so fail."""
        return await self.resources.faults.failure_of(event, self.call.names)


class Action:
    """One of them; `on_sub_leg` tells it apart from those that concern everybody."""

    name: str

    def __init__(
        self, channel: Channel, operation: Operation, record: MediaRecord, *, on_sub_leg: bool
    ) -> None:
        self.on_sub_leg = on_sub_leg
        self.record = record
        self._channel = channel
        self._operation = operation

    async def perform(self) -> None:
        """Do it, and report what has become of it."""
        raise NotImplementedError

    def press(self, who: str, tone: Tone) -> None:
        """Take note of a key."""

    def report(self, what: str, result: Result, data: dict[str, Any] | None = None) -> None:
        """Report what has become of it."""
        self.record.state = what.lower()
        self._channel.callbacks.post(f"{self.name}{what}", self._operation, result, data)

    def _fail(self, result: Result, source: int | None = None) -> None:
        # The SDKs' models have the field, and recorded events without it are not known.
        self.report("Failed", result, None if source is None else {"failedPlaySourceIndex": source})


class Playing(Action):
    """Something is played to all, or to some of them."""

    name = "Play"

    def __init__(self, channel: Channel, operation: Operation, wanted: Play) -> None:
        self._wanted = wanted
        self._to = tuple(target.raw_id for target in wanted.play_to or ())
        record = MediaRecord("play", operation.context, self._to, _contents(wanted.play_sources))
        super().__init__(channel, operation, record, on_sub_leg=bool(self._to))

    async def perform(self) -> None:
        """Play it, and report its begin and its end."""
        channel = self._channel
        try:
            seconds = await channel.measure(self._wanted.play_sources)
        except PromptError as problem:
            self._fail(problem.result, problem.source)
            return
        if channel.lacks(self._to):
            self._fail(PARTICIPANT_NOT_FOUND)
        elif failure := await channel.failure_of("PlayStarted"):
            self._fail(failure, 0)
        else:
            self.report("Started", COMPLETED)
            await self._play(seconds)

    async def _play(self, seconds: float) -> None:
        options = self._wanted.play_options
        # In a loop it is played until it is cancelled, or the call ends.
        await (asyncio.Event().wait() if options and options.loop else asyncio.sleep(seconds))
        if problem := await self._channel.failure_of("PlayCompleted"):
            self._fail(problem, 0)
        else:
            self.report("Completed", COMPLETED)


class Recognizing(Action):
    """The keys of one participant are recognised, after a prompt if there is one."""

    name = "Recognize"

    def __init__(self, channel: Channel, operation: Operation, wanted: Recognize) -> None:
        self._wanted = wanted
        self._options = wanted.recognize_options
        self._who = self._options.target_participant.raw_id
        self._tones: asyncio.Queue[Tone] = asyncio.Queue()
        self._hears = False
        contents = _contents(wanted.prompts)
        record = MediaRecord("recognize", operation.context, (self._who,), contents)
        # "Group call" is where the app has more than one other party.
        super().__init__(channel, operation, record, on_sub_leg=not channel.call.is_one_to_one)

    async def perform(self) -> None:
        """Play the prompt, collect keys, and report them."""
        channel = self._channel
        if channel.lacks([self._who]):
            self._fail(PARTICIPANT_NOT_FOUND)
            return
        try:
            seconds = await channel.measure(self._wanted.prompts)
        except PromptError as problem:
            self._fail(PROMPT_FAILED, problem.source)
            return
        self.record.state = "started"
        result, tones = await self._collect(await self._prompt(seconds))
        if failure := await channel.failure_of("RecognizeCompleted"):
            self._fail(failure)
        elif result in (MAX_DIGITS, STOP_TONE):
            data = {"recognitionType": "dtmf", "dtmfResult": {"tones": tones}}
            self.report("Completed", result, data)
        else:
            self._fail(result)

    def press(self, who: str, tone: Tone) -> None:
        """Take note of a key of the one whose keys are recognised."""
        if who == self._who and self._hears:
            self._tones.put_nowait(tone)

    async def _prompt(self, seconds: float) -> Tone | None:
        """Play the prompt; return the key that has interrupted it, if it may be."""
        if not self._options.interrupt_prompt:
            # What is pressed meanwhile is lost: the harder choice where nothing is documented.
            await asyncio.sleep(seconds)
        self._listen()
        return await self._tone(seconds) if self._options.interrupt_prompt else None

    def _listen(self) -> None:
        self._hears = True
        self._channel.call.conversation.ask_for_keys(self._who)

    async def _collect(self, first: Tone | None) -> tuple[Result, list[Tone]]:
        keys, speed = self._options.dtmf_options, self._channel.speed
        stop = (keys and keys.stop_tones) or ()
        most = keys and keys.max_tones_to_collect
        between = (keys and keys.inter_tone_timeout_in_seconds) or _SECONDS_BETWEEN_TONES
        silence = self._options.initial_silence_timeout_in_seconds
        silence = _SECONDS_OF_SILENCE if silence is None else silence
        tones: list[Tone] = []
        tone = first or await self._tone(silence / speed)
        while tone and tone not in stop:
            tones.append(tone)
            if len(tones) == most:
                return MAX_DIGITS, tones
            tone = await self._tone(between / speed)
        # Whether the stop tone is among those that are reported is not documented; here it is not.
        return (STOP_TONE if tone else INTER_DIGIT if tones else SILENCE), tones

    async def _tone(self, seconds: float) -> Tone | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._tones.get()
        except TimeoutError:
            return None


def _contents(sources: tuple[PlaySource, ...]) -> tuple[str, ...]:
    return tuple(source.content or "" for source in sources)
