"""When a call's streams were open, put together from the rows of its transcript."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.foundation.columns import Value, moment_in, text_in
from callscribe.foundation.moments import Ms

# A callback's details when ACS has lost a stream and given it up.
INTERRUPTED = "streamConnectionInterrupted"
# Web PubSub's reasons for a connection that its client closed; any other means that it was cut.
# https://learn.microsoft.com/azure/azure-web-pubsub/howto-troubleshoot-common-issues
AS_IT_SHOULD: frozenset[str | None] = frozenset({None, "Normal"})


@dataclass(slots=True)
class Stream:
    """When one connection was open: from `opened` to `closed`, or to `last` where that is unknown.

    `last` is the latest moment in its rows. `reason` is Web PubSub's reason for its end; None for a
    normal end.
    """

    stream_id: str
    opened: Ms
    last: Ms
    closed: Ms | None = None
    reason: str | None = None

    @property
    def end(self) -> Ms:
        """When it ended, as far as is known."""
        return self.last if self.closed is None else self.closed

    @property
    def why(self) -> str:
        """Why it ended, in words for a report."""
        if self.closed is None:
            return "the stream's end was never reported"
        return self.reason or "the stream was closed"


@dataclass(slots=True)
class Streams:
    """A call's streams by connection id, and when ACS said that it had lost one.

    Give it the rows in the order of their keys.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    interruptions: list[Ms] = field(default_factory=list)

    def add_row(self, stream_id: str, columns: Mapping[str, Value]) -> None:
        """Note when a connection was open, by one of its rows: any row but the timeline's."""
        closed = moment_in(columns, "ClosedAt")
        moments = (moment_in(columns, "OpenedAt"), moment_in(columns, "ReceivedAt"), closed)
        known = [moment for moment in moments if moment is not None]
        if not known:
            return
        # After a lost state the rows have another stream id; the connection is still the same.
        name = text_in(columns, "ConnectionId") or stream_id
        stream = self.streams.setdefault(name, Stream(stream_id, min(known), max(known)))
        stream.opened = min(stream.opened, *known)
        stream.last = max(stream.last, *known)
        if closed is not None:
            stream.closed, stream.reason = closed, text_in(columns, "CloseReason")

    def add_event(self, columns: Mapping[str, Value]) -> None:
        """Note when ACS lost a stream, if a row of the timeline says so."""
        moment = moment_in(columns, "Time")
        if columns.get("Details") == INTERRUPTED and moment is not None:
            self.interruptions.append(moment)

    def last_closed(self) -> Ms | None:
        """Return when the last stream was closed by its client.

        None where a stream's end is not known, and where the last one was cut: the call may have
        gone on after that.
        """
        ends = [
            (stream.closed, stream.reason)
            for stream in self.streams.values()
            if stream.closed is not None
        ]
        if not ends or len(ends) < len(self.streams):
            return None
        closed, reason = max(ends, key=lambda end: (end[0], end[1] or ""))
        return closed if reason in AS_IT_SHOULD else None
