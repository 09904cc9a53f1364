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
from emulator.acs.phones import Phone, Ringing
from emulator.acs.schedule import Schedule, ScriptedLine
from emulator.acs.speech import Utterance

type Hear = Callable[[Utterance, int | None], Awaitable[None]]

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
        self.schedule = Schedule(options.speed)
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

    def ask_for_keys(self, who: str) -> None:
        """Let somebody know that keys of theirs are waited for."""

    def leave(self, who: str) -> bool:
        """Let somebody go; False when they are not there."""
        there = who in self.people
        self.people.pop(who, None)
        self.absent.add(who)
        return there

    async def talk(self) -> None:
        """Say what the dialogue has, and what is added, until all have fallen silent."""
        lines = self.dialogue.lines
        self.schedule.say(
            *(ScriptedLine(self.speakers[line.speaker], line.text, line.at) for line in lines)
        )
        options = self.options
        idle = None if options.stay else _SECONDS_BEFORE_HANGING_UP / options.speed
        await self.schedule.play(self._speak, idle)

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

    async def _speak(self, utterance: Utterance, word_count: int | None) -> None:
        if utterance.speaker not in self.absent:
            for hear in tuple(self.hearers.values()):
                await hear(utterance, word_count)
