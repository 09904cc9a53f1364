"""When a call had no open stream: what its rows tell of its streams, and what is left between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from callscribe.calls.call import Call, State
from callscribe.foundation.columns import Columns, Value, moment_in
from callscribe.foundation.identifiers import NO_TAG, gap_key
from callscribe.foundation.moments import iso

INTERRUPTED = "streamConnectionInterrupted"
"""What ACS calls it when it loses a stream and gives it up."""
# https://learn.microsoft.com/azure/azure-web-pubsub/howto-troubleshoot-common-issues
AS_IT_SHOULD = frozenset({"", "Normal"})
"""Web PubSub's reasons for the end of a connection that its client closed: any other is a cut."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream, in Unix ms; `tag` is the connection before.

    `cut` says that a stream was broken off, or that there was none at all. Words are lost then
    however short it is: what is being said at a cut never arrives.
    """

    start: int
    end: int
    tag: str
    why: str
    cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.start) / 1000

    @property
    def row_key(self) -> str:
        """The gap's RowKey."""
        return gap_key(self.start, self.tag)

    @property
    def columns(self) -> Columns:
        """The gap's row."""
        return {"From": iso(self.start), "Seconds": self.seconds, "Why": self.why}


@dataclass(slots=True)
class _Stream:
    """When one connection was open. Without an end it ends at its last row."""

    tag: str
    opened: int
    last: int
    closed: int | None = None
    reason: str = ""

    @property
    def end(self) -> int:
        return self.last if self.closed is None else self.closed

    @property
    def why(self) -> str:
        if self.closed is None:
            return "the stream's end was never reported"
        return self.reason or "the stream was closed"


@dataclass(slots=True)
class Streams:
    """A call's streams, as its rows tell of them one by one, in the order of their keys."""

    _streams: dict[str, _Stream] = field(default_factory=dict)
    _interruptions: list[int] = field(default_factory=list)

    def add_row(self, tag: str, columns: Mapping[str, Value]) -> None:
        """Note what any row of a connection tells of when it was open."""
        closed = moment_in(columns, "ClosedAt")
        moments = (moment_in(columns, "OpenedAt"), moment_in(columns, "ReceivedAt"), closed)
        known = [moment for moment in moments if moment is not None]
        if not known:
            return
        # A lost state changes the tag; the stream is still the same.
        name = str(columns.get("ConnectionId") or tag)
        stream = self._streams.setdefault(name, _Stream(tag, min(known), max(known)))
        stream.opened = min(stream.opened, *known)
        stream.last = max(stream.last, *known)
        if closed is not None:
            stream.closed, stream.reason = closed, str(columns.get("CloseReason", ""))

    def add_event(self, columns: Mapping[str, Value]) -> None:
        """Note what an event of the timeline tells of a stream."""
        moment = moment_in(columns, "Time")
        if columns.get("Details") == INTERRUPTED and moment is not None:
            self._interruptions.append(moment)

    def last_closed(self) -> int | None:
        """Return when the last stream was closed as it should be; None where that is unknown.

        A stream that was cut ended before what it was cut from.
        """
        ends = [(stream.closed, stream.reason) for stream in self._streams.values()]
        known = [(closed, reason) for closed, reason in ends if closed is not None]
        closed, reason = max(known, default=(None, ""))
        return closed if len(known) == len(ends) and reason in AS_IT_SHOULD else None

    def gaps(self, call: Call, now: int) -> Iterator[Gap]:
        """Walk from the answer to the end and yield what no stream covers.

        A call has one stream at a time: where the next one opens, the one before had been cut.
        Of a call that was up, though nobody saw its answer, all is told from the ring on.
        """
        streams = sorted(self._streams.values(), key=lambda stream: stream.opened)
        answered = call.answered_at
        if answered is None:
            if not streams and call.state is not State.ENDED:
                return
            answered = call.rang_at
        end = call.ended_at if call.terminal and call.ended_at is not None else now
        if streams and not call.terminal:
            # The newest is open until it is said to be closed.
            streams[-1] = replace(streams[-1], last=now)
        covered, tag, cut = min(answered, end), NO_TAG, not streams
        why = "no stream was opened yet"
        for number, stream in enumerate(streams):
            start = min(max(covered, stream.opened), end)
            if cut or covered < start:
                yield Gap(covered, start, tag, why, cut)
            cuts = _cuts(stream, streams[number + 1 :], self._interruptions, end)
            covered = min(max(covered, min([stream.end, *cuts])), end)
            tag, why, cut = stream.tag, stream.why, bool(cuts) or stream.reason not in AS_IT_SHOULD
        if cut or covered < end:
            yield Gap(covered, end, tag, why, cut)


def _cuts(stream: _Stream, later: list[_Stream], interruptions: list[int], end: int) -> list[int]:
    """Return the moments by which a stream had been cut.

    Its own end may be reported later: frames that have to wait for storage come before it.
    """
    openings = [other.opened for other in later[:1] if other.opened < max(stream.end, end)]
    until = min([*openings, end])
    return openings + [moment for moment in interruptions if stream.opened < moment < until]
