"""Keep the table `Labels`: the calls that have a label, so that people find them by it.

The record of a call says which labels it has. The table may have a row too many for a moment, never
one too few for long: each change writes the record, then the rows, and the call's report again.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from callscribe.calls.actions import Actions, Asked
from callscribe.calls.call import Call, State
from callscribe.calls.changes import change
from callscribe.calls.control_request import parse_label_change
from callscribe.calls.events import Decision
from callscribe.calls.labels import Labels, label_key, written
from callscribe.calls.ports import CallStore
from callscribe.foundation import log
from callscribe.foundation.columns import Columns
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import CallOverError, ConflictError, NotFoundError
from callscribe.foundation.identifiers import call_id_in, call_keys, is_call_id
from callscribe.foundation.moments import iso
from callscribe.foundation.retry import STORAGE
from callscribe.foundation.writes import side_by_side


class LabelRows(Protocol):
    """The table `Labels`."""

    async def create(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version. Raises ConflictError if it exists."""
        ...

    async def delete(self, partition: str, row: str) -> None:
        """Delete a row if it exists."""
        ...

    def scan(
        self,
        partition: str,
        first: str | None = None,
        end: str | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over a partition's rows behind `after` and before `end`, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Labelling:
    """Notes the labels of calls, changes them, and finds calls by them."""

    calls: CallStore
    rows: LabelRows
    actions: Actions

    async def link(self, call: Call) -> None:
        """Note the call under each of its labels; doing so again changes nothing."""
        await side_by_side(self._link(label, call) for label in call.labels)

    async def change(self, call_id: str, body: bytes, by: str, deadline: Deadline) -> None:
        """Have a call carry these labels from now on, and no others; it may be over.

        Raises NotFoundError for an unknown call, BadInputError naming the field, CallOverError for
        one that was erased, and UnavailableError.
        """
        labels = parse_label_change(body)
        if not is_call_id(call_id):
            raise NotFoundError("no such call")
        changed = await change(
            self.calls, call_id, lambda call: _labelled(call, labels), deadline=deadline
        )
        await retry(lambda: self._follow(changed.before, changed.stored.call), STORAGE, deadline)
        if changed.before.labels != labels:
            await self.actions.note(call_id, Asked.LABELS, by, written(labels) or None)

    async def calls_with(self, label: str, after: str | None, end: str, limit: int) -> list[str]:
        """Return the ids of up to `limit` calls that had a label, newest first.

        Their row keys lie before `end`, and behind `after` where it is given. Whether they have it
        still is in their records.
        """
        found: list[str] = []
        async for key, _ in self.rows.scan(label_key(label), end=end, after=after, limit=limit):
            call_id = call_id_in(key)
            if call_id is None:
                log.warning("rowNamesNoCall")
                continue
            found.append(call_id)
            if len(found) == limit:
                break
        return found

    async def _follow(self, before: Call, call: Call) -> None:
        """Have the rows say what the record says."""
        await self.link(call)
        gone = set(before.labels) - set(call.labels)
        if not gone:
            return
        _, key = call_keys(call.id)
        await side_by_side(self.rows.delete(label_key(label), key) for label in gone)
        # Another request may have given one of them back meanwhile: what the record says holds.
        if stored := await self.calls.read(call.id):
            await self.link(stored.call)

    async def _link(self, label: str, call: Call) -> None:
        _, key = call_keys(call.id)
        columns: Columns = {"Label": label, "CallId": call.id, "BegunAt": iso(call.begun_at)}
        with suppress(ConflictError):
            await self.rows.create(label_key(label), key, columns)


def _labelled(call: Call, labels: Labels) -> Decision:
    if call.state is State.ERASED:
        raise CallOverError("the call is erased", call.id)
    return Decision(replace(call, labels=labels))
