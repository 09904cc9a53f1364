"""When a call's streams were open, as its rows tell of them one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.foundation.columns import Value, moment_in

INTERRUPTED = "streamConnectionInterrupted"
"""What ACS calls it when it loses a stream and gives it up."""
# https://learn.microsoft.com/azure/azure-web-pubsub/howto-troubleshoot-common-issues
AS_IT_SHOULD = frozenset({"", "Normal"})
"""Web PubSub's reasons for the end of a connection that its client closed: any other is a cut."""


@dataclass(slots=True)
class Stream:
    """When one connection was open. Without an end it ends at its last row."""

    stream_id: str
    opened: int
    last: int
    closed: int | None = None
    reason: str = ""

    @property
    def end(self) -> int:
        """When it ended, as far as is known (Unix ms)."""
        return self.last if self.closed is None else self.closed

    @property
    def why(self) -> str:
        """Why it ended."""
        if self.closed is None:
            return "the stream's end was never reported"
        return self.reason or "the stream was closed"


@dataclass(slots=True)
class Streams:
    """A call's streams, as its rows tell of them one by one, in the order of their keys."""

    streams: dict[str, Stream] = field(default_factory=dict)
    interruptions: list[int] = field(default_factory=list)

    def add_row(self, stream_id: str, columns: Mapping[str, Value]) -> None:
        """Note what any row of a connection tells of when it was open."""
        closed = moment_in(columns, "ClosedAt")
        moments = (moment_in(columns, "OpenedAt"), moment_in(columns, "ReceivedAt"), closed)
        known = [moment for moment in moments if moment is not None]
        if not known:
            return
        # A lost state changes the stream_id; the stream is still the same.
        name = str(columns.get("ConnectionId") or stream_id)
        stream = self.streams.setdefault(name, Stream(stream_id, min(known), max(known)))
        stream.opened = min(stream.opened, *known)
        stream.last = max(stream.last, *known)
        if closed is not None:
            stream.closed, stream.reason = closed, str(columns.get("CloseReason", ""))

    def add_event(self, columns: Mapping[str, Value]) -> None:
        """Note what an event of the timeline tells of a stream."""
        moment = moment_in(columns, "Time")
        if columns.get("Details") == INTERRUPTED and moment is not None:
            self.interruptions.append(moment)

    def last_closed(self) -> int | None:
        """Return when the last stream was closed as it should be; None where that is unknown.

        A stream that was cut ended before what it was cut from.
        """
        ends = [(stream.closed, stream.reason) for stream in self.streams.values()]
        known = [(closed, reason) for closed, reason in ends if closed is not None]
        closed, reason = max(known, default=(None, ""))
        return closed if len(known) == len(ends) and reason in AS_IT_SHOULD else None
