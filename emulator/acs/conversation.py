"""A conversation: those who are on a call, what they say, and the apps that hear it.

Every call has one; a call that runs without the app has one too, which the app may join.
"""

import asyncio
import base64
import secrets
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from emulator.acs import dialogues
from emulator.acs.call_options import CallOptions
from emulator.acs.errors import ServiceError, invalid
from emulator.acs.identifiers import raw_id
from emulator.acs.keys import SECONDS_PER_KEY, Tone, tone_of
from emulator.acs.phones import Ringing
from emulator.acs.roles import Roles
from emulator.acs.schedule import Schedule
from emulator.acs.speech import Utterance

type Hear = Callable[[Utterance, int | None], Awaitable[None]]
type Press = Callable[[str, Tone], None]


class Conversation:
    """The people of a call and their words.

    `ends` are the raw ids of its first participants, None where nobody speaks for one.
    """

    def __init__(self, options: CallOptions, ends: tuple[str | None, ...]) -> None:
        self.options = options
        self.ends = tuple(end for end in ends if end is not None)
        self.id = secrets.token_hex(8)
        # The service's own ids are URLs in base64 as well; apps must not read anything from them.
        self.server_call_id = base64.b64encode(
            f"https://call.localhost/{self.id}".encode()
        ).decode()
        self.group_call_id = str(uuid.uuid4())
        # Room ids are seventeen digits.
        self.room_id = str(secrets.randbelow(9 * 10**16) + 10**16)
        self.dialogue = dialogues.load(options.script)
        self.roles = Roles(self.dialogue, ends)
        # A dictionary for its order: those who came first are named first.
        self.people: dict[str, None] = {}
        # The voicemails: they are there, and say nothing of the dialogue.
        self._silent: set[str] = set()
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
        self._asked = asyncio.Event()
        # When the last key is pressed, by the event loop's clock.
        self._pressed_at = 0.0
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
        """Let people be there."""
        self.people |= dict.fromkeys(people)

    def come_in(self, who: str) -> None:
        """Let somebody come in, who then speaks as their participant or as the next without one."""
        self.arrive([who])
        self.roles.take(who)

    def pick_up(self, line: Ringing) -> None:
        """Let somebody come in whose phone was picked up; a voicemail says nothing of theirs."""
        self._silent.discard(line.who)
        if line.state == "voicemail":
            self.arrive([line.who])
            self._silent.add(line.who)
        else:
            self.come_in(line.who)

    def named(self, speaker: int | str) -> str:
        """Return the raw id of somebody who is there. Raises ServiceError where they are not."""
        if isinstance(speaker, str):
            who: str | None = raw_id(speaker)
        elif speaker < len(self.roles.speakers):
            who = self.roles.speakers[speaker]
        else:
            raise invalid(f"there is no participant {speaker} - at `$.speaker`")
        if who is None or who not in self.people:
            raise ServiceError(409, "Conflict", f"{speaker if who is None else who} is not there")
        return who

    def press(self, who: str, keys: str, after: float = 0) -> None:
        """Let somebody press keys, one after the other, at the speed of the dialogue."""
        # Not on the schedule: it waits for the first stream, as words do, and keys need none.
        loop = asyncio.get_running_loop()
        for number, key in enumerate(keys):
            wait = (after + number * SECONDS_PER_KEY) / self.options.speed
            timer = loop.call_later(wait, self._press, who, tone_of(key))
            self._pressed_at = max(self._pressed_at, timer.when())

    def ask_for_keys(self, who: str) -> None:
        """Let somebody know that keys of theirs are waited for."""
        for line in self._answers:
            if self.roles.speakers[line.speaker] == who:
                self._answers.remove(line)
                self.press(who, line.keys or "", line.at)
                self._asked.set()
                return

    async def asked_for_all(self) -> None:
        """Wait until the app has asked for all keys of the dialogue, and they are pressed."""
        while self._answers:
            self._asked.clear()
            await self._asked.wait()
        await asyncio.sleep(max(0, self._pressed_at - asyncio.get_running_loop().time()))

    def leave(self, who: str) -> bool:
        """Let somebody go; False when they are not there."""
        there = who in self.people
        self.people.pop(who, None)
        return there

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

    def _press(self, who: str, tone: Tone) -> None:
        if self._is_heard(who):
            for keypad in tuple(self.keypads.values()):
                keypad(who, tone)

    async def _speak(self, utterance: Utterance, word_count: int | None) -> None:
        if self._is_heard(utterance.speaker):
            for hear in tuple(self.hearers.values()):
                await hear(utterance, word_count)

    def _is_heard(self, who: str) -> bool:
        return who in self.people and who not in self._silent
