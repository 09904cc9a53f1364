"""A conversation: those who are on a call, what they say, and the apps that hear it.

Every call has one; a call that runs without the app has one too, which the app may join.
"""

import asyncio
import base64
import secrets
import uuid
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from emulator.acs import dialogues
from emulator.acs.call_options import CallOptions
from emulator.acs.dialogues import Line
from emulator.acs.errors import invalid
from emulator.acs.identifiers import raw_id
from emulator.acs.keys import SECONDS_PER_KEY, Tone, tone_of
from emulator.acs.phones import Phone, Ringing
from emulator.acs.schedule import Schedule, ScriptedLine
from emulator.acs.speech import Utterance

type Hear = Callable[[Utterance, int | None], Awaitable[None]]
type Press = Callable[[str, Tone], None]

# Nobody hangs up at once: so long after the last word, at the speed of the dialogue.
_SECONDS_BEFORE_HANGING_UP = 1


class Conversation:
    """The people of a call and their words; `ends` are the raw ids of its first participants."""

    def __init__(self, options: CallOptions, ends: tuple[str, ...]) -> None:
        self.options = options
        self.id = secrets.token_hex(8)
        # The service's own ids are URLs in base64 as well; apps must not read anything from them.
        self.server_call_id = base64.b64encode(
            f"https://call.localhost/{self.id}".encode()
        ).decode()
        self.group_call_id = str(uuid.uuid4())
        # Room ids are seventeen digits.
        self.room_id = str(secrets.randbelow(9 * 10**16) + 10**16)
        self.dialogue = dialogues.load(options.script)
        self.speakers = self.dialogue.raw_ids(*ends)
        # A dictionary for its order: those who came first are named first.
        self.people: dict[str, None] = {}
        # Those who were called and have not come, and those who have gone: they say nothing.
        self.absent: set[str] = set()
        self.hearers: dict[str, Hear] = {}
        self.over = False
        # Whether it ends when the last person has left, though an app is still there.
        self.ends_when_empty = True
        # The calls in which a transcription runs, and how many did at once at most.
        self.transcribing: set[str] = set()
        self.most_transcriptions = 0
        self.schedule = Schedule(options.speed, self._speak)
        # What takes note of keys, for each call of an app.
        self.keypads: dict[str, Press] = {}
        # The keys that are pressed when the app asks for some, in this order.
        self._answers = [line for line in self.dialogue.lines if line.asked]
        self.task: asyncio.Task[None] | None = None

    @property
    def places(self) -> set[tuple[str, str]]:
        """The kinds of locators and the ids by which an app can join."""
        return {
            ("serverCallLocator", self.server_call_id),
            ("groupCallLocator", self.group_call_id),
            ("roomCallLocator", self.room_id),
        }

    @property
    def is_there(self) -> bool:
        """Tell whether somebody is there to be joined, or an app has stayed."""
        return not self.over and bool(self.people or self.hearers)

    def arrive(self, people: Iterable[str]) -> None:
        """Let people come in."""
        arrived = dict.fromkeys(people)
        self.people |= arrived
        self.absent.difference_update(arrived)

    def pick_up(self, line: Ringing) -> None:
        """Let somebody come in whose phone was picked up; a voicemail says nothing of theirs."""
        self.arrive([line.who])
        if line.state == "voicemail":
            self.absent.add(line.who)

    def phone_of(self, who: str) -> Phone | None:
        """Return how somebody's phone behaves; None where the dialogue does not say."""
        for raw, participant in zip(self.speakers, self.dialogue.participants, strict=True):
            if raw == who and participant.phone:
                return participant.phone
        return None

    def named(self, speaker: int | str) -> str:
        """Return the raw id of a participant. Raises ServiceError where the dialogue has none."""
        if isinstance(speaker, str):
            return raw_id(speaker)
        if speaker >= len(self.speakers):
            raise invalid(f"there is no participant {speaker} - at `$.speaker`")
        return self.speakers[speaker]

    def press(self, who: str, keys: str, after: float = 0) -> None:
        """Let somebody press keys, one after the other, at the speed of the dialogue."""
        # Not on the schedule: it waits for the first stream, as words do, and keys need none.
        loop = asyncio.get_running_loop()
        for number, key in enumerate(keys):
            wait = (after + number * SECONDS_PER_KEY) / self.options.speed
            loop.call_later(wait, self._press, who, tone_of(key))

    def ask_for_keys(self, who: str) -> None:
        """Let somebody know that keys of theirs are waited for."""
        for line in self._answers:
            if self.speakers[line.speaker] == who:
                self._answers.remove(line)
                self.press(who, line.keys or "", line.at)
                return

    def leave(self, who: str) -> bool:
        """Let somebody go; False when they are not there."""
        there = who in self.people
        self.people.pop(who, None)
        self.absent.add(who)
        return there

    async def talk(self) -> None:
        """Say what the dialogue has, and what is added, until all have fallen silent."""
        self._schedule([line for line in self.dialogue.lines if not line.asked])
        options = self.options
        idle = None if options.stay else _SECONDS_BEFORE_HANGING_UP / options.speed
        await self.schedule.play(idle)

    def began_transcribing(self, call_id: str) -> None:
        """Note that a transcription runs in a call."""
        self.transcribing.add(call_id)
        self.most_transcriptions = max(self.most_transcriptions, len(self.transcribing))

    def describe(self) -> dict[str, Any]:
        """Return the conversation as the control API shows it."""
        return {
            "id": self.id,
            "serverCallId": self.server_call_id,
            "groupCallId": self.group_call_id,
            "roomId": self.room_id,
            "people": list(self.people),
            "over": self.over,
            "calls": list(self.hearers),
            "transcriptionsAtOnce": self.most_transcriptions,
        }

    def _schedule(self, lines: list[Line]) -> None:
        said = ((self.speakers[line.speaker], line) for line in lines)
        self.schedule.say(
            *(ScriptedLine(who, line.text, line.at) for who, line in said if line.text)
        )
        for line in lines:
            if line.keys:
                act = partial(self._act, self.speakers[line.speaker], line)
                self.schedule.do(act, line.at)

    async def _act(self, who: str, line: Line) -> None:
        self.press(who, line.keys or "")

    def _press(self, who: str, tone: Tone) -> None:
        if who in self.people and who not in self.absent:
            for keypad in tuple(self.keypads.values()):
                keypad(who, tone)

    async def _speak(self, utterance: Utterance, word_count: int | None) -> None:
        if utterance.speaker not in self.absent:
            for hear in tuple(self.hearers.values()):
                await hear(utterance, word_count)
