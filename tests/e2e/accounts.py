"""Do a call's rows and report add up? They are held against what the emulators know of it.

ACS knows which final went out as which frame of which connection, Web PubSub which event carried
that frame and what became of it. An event with a 2xx is acknowledged. One whose reply was lost, or
that the app put off (503), may have been stored or not: nobody can tell. Everything here is pure.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
Place = tuple[str, int]
"""A connection's id and the number of one of its events."""

MESSAGE = "azure.webpubsub.user.message"
CONNECTED = "azure.webpubsub.sys.connected"
DISCONNECTED = "azure.webpubsub.sys.disconnected"
SLACK = timedelta(seconds=1.5)
"""How far the clocks of the parts and whole seconds in `ce-time` may blur the edge of a gap."""
FIRST_MESSAGE = 2
"""`connect` is event 0 and `connected` event 1."""


@dataclass(frozen=True)
class Spoken:
    """One final as the emulators know it: what was said when, and the events that carried it."""

    text: str
    at: datetime
    places: tuple[Place, ...]
    acknowledged: bool


@dataclass(frozen=True)
class Evidence:
    """All that is known of one call: by ACS, by Web PubSub, and in Table Storage.

    `connections` are those of the call's streams that were let in, in order; `rows` the call's
    part of the Transcripts table, in order.
    """

    call: Json
    connections: list[Json]
    row: Json
    rows: list[Json]

    @cached_property
    def events(self) -> dict[Place, Json]:
        """Every frame's event."""
        return {
            (connection["id"], event["id"]): event
            for connection in self.connections
            for event in _messages(connection)
        }

    @cached_property
    def spoken(self) -> list[Spoken]:
        """The call's finals in order."""
        return [self._spoken(final) for final in self.call["finals"]]

    @property
    def segments(self) -> list[Json]:
        """The rows of finals."""
        return self.of_kind("s")

    @property
    def stored(self) -> list[str]:
        """The texts of the rows, less those said twice, in key order."""
        return [row["Text"] for row in self.segments if "DuplicateOf" not in row]

    def of_kind(self, kind: str) -> list[Json]:
        """Return the transcript's rows of a kind (`s`, `q`, `c`, `e`, `g`), in order."""
        return [row for row in self.rows if row["RowKey"].startswith(f"{kind}-")]

    def _spoken(self, final: Json) -> Spoken:
        sent = [self._place(sending) for sending in (final, *final["replays"])]
        places = tuple(place for place in sent if place)
        return Spoken(
            text=final["text"],
            at=datetime.fromisoformat(final["at"]),
            places=places,
            acknowledged=any(taken(self.events[place]) for place in places),
        )

    def _place(self, sending: Json) -> Place | None:
        """Return the event that carried a frame; None where Web PubSub never saw it."""
        number = sending["connection"]
        if number is None or number > len(self.connections):
            return None
        connection = self.connections[number - 1]
        messages = _messages(connection)
        if sending["frame"] >= len(messages):
            return None
        return connection["id"], messages[sending["frame"]]["id"]


def taken(event: Json) -> bool:
    """Tell whether an event was acknowledged."""
    return event["status"] is not None and event["status"] < 300


def unsure(event: Json) -> bool:
    """Tell whether an event reached the app, perhaps, and perhaps was stored."""
    return event["attempts"] > 0 and event["status"] in (None, 503)


def verify(evidence: Evidence, shortest_gap: float = 2) -> None:
    """Hold the promise for a call that is over: rows = acknowledged finals, the rest reported."""
    row = evidence.row
    assert row["State"] == "ended", row
    assert row["Transcription"] in ("stopped", "failed", "off"), row
    assert "FinishedAt" in row, row
    for connection in evidence.connections:
        assert all(event["status"] or event["error"] for event in connection["events"]), connection
        assert connection["events"][-1]["type"] == DISCONNECTED, connection
    _verify_segments(evidence)
    _verify_order(evidence)
    _verify_counts(evidence)
    _verify_streams(evidence)
    _verify_timeline(evidence)
    _verify_gaps(evidence, shortest_gap)


def _verify_segments(evidence: Evidence) -> None:
    """Each acknowledged final is the row of its own event, and every row is of a final."""
    said = {place: final.text for final in evidence.spoken for place in final.places}
    found = {(row["ConnectionId"], _int(row["Sequence"])): row for row in evidence.segments}
    assert len(found) == len(evidence.segments), "two rows of one event"
    texts = {place: row["Text"] for place, row in found.items()}
    must = {place for place in said if taken(evidence.events[place])}
    may = {place for place in said if unsure(evidence.events[place])}
    assert must <= texts.keys() <= must | may, (must ^ texts.keys(), said)
    assert all(text == said[place] for place, text in texts.items()), (texts, said)
    for final in evidence.spoken:
        of_final = sorted((found[x] for x in final.places if x in found), key=_row_key)
        for again in of_final[1:]:
            assert again.get("DuplicateOf") == of_final[0]["RowKey"], of_final


def _verify_order(evidence: Evidence) -> None:
    """Rows are in the order of speech, unless the end of one stream came after the next began."""
    turns = pairwise(evidence.connections)
    if all(_last_message(one) <= after["openedAt"] for one, after in turns):
        spoken = [final.text for final in evidence.spoken if final.text in evidence.stored]
        assert evidence.stored == spoken, (evidence.stored, spoken)


