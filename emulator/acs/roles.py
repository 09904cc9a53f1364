"""Who speaks as which participant of a dialogue, and who has still to come."""

import asyncio
from collections.abc import Collection

from emulator.acs.dialogues import Dialogue
from emulator.acs.phones import Phone


class Roles:
    """The participants of a dialogue and the raw ids of those who play them.

    `ends` are those of the first participants; None is the app's own end, for which nobody speaks.
    Where there is such an end all others but the other party are added by the app.
    """

    def __init__(self, dialogue: Dialogue, ends: tuple[str | None, ...]) -> None:
        self._dialogue = dialogue
        self.speakers: list[str | None] = list(dialogue.raw_ids(*ends))
        self._joining = {line.speaker for line in dialogue.lines if line.does == "joins"}
        others_are_added = None in ends
        is_end = {number for number, end in enumerate(ends) if end is not None}
        # Those whom the app adds, until they are there: the dialogue waits for them.
        self.to_come = {
            number
            for number, participant in enumerate(dialogue.participants)
            if participant.added or (others_are_added and number not in is_end)
        } - self._joining
        self._came = asyncio.Event()

    @property
    def present(self) -> list[str]:
        """Those who are there from the beginning."""
        later = self.to_come | self._joining
        found = ((n, who) for n, who in enumerate(self.speakers) if who is not None)
        return [who for number, who in found if number not in later]

    def call(self, people: Collection[str]) -> None:
        """Let it be known that these are called, so nobody waits for them to be added."""
        self.to_come -= {n for n, who in enumerate(self.speakers) if who in people}

    def take(self, who: str) -> None:
        """Let somebody who has come in speak as their participant, or as the next without one."""
        number = self._number_of(who, by_order=True)
        if number is None:
            return
        self.speakers[number] = who
        self.to_come.discard(number)
        self._came.set()

    def phone_of(self, who: str, *, by_order: bool) -> Phone | None:
        """Return how somebody's phone behaves; None where the dialogue does not say.

        By order, somebody whom the dialogue does not name is its next participant without a name.
        """
        number = self._number_of(who, by_order=by_order)
        return None if number is None else self._dialogue.participants[number].phone

    async def comes(self, number: int) -> None:
        """Wait until a participant is there."""
        while number in self.to_come:
            self._came.clear()
            await self._came.wait()

    def _number_of(self, who: str, *, by_order: bool) -> int | None:
        if who in self.speakers:
            return self.speakers.index(who)
        return self.speakers.index(None) if by_order and None in self.speakers else None
