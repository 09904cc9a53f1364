"""When a call's streams were open and up to when they were heard, as its rows tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.foundation.columns import Value, moment_in, number_in, text_in
from callscribe.foundation.identifiers import stream_opened_at
from callscribe.foundation.moments import Ms
from callscribe.stream.state import heard_until

# A callback's details when ACS has lost a stream and given it up.
INTERRUPTED = "streamConnectionInterrupted"
# Web PubSub's reasons for a connection that its client closed; any other means that it was cut.
# https://learn.microsoft.com/azure/azure-web-pubsub/howto-troubleshoot-common-issues
AS_IT_SHOULD: frozenset[str | None] = frozenset({None, "Normal"})


@dataclass(slots=True)
class Stream:
    """When one connection was open, and up to when it was heard.

    `opened` is when it was accepted or, where its state was lost and no row tells that, the
    earliest moment of any row. `heard` is up to when its frames show that what was said has come,
    if any does. `reason` is what Web PubSub says of its end, None a normal end; `missing_at_end`
    events are suspected missing right before it, None where nobody can tell. `let_in` is up to
    when it had to wait, if it had to, and `said` when the first words on it were.
    """

    stream_id: str
    opened: Ms
    heard: Ms | None = None
    closed: Ms | None = None
    reason: str | None = None
    missing_at_end: int | None = None
    let_in: Ms | None = None
    said: Ms | None = None

    @property
    def begun(self) -> Ms:
        """When what was said began to come: before it was let in, nothing does, as far as we know.

        Whether ACS keeps what is said until its dial is answered is not documented.
        """
        if self.let_in is None:
            return self.opened
        first = self.let_in if self.said is None else min(self.let_in, self.said)
        return min(max(self.opened, first), self.left)

    @property
    def orderly(self) -> bool:
        """Whether it ended as it should, so that all that was said until its end has come."""
        return self.closed is not None and not self.was_cut and self.missing_at_end is not None

    @property
    def was_cut(self) -> bool:
        """Whether its end tells that it was cut."""
        return self.reason not in AS_IT_SHOULD or bool(self.missing_at_end)

    @property
    def reached(self) -> Ms:
        """Up to when its frames show that it was heard."""
        return self.opened if self.heard is None else max(self.opened, self.heard)

    @property
    def left(self) -> Ms:
        """When the connection itself ended, as far as is known."""
        return self.reached if self.closed is None else max(self.opened, self.closed)

    @property
    def end(self) -> Ms:
        """When it ended, as far as what was said on it has come.

        What Web PubSub still held of a stream that was cut, or whose end nobody told, is lost.
        """
        return self.left if self.orderly else self.reached

    @property
    def why(self) -> str:
        """Why it ended, in words for a report."""
        if self.closed is None:
            return "the stream's end was never reported"
        if self.reason is None and not self.orderly:
            return "the stream was closed before all of it had come"
        return self.reason or "the stream was closed"


@dataclass(slots=True)
class Streams:
    """A call's streams by connection id, and when ACS said that it had lost one.

    `connected` is since when the call was up, if ACS said that. Give it the rows in the order of
    their keys.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    interruptions: list[Ms] = field(default_factory=list)
    connected: Ms | None = None

    def add_row(self, stream_id: str, columns: Mapping[str, Value], at: Ms | None = None) -> None:
        """Note what a connection's own row tells of it, or that of one of its frames.

        `at` is the time of the event that brought the frame.
        """
        closed, heard = moment_in(columns, "ClosedAt"), _heard(columns, at)
        told = [moment for moment in (at, heard, closed) if moment is not None]
        first = min(told, default=moment_in(columns, "ReceivedAt"))
        opened = stream_opened_at(stream_id) or first
        if opened is None:
            return
        # After a lost state the rows have another stream id; the connection is still the same.
        name = text_in(columns, "ConnectionId") or stream_id
        stream = self.streams.setdefault(name, Stream(stream_id, opened))
        if stream_opened_at(stream.stream_id) is None:
            stream.opened = min(stream.opened, opened)
        if heard is not None:
            stream.heard = max(heard, stream.heard or heard)
        if (said := moment_in(columns, "StartTime")) is not None:
            stream.said = min(said, stream.said or said)
        if (let_in := moment_in(columns, "LetInAt")) is not None:
            stream.let_in = let_in
        if closed is not None:
            stream.closed, stream.reason = closed, text_in(columns, "CloseReason")
            stream.missing_at_end = number_in(columns, "MissingAtEnd")

    def add_event(self, columns: Mapping[str, Value]) -> None:
        """Note when ACS lost a stream, or connected the call, if a row of the timeline says so."""
        moment = moment_in(columns, "Time")
        if moment is None:
            return
        if columns.get("Details") == INTERRUPTED:
            self.interruptions.append(moment)
        if columns.get("Type") == "CallConnected":
            self.connected = min(self.connected or moment, moment)

    def last_closed(self) -> Ms | None:
        """Return when the last stream was closed by its client.

        None where a stream's end is not known, and where the last one was cut: the call may have
        gone on after that.
        """
        streams = self.streams.values()
        ends = [stream.closed for stream in streams if stream.closed is not None]
        if not ends or len(ends) < len(streams):
            return None
        last = max(ends)
        return None if any(each.was_cut for each in streams if each.closed == last) else last


def left_at(columns: Mapping[str, Value]) -> Ms | None:
    """Return when a connection's row says that its client closed it; None where it was cut."""
    stream = Stream("", Ms(0), closed=moment_in(columns, "ClosedAt"))
    stream.reason = text_in(columns, "CloseReason")
    stream.missing_at_end = number_in(columns, "MissingAtEnd")
    return stream.closed if stream.orderly else None


def _heard(columns: Mapping[str, Value], at: Ms | None) -> Ms | None:
    """Return up to when a row shows that what was said has come; None where it does not."""
    if at is None:
        return moment_in(columns, "HeardUntil")
    repaired = (text_in(columns, "Repaired") or "").split(",")
    if "zero" in repaired or ("offset" in repaired and "EndTime" not in columns):
        return heard_until(at, None)  # only its event tells, and it may have waited for others
    return heard_until(at, moment_in(columns, "EndTime" if "EndTime" in columns else "StartTime"))