def _verify_counts(evidence: Evidence) -> None:
    """The report counts the rows that are there, and adds up in itself."""
    row, segments = evidence.row, evidence.segments
    parts = [row[name] for name in ("Metadata", "Intermediates", "Finals", "Quarantined")]
    assert row["Frames"] == sum(parts), row
    assert min(parts) >= 0, row
    assert row["Finals"] == len(segments), row
    assert row["Quarantined"] == len(evidence.of_kind("q")), row
    assert row["Duplicates"] == sum("DuplicateOf" in each for each in segments), row
    assert row["Finals"] - row["Duplicates"] == len(evidence.stored), row


def _verify_streams(evidence: Evidence) -> None:
    """Frames, metadata and what is suspected missing are what Web PubSub knows of them."""
    finals = {place for final in evidence.spoken for place in final.places}
    streams = [_Stream(connection, finals) for connection in evidence.connections]
    for name, bounds in {
        "Frames": [stream.frames for stream in streams],
        "Metadata": [stream.metadata for stream in streams],
        "SuspectedMissing": [stream.missing for stream in streams],
    }.items():
        low, high = sum(low for low, _ in bounds), sum(high for _, high in bounds)
        assert low <= evidence.row[name] <= high, (name, low, evidence.row[name], high)


@dataclass(frozen=True)
class _Stream:
    """What of one connection must be in the report, and what may be: (least, most).

    A lost `disconnected` takes along what came after the last event that wrote a row.
    """

    connection: Json
    finals: set[Place]

    @property
    def frames(self) -> tuple[int, int]:
        messages = _messages(self.connection)
        known = [event for event in messages if taken(event) and event["id"] <= self._known]
        return len(known), sum(taken(event) or unsure(event) for event in messages)

    @property
    def metadata(self) -> tuple[int, int]:
        first = _messages(self.connection)[:1]
        return sum(map(taken, first)), sum(taken(event) or unsure(event) for event in first)

    @property
    def missing(self) -> tuple[int, int]:
        end = self.connection["events"][-1]["id"]
        gone = set(range(FIRST_MESSAGE, end)) - {
            event["id"] for event in _messages(self.connection) if taken(event)
        }
        return sum(number < self._known for number in gone), len(gone)

    @property
    def _known(self) -> int:
        """The last event whose counts are in storage for certain."""
        last = self.connection["events"][-1]
        wrote = [
            event["id"]
            for number, event in enumerate(_messages(self.connection))
            if taken(event) and (not number or (self.connection["id"], event["id"]) in self.finals)
        ]
        return last["id"] if taken(last) else max(wrote, default=0)


def _verify_timeline(evidence: Evidence) -> None:
    """Each callback that was acknowledged is on the timeline, once."""
    posted = {(each["type"], each["at"]): each for each in evidence.call["callbacks"]}
    least = Counter(kind for (kind, _), each in posted.items() if taken(each))
    most = Counter(kind for (kind, _), each in posted.items() if taken(each) or unsure(each))
    found = Counter(row["Type"] for row in evidence.of_kind("e"))
    del found["IncomingCall"]
    assert least <= found <= most, (least, found, most)


def _verify_gaps(evidence: Evidence, shortest: float) -> None:
    """What was said and is not stored lies in a gap or is suspected missing; gaps are true."""
    row = evidence.row
    gaps = [_span(gap) for gap in evidence.of_kind("g")]
    seconds = sum(gap["Seconds"] for gap in evidence.of_kind("g"))
    assert abs(seconds - row["SecondsWithoutStream"]) < 0.01, (gaps, row)
    kept = set(evidence.stored)
    unexplained = [
        final
        for final in evidence.spoken
        if final.text not in kept and not any(a - SLACK <= final.at <= b + SLACK for a, b in gaps)
    ]
    assert len(unexplained) <= row["SuspectedMissing"], (unexplained, gaps)
    least, most = _without_stream(evidence, shortest)
    assert least <= seconds <= most, (least, seconds, most, gaps)


def _without_stream(evidence: Evidence, shortest: float) -> tuple[float, float]:
    """Return for how long the call had no open stream as Web PubSub knows it: least and most.

    The app knows the end of a stream to a second, and not at all where `disconnected` was lost;
    at the call's two ends what is shorter than `shortest` is no gap.
    """
    at, end = (datetime.fromisoformat(evidence.row[name]) for name in ("AnsweredAt", "EndedAt"))
    bare = 0.0
    for connection in evidence.connections:
        opened = next(
            (each["at"] for each in connection["events"] if each["type"] == CONNECTED),
            connection["openedAt"],
        )
        bare += max(0.0, (min(datetime.fromisoformat(opened), end) - at).total_seconds())
        at = max(at, datetime.fromisoformat(connection["closedAt"]))
    bare += max(0.0, (end - at).total_seconds())
    blur = SLACK.total_seconds() * (1 + len(evidence.connections)) + 2 * shortest
    ends = [connection["events"][-1] for connection in evidence.connections]
    return bare - blur, bare + blur if all(map(taken, ends)) else float("inf")


def _span(gap: Json) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(gap["From"])
    return start, start + timedelta(seconds=gap["Seconds"])


def _messages(connection: Json) -> list[Json]:
    return [event for event in connection["events"] if event["type"] == MESSAGE]


def _last_message(connection: Json) -> str:
    return max((event["at"] for event in _messages(connection)), default="")


def _row_key(row: Json) -> str:
    return str(row["RowKey"])


def _int(value: Any) -> int:
    """Return a number of Table Storage, where an Int64 is wrapped."""
    return int(getattr(value, "value", value))
