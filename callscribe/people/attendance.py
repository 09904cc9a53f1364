"""Write down who is on a call, and link them to it, as soon as ACS says so."""

from collections.abc import Iterable
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.participants import Roster
from callscribe.calls.ports import CallStore
from callscribe.calls.targets import Target
from callscribe.foundation.moments import Ms
from callscribe.foundation.ports import TranscriptStore
from callscribe.foundation.writes import side_by_side
from callscribe.people.roster import (
    Changes,
    Rows,
    after_end,
    after_introduction,
    after_roster,
    after_speech,
)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Keeps the rows of a call's people; the call was read in the same operation.

    Every method may be repeated, and may raise StorageUnavailableError: what was not written by
    then is written when it is repeated.
    """

    calls: CallStore
    transcripts: TranscriptStore

    async def introduce(self, call: Call, people: Iterable[Target]) -> None:
        """Note the names and the roles of people who are called; that links nobody to the call."""
        await self._perform(call, after_introduction(call, await self._rows(call), people))

    async def note(self, call: Call, roster: Roster, at: Ms) -> None:
        """Note who is on the call by a list of participants, which ACS made `at` a moment.

        An older list than one that was noted changes nothing. On a call that is over, who is on a
        late list was there until its end.
        """
        if call.ended_at is not None:
            at = min(at, call.ended_at)
        await self._perform(call, after_roster(call, await self._rows(call), roster, at))
        await self.note_end(call)

    async def note_end(self, call: Call) -> None:
        """Note that nobody is on a call that has ended; nothing where it has not."""
        if call.ended_at is not None:
            await self._perform(call, after_end(await self._rows(call), call.ended_at))

    async def note_speakers(self, call: Call, raw_ids: Iterable[str]) -> None:
        """Note who was heard, though no list of participants had them."""
        await self._perform(call, after_speech(call, await self._rows(call), raw_ids))

    async def _rows(self, call: Call) -> Rows:
        return {key: row async for key, row in self.transcripts.rows(call.id, "p-", "q")}

    async def _perform(self, call: Call, changes: Changes) -> None:
        # First: a row that is written tells that its link is there.
        await side_by_side(self.calls.link(raw_id, call) for raw_id in changes.joined)
        await side_by_side(
            self.transcripts.merge(call.id, key, columns) for key, columns in changes.rows.items()
        )
