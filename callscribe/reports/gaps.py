"""When a call had no open stream: what is left between its streams."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from callscribe.calls.call import Call, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import NO_STREAM, gap_key
from callscribe.foundation.moments import iso
from callscribe.stream.streams import AS_IT_SHOULD, Stream, Streams


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream, in Unix ms; `stream_id` is the connection before.

    `cut` says that a stream was broken off, or that there was none at all. Words are lost then
    however short it is: what is being said at a cut never arrives.
    """

    start: int
    end: int
    stream_id: str
    why: str
    cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.start) / 1000

    @property
    def row_key(self) -> str:
        """The gap's RowKey."""
        return gap_key(self.start, self.stream_id)

    @property
    def columns(self) -> Columns:
        """The gap's row."""
        return {"From": iso(self.start), "Seconds": self.seconds, "Why": self.why}


def find_gaps(streams: Streams, call: Call, now: int) -> Iterator[Gap]:
    """Walk from the answer to the end and yield what no stream covers.

    A call has one stream at a time: where the next one opens, the one before had been cut.
    Of a call that was up, though nobody saw its answer, all is told from the ring on.
    """
    opened = sorted(streams.streams.values(), key=lambda stream: stream.opened)
    answered = call.answered_at
    if answered is None:
        if not opened and call.state is not State.ENDED:
            return
        answered = call.rang_at
    end = call.ended_at if call.terminal and call.ended_at is not None else now
    if opened and not call.terminal:
        # The newest is open until it is said to be closed.
        opened[-1] = replace(opened[-1], last=now)
    covered, stream_id, cut = min(answered, end), NO_STREAM, not opened
    why = "no stream was opened yet"
    for number, stream in enumerate(opened):
        start = min(max(covered, stream.opened), end)
        if cut or covered < start:
            yield Gap(covered, start, stream_id, why, cut)
        cuts = _cuts(stream, opened[number + 1 :], streams.interruptions, end)
        covered = min(max(covered, min([stream.end, *cuts])), end)
        stream_id, why, cut = (
            stream.stream_id,
            stream.why,
            bool(cuts) or stream.reason not in AS_IT_SHOULD,
        )
    if cut or covered < end:
        yield Gap(covered, end, stream_id, why, cut)


def _cuts(stream: Stream, later: list[Stream], interruptions: list[int], end: int) -> list[int]:
    """Return the moments by which a stream had been cut.

    Its own end may be reported later: frames that have to wait for storage come before it.
    """
    openings = [other.opened for other in later[:1] if other.opened < max(stream.end, end)]
    until = min([*openings, end])
    return openings + [moment for moment in interruptions if stream.opened < moment < until]
