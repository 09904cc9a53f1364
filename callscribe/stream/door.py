"""The door for streams: nobody comes in, and no row is made, for a call that is not known.

`connect` reads the call, and the mark that it puts into the connection's state spares all frames
that read. Who comes without such a mark is looked at once.
"""

from dataclasses import dataclass, replace

from callscribe.calls.admission import admit
from callscribe.calls.ports import CallStore, Stored
from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.ports import Clock
from callscribe.foundation.retry import STORAGE
from callscribe.stream.state import StreamState, lost, with_mark
from callscribe.stream.upstream import UpstreamEvent
from callscribe.trust.signatures import Marks, Standing


@dataclass(frozen=True, slots=True)
class Door:
    """Lets streams of known calls in."""

    calls: CallStore
    clock: Clock
    marks: Marks

    async def open(self, call_id: str) -> Stored:
        """Return the call of a stream that is let in. Raises NotFoundError for any other."""
        stored = await self.calls.read(call_id)
        if stored is None or not admit(stored.call, self.clock.now()):
            raise NotFoundError("no such call")
        return stored

    async def look(self, event: UpstreamEvent, deadline: Deadline) -> UpstreamEvent:
        """Return the event of a connection that has no mark of being let in, once its call is read.

        Its state then has one. A state whose mark we did not make counts as lost; one that we made
        for another call or connection can only be forged. Raises NotFoundError, or
        StorageUnavailableError where the call cannot be read by the deadline.
        """
        state = event.state
        standing = self.marks.read(state.mark, event.call_id, event.connection_id, state.stream_id)
        if standing is Standing.FOREIGN:
            raise NotFoundError("no such call")
        if standing is Standing.UNKNOWN:
            state = lost(event.connection_id)
        await retry(lambda: self.open(event.call_id), STORAGE, deadline)
        return replace(event, state=self.mark(Standing.LET_IN, state, event))

    def mark(self, standing: Standing, state: StreamState, event: UpstreamEvent) -> StreamState:
        """Return a connection's state with the mark of how it was let in."""
        ids = event.call_id, event.connection_id, state.stream_id
        return with_mark(state, self.marks.make(standing, *ids))
