"""Report on a call: count its rows, mark what was said twice, write its gaps.

Finishing can run any number of times. A call that is not over is not reported on.
"""

from dataclasses import dataclass, replace

from callscribe.calls.call import Call
from callscribe.calls.call_json import state_json
from callscribe.calls.changes import change
from callscribe.calls.events import Decision
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.labelling import Labelling
from callscribe.calls.ports import CallStore, LiveFeed, People
from callscribe.calls.wish import wish_row
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.deadline import NEVER, Deadline
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.foundation.writes import side_by_side
from callscribe.reports.completeness import Findings, examine

# The kinds of rows that a report rests on: from connections (`c-`) to wishes (`w-`).
FIRST_KIND, BEHIND_LAST_KIND = "c-", "x"


@dataclass(frozen=True, slots=True)
class Finishing:
    """Writes the completeness report of calls."""

    calls: CallStore
    transcripts: TranscriptStore
    people: People
    labelling: Labelling
    feed: LiveFeed
    clock: Clock
    shortest_gap: Seconds

    async def finish(self, call_id: str, deadline: Deadline = NEVER) -> bool:
        """Report on one call from all its rows; return False, and do nothing, where it is not over.

        Raises NotFoundError for an unknown call, and UnavailableError when storage failed: the next
        run finds what was written by then, and goes on from there.
        """
        stored = await self.calls.read(call_id)
        if stored is None:
            raise NotFoundError("no such call")
        if not stored.call.terminal:
            return False
        # The worker that saved this revision may have died before it wrote the row.
        await self.transcripts.insert(call_id, *wish_row(stored.call.wish))
        rows = [row async for row in self.transcripts.rows(call_id, FIRST_KIND, BEHIND_LAST_KIND)]
        findings = examine(stored.call, rows, self.clock.now(), self.shortest_gap)
        # The report comes last: by then the rows that it speaks of are there.
        await self._write_rows(stored.call, rows, findings)
        await self._write_people(stored.call, findings)
        # Whoever labelled the call may have died before these rows were written.
        await self.labelling.link(stored.call)
        changed = await change(
            self.calls, call_id, lambda call: self._reported(call, findings), stored, deadline
        )
        self.feed.publish(call_id, state_json(changed.stored.call))
        log.info("callReported", call_id, finals=findings.report.finals)
        return changed.stored.call.terminal

    def _reported(self, call: Call, findings: Findings) -> Decision:
        if not call.terminal:
            return Decision(call)  # it was taken for over, and is up after all
        return Decision(replace(call, report=findings.report, finished_at=self.clock.now()))

    async def _write_rows(
        self, call: Call, rows: list[tuple[str, Columns]], findings: Findings
    ) -> None:
        """Write new duplicates, true locales and gaps; delete gaps that are found no longer."""
        known = dict(rows)
        gaps = {gap.row_key: gap.columns for gap in findings.gaps}
        store, call_id = self.transcripts, call.id
        await side_by_side(
            [
                store.merge(call_id, key, {"DuplicateOf": first})
                for key, first in findings.duplicates.items()
                if known[key].get("DuplicateOf") != first
            ]
            + [
                store.merge(call_id, key, {"Locale": locale})
                for key, locale in findings.locales.items()
            ]
            + [store.put(call_id, key, row) for key, row in gaps.items() if known.get(key) != row]
            + [store.delete(call_id, key) for key in known if key[:2] == "g-" and key not in gaps]
        )

    async def _write_people(self, call: Call, findings: Findings) -> None:
        """Link the two who are known from the ring, and all who were heard."""
        people = {call.caller, call.callee} - {UNKNOWN}
        await side_by_side([self.calls.link(person, call) for person in people])
        await self.people.note_speakers(call, findings.speakers)
        await self.people.note_end(call)
