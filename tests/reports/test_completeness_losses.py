"""Whatever happens to streams and rows: each final is stored, within a gap, or counted as missing.

Streams as Web PubSub drives them are played through the pure steps: one event of a connection at a
time, the next once the one before is acknowledged, so that frames wait where storage is slow.
Metadata comes first and only once: a wait of the frame that sets the clock cannot be seen.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, ticks_of, whole_second
from callscribe.reports.completeness import examine
from callscribe.stream.advance import advance
from callscribe.stream.connections import closed, connected
from callscribe.stream.dialled import dial_of
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, encode, opened, restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.fakes.wishes import ON
from tests.reports.rows import START

CALL_ID = new_call_id(START, "call")


@dataclass(frozen=True)
class Frame:
    """A frame: what it is, how long after the one before ACS sent it, and what became of it.

    Handling it takes `slow` ms. `fate`: `taken`, `twice`, `skipped` (its number is used up, and the
    event never comes), or `forgotten` (the state of the connection was lost before it).
    """

    kind: str
    pause: int
    slow: int
    fate: str


@dataclass(frozen=True)
class Line:
    """A stream: its frames, and how it ends.

    `end`: `normal`, `cut` (before the frame `last` is read), or `refused` (that frame is answered
    503, whether its row is `stored` or not). `told`: `disconnected` is stored, with its reason or
    without. The next stream opens `later` ms after the end.
    """

    frames: list[Frame]
    end: str
    last: int
    stored: bool
    told: str
    later: int


@dataclass
class Played:
    """The rows that are stored, and when ACS sent each final."""

    rows: dict[str, Columns] = field(default_factory=dict)
    said: dict[str, Ms] = field(default_factory=dict)

    def keep(self, *rows: Row) -> None:
        for row in rows:
            before = {} if row.whole else self.rows.get(row.key, {})
            self.rows[row.key] = before | row.columns


FRAMES = st.builds(
    Frame,
    kind=st.sampled_from(["final", "final", "bare", "hypothesis", "unreadable"]),
    pause=st.integers(1, 3_000),
    slow=st.sampled_from([0, 5, 900, 20_000]),
    fate=st.sampled_from(["taken", "taken", "taken", "twice", "skipped"]),
)
LINES = st.builds(
    Line,
    frames=st.lists(FRAMES, max_size=6),
    end=st.sampled_from(["normal", "cut", "refused"]),
    last=st.integers(0, 6),
    stored=st.booleans(),
    told=st.sampled_from(["reason", "no reason", "lost"]),
    later=st.integers(1, 5_000),
)


def message(name: str, number: int, at: Ms, kind: Kind, body: object) -> UpstreamEvent:
    return UpstreamEvent(
        kind=kind,
        call_id=CALL_ID,
        connection_id=name,
        number=number,
        sequence=f"{number:010d}",
        at=whole_second(at),
        state=opened(at, name, written=True),
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def body_of(frame: Frame, text: str, since: int) -> object:
    """Return a frame as ACS sends it, so many ms after the beginning of its stream."""
    if frame.kind == "unreadable":
        return b"no JSON"
    if frame.kind == "metadata":
        return {"kind": "TranscriptionMetadata", "transcriptionMetadata": {"locale": "en-US"}}
    status = "Intermediate" if frame.kind == "hypothesis" else "Final"
    data: dict[str, Any] = {"text": text, "resultStatus": status, "participantRawID": "a"}
    if frame.kind != "bare":
        start, until = max(0, since - 500), max(0, since - 100)
        data |= {"offset": ticks_of(Ms(start)), "duration": ticks_of(Ms(until - start))}
    return {"kind": "TranscriptionData", "transcriptionData": data}


def play(played: Played, line: Line, number: int, begin: Ms) -> Ms:
    """Play one stream from its opening on; return when the next one opens."""
    name = f"connection {number}"
    state = opened(begin, name, written=True)
    dialled = message(name, 0, begin, Kind.CONNECT, {})
    played.keep(connected(state, dialled, dial_of(dialled.body), "token", begin))
    frames = [Frame("metadata", 1, 0, "taken"), *line.frames]
    sent, free, event_number, over = begin, begin, 1, False
    ended = begin
    for place, frame in enumerate(frames):
        sent = Ms(sent + frame.pause)
        text = f"{number}.{place}"
        if frame.kind in ("final", "bare"):
            played.said[text] = sent
        over = over or (line.end == "cut" and place >= line.last)
        ended = max(ended, sent)
        if over:
            continue
        event_number += 1
        if frame.fate == "skipped":
            continue
        if frame.fate == "forgotten":
            state = restore("lost", name)
        now = max(sent, free)
        free = Ms(now + frame.slow)
        event = message(name, event_number, now, Kind.MESSAGE, body_of(frame, text, sent - begin))
        step = advance(state, event, now)
        if line.end == "refused" and place >= line.last:
            over = True
            if line.stored:
                played.keep(*step.rows)
            continue
        for _ in range(2 if frame.fate == "twice" else 1):
            played.keep(*step.rows)
        state = restore(encode(step.state), name)
    over_at = max(ended, free)
    if line.told != "lost":
        end(played, line, message(name, event_number + 1, over_at, Kind.DISCONNECTED, {}), state)
    # After a cut ACS dials again, whatever Web PubSub still holds of the stream before.
    return Ms((ended if line.end == "cut" else over_at) + line.later)


def end(played: Played, line: Line, event: UpstreamEvent, state: StreamState) -> None:
    """Have the end of a stream stored; a cut is always told as one, a refusal need not be."""
    reasons = {"normal": "", "cut": "ServiceReload", "refused": "the event handler answered 503"}
    reason = "" if line.end == "refused" and line.told == "no reason" else reasons[line.end]
    event = message(
        event.connection_id,
        event.number or 0,
        event.at,
        Kind.DISCONNECTED,
        {"reason": reason},
    )
    played.keep(closed(state, event, event.at))


def untold(played: Played, over: Ms, gone: set[str]) -> tuple[list[str], int]:
    """Return the finals that are neither stored nor in a gap, and how many are missing."""
    call = Call(
        CALL_ID,
        Direction.INBOUND,
        State.ENDED,
        "4:+14255550111",
        "8:acs:a_b",
        START,
        ON,
        answered_at=START,
        ended_at=over,
    )
    left = {key: row for key, row in played.rows.items() if key not in gone}
    findings = examine(call, left.items(), over, Seconds(0))
    report = findings.report
    parts = report.metadata + report.intermediates + report.finals + report.quarantined
    assert report.frames == parts
    assert report.finals == sum(key.startswith("s-") for key in left)
    stored = {row.get("Text") for row in left.values()}
    lost = [text for text in played.said if text not in stored]
    missing = [
        text
        for text in lost
        if not any(gap.start <= played.said[text] <= gap.end for gap in findings.gaps)
    ]
    return missing, report.suspected_missing


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=4), st.integers(0, 5_000), st.data())
def test_every_final_is_stored_or_in_a_gap_or_counted_as_missing(
    lines: list[Line], first: int, data: st.DataObject
) -> None:
    played, begin = Played(), Ms(START + first)
    for number, line in enumerate(lines):
        begin = play(played, line, number, begin)
    keys = st.sets(st.sampled_from(sorted(played.rows))) if played.rows else st.just(set[str]())
    over = max([begin, *played.said.values()])
    missing, counted = untold(played, over, data.draw(keys, label="vanished"))
    assert len(missing) <= counted


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=3), st.data())
def test_a_state_that_is_lost_hides_no_loss(lines: list[Line], data: st.DataObject) -> None:
    played, begin = Played(), START
    for number, line in enumerate(lines):
        at = data.draw(st.integers(0, 6), label="forgotten at")
        # Before a lost state nothing tells of a skipped event; after it nothing tells how long a
        # frame has waited.
        taken = [frame for frame in line.frames if frame.fate != "skipped"]
        frames = [
            Frame(frame.kind, frame.pause, 0, "forgotten" if place == at else frame.fate)
            for place, frame in enumerate(taken)
        ]
        changed = Line(frames, line.end, line.last, line.stored, line.told, line.later)
        begin = play(played, changed, number, begin)
    missing, counted = untold(played, max([begin, *played.said.values()]), set())
    assert len(missing) <= counted


def test_calls_whose_streams_end_as_they_should_lack_nothing() -> None:
    frames = [Frame(kind, 1_000, 0, "taken") for kind in ("final", "hypothesis", "final")]
    played = Played()
    over = play(played, Line(frames, "normal", 0, stored=False, told="reason", later=0), 0, START)
    assert untold(played, over, set()) == ([], 0)
    end = next(row for key, row in played.rows.items() if key.startswith("c-"))
    kinds = [end[name] for name in ("Metadata", "Intermediates", "Finals", "Quarantined")]
    assert (kinds, end["Seen"], end["MissingAtEnd"]) == ([1, 1, 2, 0], 4, 0)
