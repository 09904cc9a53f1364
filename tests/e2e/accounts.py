"""Do a call's rows and report add up? They are held against the evidence. Everything is pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Any

from tests.e2e.evidence import Evidence, Json, Place, Spoken, last_message, messages, taken, unsure

CONNECTED = "azure.webpubsub.sys.connected"
DISCONNECTED = "azure.webpubsub.sys.disconnected"
# How far an edge of a gap may be off: `ce-time` has whole seconds, and words have a length.
SLACK = timedelta(seconds=1.5)
PARTS = ("Metadata", "Intermediates", "Finals", "Quarantined")
SECONDS = ("SecondsWithoutStream", "SecondsNotWanted")
REPORT = (*PARTS, "Frames", "Duplicates", "SuspectedMissing", *SECONDS)
WITHOUT_STREAM = ("lost", "switching")
NOT_WANTED = ("notWanted", "ownApp")
FIRST_MESSAGE = 2


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


def verify_unanswered(evidence: Evidence) -> None:
    """Hold the promise for a call that nobody answered: it ended so, and its report is empty."""
    row = evidence.row
    expected = {
        "inbound": ("missed", "failed", "rejected"),
        "outbound": ("unanswered", "failed", "ended"),
        "joined": ("failed",),
    }[row["Direction"]]
    assert row["State"] in expected, row
    assert "FinishedAt" in row, row
    assert not evidence.connections, evidence.connections
    assert not evidence.segments, evidence.segments
    assert not any(row[name] for name in REPORT), row


def _verify_segments(evidence: Evidence) -> None:
    """Each acknowledged final is the row of its own event, and every row is of a final."""
    said = {place: final.text for final in evidence.spoken for place in final.places}
    found = {(row["ConnectionId"], _int(row["Sequence"])): row for row in evidence.segments}
    assert len(found) == len(evidence.segments), "two rows of one event"
    texts = {place: row["Text"] for place, row in found.items()}
    must = {place for place in said if taken(evidence.events[place])}
    may = {place for place in said if unsure(evidence.events[place])}
    wrong = (must - texts.keys(), texts.keys() - must - may)
    assert not any(wrong), (wrong, said, _streams_told(evidence))
    assert all(text == said[place] for place, text in texts.items()), (texts, said)
    for final in evidence.spoken:
        of_final = sorted((found[x] for x in final.places if x in found), key=_row_key)
        for again in of_final[1:]:
            assert again.get("DuplicateOf") == of_final[0]["RowKey"], of_final


def _verify_order(evidence: Evidence) -> None:
    """Rows are in the order of speech, unless the end of one stream came after the next began."""
    turns = pairwise(evidence.connections)
    if all(last_message(one) <= after["openedAt"] for one, after in turns):
        spoken = [final.text for final in evidence.spoken if final.text in evidence.stored]
        assert evidence.stored == spoken, (evidence.stored, spoken)


def _verify_counts(evidence: Evidence) -> None:
    """The report counts the rows that are there, and adds up in itself."""
    row, segments = evidence.row, evidence.segments
    parts = [row[name] for name in PARTS]
    assert row["Frames"] == sum(parts), row
    assert min(parts) >= 0, row
    assert row["Finals"] == len(segments), row
    assert row["Quarantined"] == len(evidence.of_kind("q")), row
    assert row["Duplicates"] == sum("DuplicateOf" in each for each in segments), row
    assert row["Finals"] - row["Duplicates"] == len(evidence.stored), row


def _verify_streams(evidence: Evidence) -> None:
    """Frames, metadata and what is suspected missing are what Web PubSub knows of them."""
    for row in evidence.of_kind("c"):
        assert row["Seen"] == sum(row[name] for name in PARTS), row
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
        frames = messages(self.connection)
        known = [event for event in frames if taken(event) and event["id"] <= self._known]
        return len(known), sum(taken(event) or unsure(event) for event in frames)

    @property
    def metadata(self) -> tuple[int, int]:
        first = messages(self.connection)[:1]
        return sum(map(taken, first)), sum(taken(event) or unsure(event) for event in first)

    @property
    def missing(self) -> tuple[int, int]:
        end = self.connection["events"][-1]["id"]
        gone = set(range(FIRST_MESSAGE, end)) - {
            event["id"] for event in messages(self.connection) if taken(event)
        }
        return sum(number < self._known for number in gone), len(gone)

    @property
    def _known(self) -> int:
        """The last event whose counts are in storage for certain."""
        last = self.connection["events"][-1]
        wrote = [
            event["id"]
            for number, event in enumerate(messages(self.connection))
            if taken(event) and (not number or (self.connection["id"], event["id"]) in self.finals)
        ]
        return last["id"] if taken(last) else max(wrote, default=0)


def _verify_timeline(evidence: Evidence) -> None:
    """Each callback that was acknowledged is on the timeline, once."""
    posted = {(each["type"], each["at"]): each for each in evidence.call["callbacks"]}
    least = Counter(kind for (kind, _), each in posted.items() if taken(each))
    most = Counter(kind for (kind, _), each in posted.items() if taken(each) or unsure(each))
    # What people asked for is there as well, with who asked.
    found = Counter(row["Type"] for row in evidence.of_kind("e") if "By" not in row)
    del found["IncomingCall"]
    if evidence.row["Direction"] == "own":
        assert not found, found  # they are posted to the application that keeps the call
        return
    assert least <= found <= most, (least, found, most)


def _verify_gaps(evidence: Evidence, shortest: float) -> None:
    """What was said and is not stored lies in a gap or is suspected missing; gaps are true."""
    row, rows = evidence.row, evidence.of_kind("g")
    assert all(gap["Kind"] in (*WITHOUT_STREAM, *NOT_WANTED) for gap in rows), rows
    for name, kinds in {
        "SecondsWithoutStream": WITHOUT_STREAM,
        "SecondsNotWanted": NOT_WANTED,
    }.items():
        told = sum(gap["Seconds"] for gap in rows if gap["Kind"] in kinds)
        assert abs(told - row[name]) < 0.01, (name, rows, row)
    gaps = [_span(gap) for gap in rows]
    kept = set(evidence.stored)
    unexplained = [
        final
        for final in evidence.spoken
        if final.text not in kept and not any(a - SLACK <= final.at <= b + SLACK for a, b in gaps)
    ]
    assert len(unexplained) <= row["SuspectedMissing"], _told(unexplained, gaps, evidence)
    seconds = sum(gap["Seconds"] for gap in rows)
    least, most = _without_stream(evidence, shortest)
    assert least <= seconds <= most, (least, seconds, most, gaps, _streams_told(evidence))


def _told(
    unexplained: list[Spoken], spans: list[tuple[datetime, datetime]], evidence: Evidence
) -> str:
    row = evidence.row
    words = ", ".join(f"{final.text!r} at {final.at:%H:%M:%S.%f}" for final in unexplained)
    gaps = ", ".join(f"{a:%H:%M:%S.%f} to {b:%H:%M:%S.%f}" for a, b in spans)
    ends = f"answered {row.get('AnsweredAt')}, ended {row['EndedAt']}"
    suspected = f"suspected {row['SuspectedMissing']}"
    return f"not stored: {words}; {suspected}; gaps: {gaps}; {ends}; {_streams_told(evidence)}"


def _streams_told(evidence: Evidence) -> str:
    streams = (
        f"{one['id'][:6]} {one['openedAt']} to {one['closedAt']} ({one['closeReason']}): "
        + " ".join(f"{each['at'][-8:-1]}={each['status']}" for each in one["events"])
        for one in evidence.connections
    )
    return "streams: " + ", ".join(streams)


def _without_stream(evidence: Evidence, shortest: float) -> tuple[float, float]:
    """Return for how long the call had no open stream as the emulators know it: least and most.

    The app knows the end of a stream to a second, and not at all where `disconnected` was lost;
    at the call's two ends what is shorter than `shortest` is no gap. Web PubSub sees the end of a
    stream late, behind the frames that wait; ACS's word of it or the next stream come earlier. And
    what came behind the last frame that was taken is lost, unless the stream ended as it should.
    """
    streams = evidence.connections
    lost = [each["at"] for each in evidence.call["callbacks"] if "Failed" in each["type"]]
    least = [(one["openedAt"], one["closedAt"]) for one in streams]
    most = []
    for one, after in zip_longest(streams, streams[1:]):
        cuts = [moment for moment in lost if moment > one["openedAt"]]
        cuts += [after["openedAt"]] if after else []
        if cuts or not _ended_as_it_should(one):
            cuts.append(_heard(evidence, one))
        most.append((_let_in(one), min([one["closedAt"], *cuts])))
    blur = SLACK.total_seconds() * (1 + len(streams)) + 2 * shortest
    reported = all(taken(one["events"][-1]) for one in streams)
    limit = _bare(evidence.row, most) + blur if reported else float("inf")
    return _bare(evidence.row, least) - blur, limit


def _let_in(connection: Json) -> str:
    """Return when a client heard that it was let in."""
    found = (each["at"] for each in connection["events"] if each["type"] == CONNECTED)
    return str(next(found, connection["closedAt"]))


def _ended_as_it_should(connection: Json) -> bool:
    """Tell whether a stream was closed by its client after all of its frames were taken."""
    return connection["closeReason"] in (None, "", "Normal") and all(
        map(taken, messages(connection))
    )


def _heard(evidence: Evidence, connection: Json) -> str:
    """Return when the last final was sent of which the app knows that it came and when."""
    placed = {
        (row["ConnectionId"], _int(row["Sequence"]))
        for row in evidence.segments
        if "EndTime" in row
    }
    sent = [
        final.at.isoformat()
        for final in evidence.spoken
        for place in final.places
        if place[0] == connection["id"] and place in placed and taken(evidence.events[place])
    ]
    return max(sent, default=_let_in(connection))


def _bare(row: Json, streams: list[tuple[str, str]]) -> float:
    """Return the seconds of the call that no stream covers."""
    answered = "AnsweredAt" if "AnsweredAt" in row else "BegunAt"
    covered, end = (datetime.fromisoformat(row[name]) for name in (answered, "EndedAt"))
    seconds = 0.0
    for opened, closed in streams:
        start = min(datetime.fromisoformat(opened), end)
        seconds += max(0.0, (start - covered).total_seconds())
        covered = max(covered, datetime.fromisoformat(closed))
    return seconds + max(0.0, (end - covered).total_seconds())


def _span(gap: Json) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(gap["From"])
    return start, start + timedelta(seconds=gap["Seconds"])


def _row_key(row: Json) -> str:
    return str(row["RowKey"])


def _int(value: Any) -> int:
    """Return a number of Table Storage, where an Int64 is wrapped."""
    return int(getattr(value, "value", value))
