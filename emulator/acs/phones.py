"""Those who are called: how they behave, what the service reports of it, and how often they rang.

What a phone does is said, the first that says so wins, by the control API for this one phone, by
its participant in the dialogue, or by the options of outgoing calls.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Annotated, Any, Literal

import msgspec

from emulator.acs.identifiers import is_phone
from emulator.acs.results import Result
from emulator.acs.settings import Settings

# `waits` rings until the control API says what becomes of it, or nobody answers.
# With `voicemail` the network picks up for one who does not, which the service cannot tell from a
# person (https://github.com/Azure/azure-sdk-for-net/issues/41032).
type Does = Literal[
    "answers", "voicemail", "busy", "declines", "noAnswer", "unreachable", "invalid", "waits"
]

# https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
# Of numbers: 560 and the code of SIP, as documented for PSTN calls.
_OF_NUMBERS = {
    "busy": Result(486, 560486, "The called number was busy."),
    "declines": Result(603, 560603, "Call declined by the recipient."),
    "noAnswer": Result(408, 560408, "The called party did not respond in time."),
    "unreachable": Result(480, 560480, "Called user temporarily unavailable."),
    "invalid": Result(404, 560404, "Phone number not found."),
}
# Of users and apps: the list's subcodes; which code goes with each is not documented.
_OF_OTHERS = {
    "busy": Result(486, 8539, "Callee busy."),
    "declines": Result(603, 8538, "Callee declined."),
    "noAnswer": Result(408, 8541, "Callee unavailable."),
    "unreachable": Result(480, 8544, "Callee unreachable."),
    "invalid": Result(404, 8522, "Callee not found."),
}

_PICKED_UP = ("answers", "voicemail")
_CANCELED = Result(487, 8542, "Call canceled.")


class Phone(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What somebody who is called does, after so many seconds of ringing.

    `result` is reported of a call that does not come about, in place of the usual one.
    """

    does: Does = "answers"
    after: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    result: Result | None = None

    def outcome(self, who: str) -> Result | None:
        """Return what is reported of a phone that was not picked up; None for one that was."""
        if self.does in _PICKED_UP:
            return None
        return self.result or (_OF_NUMBERS if is_phone(who) else _OF_OTHERS)[self.does]


class Ringing:
    """A phone that rings for a call, until it is picked up or not."""

    def __init__(self, who: str, phone: Phone, seconds: float) -> None:
        self.who = who
        self.state = "ringing"
        self.over = asyncio.Event()
        self._phone = phone
        self._seconds = seconds
        self._told: Phone | None = None
        self._cancelled = False
        self._hear = asyncio.Event()

    def tell(self, does: Does) -> bool:
        """Let the phone do this now; False when it no longer rings."""
        if self.over.is_set() or self._told or self._cancelled:
            return False
        self._told = Phone(does)
        self._hear.set()
        return True

    def cancel(self) -> bool:
        """Let the phone ring no more; False when it does not ring."""
        if self.over.is_set() or self._told or self._cancelled:
            return False
        self._cancelled = True
        self._hear.set()
        return True

    async def outcome(self) -> Result | None:
        """Wait for what becomes of it: None when it is picked up, or why it is not."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._hear.wait()
            if self._cancelled:
                return _CANCELED
            unheard = Phone("noAnswer") if self._phone.does == "waits" else self._phone
            phone = self._told or unheard
            self.state = "answered" if phone.does == "answers" else phone.does
            return phone.outcome(self.who)
        finally:
            if self.state == "ringing":
                self.state = "cancelled"
            self.over.set()


class Phones:
    """The phones that somebody has been told how to behave, and those that were dialled."""

    def __init__(self) -> None:
        self.dialled: Counter[str] = Counter()
        self._told: dict[str, Phone] = {}

    def tell(self, who: str, phone: Phone) -> None:
        """Let a phone behave so from now on."""
        self._told[who] = phone

    def ring(
        self, who: str, usual: Phone, settings: Settings, limit: float | None = None
    ) -> Ringing:
        """Let a phone ring, which behaves as it was told or else as usual.

        It rings for so many seconds at most, where a limit is given.
        """
        self.dialled[who] += 1
        phone = self._told.get(who, usual)
        # The service gives up a call that nobody answers; when, is not documented.
        unanswered = phone.does in ("noAnswer", "waits")
        longest = settings.ring_seconds if limit is None else limit
        seconds = longest if unanswered else settings.connect_seconds
        seconds = seconds if phone.after is None else phone.after
        if limit is not None and seconds > limit:
            return Ringing(who, Phone("noAnswer"), limit)
        return Ringing(who, phone, seconds)

    def untell(self, who: str) -> bool:
        """Let a phone behave as usual again; False where it was told nothing."""
        return self._told.pop(who, None) is not None

    def describe(self) -> list[dict[str, Any]]:
        """Return every phone that was told something or was dialled."""
        known = sorted({*self._told, *self.dialled})
        return [
            {
                "who": who,
                "phone": msgspec.to_builtins(self._told[who]) if who in self._told else None,
                "dialled": self.dialled[who],
            }
            for who in known
        ]

    def forget(self) -> None:
        """Forget every phone."""
        self._told.clear()
        self.dialled.clear()
