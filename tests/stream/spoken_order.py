"""What must be true of the transcript of a conversation: the order in which it was spoken.

python -m tests.stream.spoken_order 100000      plays so many, and prints the seeds that fail

THE ORACLE. An event tells that what it brings began between `earliest` and `latest`: it came at
`at`, up to 15 s after the last word, and ce-times have whole seconds. The order must be right

1. for any two utterances of one speaker ("speaker");
2. for two speakers whose offsets are of one beginning, on one stream ("beginning");
3. for any two speakers, where one had begun, by these bounds, before the other can
   have ("ce-time").

What the input does not tell is not asked for:

- after a leap of `ce-time` only 1, and that within a stream;
- what comes on a stream while the next one is open is of that one's past or present: not 1;
- what is pushed (`pushed`) by its own speaker's earlier events, since what is stored cannot be
  taken back: not 2. It is if they were placed by their events alone, which may be too late;
- where offsets go on from a former stream, and others' beginnings are so near that a late final
  may be of any: not 2;
- what came only when it was sent again is said before its stream: only 1;
- where the app was busy, `earliest` is earlier by as long as the event may have waited; and on a
  stream that was opened meanwhile, after a cut: not 2.

Each utterance is there once, whatever was sent again or said again. Times are as docs/querying.md
promises: of the metadata's beginning to a second, of any other between these bounds.
"""

import sys
from collections import Counter
from dataclasses import dataclass, field

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms, Seconds, parse_iso
from callscribe.reports.completeness import examine
from callscribe.stream.advance import advance
from callscribe.stream.segments import Segment, read_segment
from callscribe.stream.state import encode, handled, opened, restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from callscribe.transcripts.transcript import in_order
from tests.calls.storm import chance_of
from tests.fakes.wishes import OFF
from tests.stream.conversations import BEGAN, Conversation, Opening, Said

CALL = Call(
    new_call_id(BEGAN, "conversation"),
    Direction.INBOUND,
    State.ENDED,
    "4:+14255550111",
    "8:acs:a_b",
    BEGAN,
    OFF,
)
METADATA = b'{"kind": "TranscriptionMetadata", "transcriptionMetadata": {"locale": "en-US"}}'
LONGEST_HEADER = 1_500
# How late an event may be, and how early: as promised, not as the clock has it.
LATE, AHEAD = 16_000, 5_000
# A stream's zero is right to a second: ce-times have whole ones.
EXACT = 1_100
# An estimated zero is as right as the ce-times that it is estimated by.
INEXACT = 3_000
# Closer than that, two people begin at once.
AT_ONCE = 10
# Twice as long as a final may be late: beginnings that are nearer may be taken for each other.
NEAR = 2 * (LATE + INEXACT)
# How long the app takes, usually; how soon after that what has waited comes.
PROMPT, NEXT = 20, 5_100


@dataclass(eq=False, slots=True)
class Came:
    """The event that brought an utterance, and between when and when that may be placed by it.

    `unsure` is how much earlier: it may have waited, or its zero is only estimated. `alone` says
    that it tells nothing but its speaker's order; `again`, that it came before.
    """

    said: Said
    stream: Opening
    at: int
    waited: int
    leapt: bool
    again: bool
    alone: bool = False
    pushed: bool = False
    latest: int = 0
    one_of_many: bool = False

    @property
    def unsure(self) -> int:
        """By how much earlier than by its event it may be placed."""
        return self.waited + (INEXACT if self.stream.number else 0)

    @property
    def is_unsure(self) -> bool:
        """Whether its stream may have been opened while it waited."""
        return self.stream.number > 0 and self.waited > 0

    @property
    def earliest(self) -> int:
        """When it can have begun at the earliest."""
        return self.at - LATE - self.said.duration - self.unsure

    @property
    def from_metadata(self) -> bool:
        """Whether its beginning is the one that its stream's metadata tells."""
        return self.said.beginning in {f"stream {self.stream.number}", "clock"}


@dataclass
class Transcript:
    """What is stored of a conversation, by key, and the events that brought it, in order."""

    conversation: Conversation
    rows: dict[str, Columns] = field(default_factory=dict)
    of_row: dict[str, Came] = field(default_factory=dict)
    events: list[Came] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    longest_header: int = 0

    def __post_init__(self) -> None:
        """Have all its events delivered, as Web PubSub does."""
        self.chance = chance_of(f"delivery {self.conversation.seed}")
        for stream in self.conversation.streams:
            self._deliver(stream)
        self._push()

    def _deliver(self, stream: Opening) -> None:
        name, busy = f"connection {stream.number}", 0
        header = encode(opened(Ms(stream.opened), name, written=True))
        for number, (arrives, said) in enumerate(self._events(stream), 2):
            true = max(arrives, busy)
            waited = self._may_have_waited(true, busy)
            busy = self._busy_until(true)
            late = 0 if said is None else self.chance.choice([0] * 8 + [1_000, 2_000])
            leap = self._leap(true)
            at = Ms((true + leap - late) // 1_000 * 1_000)
            body = METADATA if said is None else said.body
            state, key = restore(header, name), f"{number:010d}"
            event = UpstreamEvent(Kind.MESSAGE, CALL.id, name, number, key, at, state, body)
            step = advance(state, event, Ms(true))
            header = encode(handled(step.state, at, Ms(busy + leap)))
            self.longest_header = max(self.longest_header, len(header))
            if said is not None:
                (row,) = step.rows
                self.rows[row.key] = row.columns
                again = said.stream != stream.number
                self._note(row.key, Came(said, stream, at, waited, leap != 0, again, alone=again))

    def _events(self, stream: Opening) -> list[tuple[int, Said | None]]:
        """Return what a stream brings, and when; metadata first, then what is sent again."""
        said = self.conversation.said
        sent: list[tuple[int, Said | None]] = [(stream.opened, None)]
        before = sorted(
            (each for each in said if each.stream == stream.number - 1),
            key=lambda each: each.arrives,
        )
        if self.chance.random() < 0.4:
            again = before[-self.chance.randint(1, 3) :]
            sent += [(stream.opened + 50, each) for each in again]
        own = (each for each in said if each.stream == stream.number)
        sent += [(each.arrives, each) for each in own if each.arrives < stream.closed]
        return sorted(sent, key=lambda each: each[0])

    def _busy_until(self, true: int) -> int:
        """Return until when the app is busy with an event that was sent then."""
        busy = self.conversation.busy
        return busy[1] if busy and busy[0] <= true < busy[1] else true + PROMPT

    def _may_have_waited(self, true: int, until: int) -> int:
        """Return how long an event may have waited for others; a pause before it ends that."""
        busy = self.conversation.busy
        if busy is None or true < busy[0] or (true > busy[1] + PROMPT and true > until + NEXT):
            return 0
        return true - busy[0] + NEXT

    def _leap(self, true: int) -> int:
        leap = self.conversation.leap
        return leap[1] if leap and true >= leap[0] else 0

    def _note(self, key: str, came: Came) -> None:
        first = next((each for each in self.events if each.said is came.said), None)
        if first is not None and came.at <= first.at:
            # The second event has the earlier key, and its row is taken for the first.
            first.alone = first.leapt = True
        self.events.append(came)
        self.of_row[key] = first or came

    def _push(self) -> None:
        """Find up to when each may be placed, and which are pushed by their own speaker's."""
        before: dict[tuple[int, str], list[Came]] = {}
        for came in self.events:
            stream, name = came.stream, came.said.person.raw_id
            # Where offsets go on from a former stream, all events set its zero.
            others = before.get((stream.number, "" if stream.goes_on else name), [])
            until = came.at + AHEAD - (0 if came.again else came.said.duration)
            came.latest = max([until, stream.opened, *(each.latest for each in others)])
            own = before.get((stream.number, name), [])
            strange = (each for each in own if each.said.beginning != came.said.beginning)
            stranger = (each for each in own if each.pushed or each.again or each.is_unsure)
            start = came.said.start - EXACT
            came.pushed = any(each.latest > start for each in (*strange, *stranger))
            # Nothing on a stream is before its opening.
            came.pushed |= stream.goes_on and came.said.start < stream.opened + 2 * INEXACT
            zero = came.said.start - came.said.offset
            zeros = (
                each.said.start - each.said.offset for each in before.get((stream.number, ""), [])
            )
            came.one_of_many = stream.goes_on and (
                any(0 < abs(zero - each) <= NEAR for each in zeros)
                or any(each.one_of_many for each in others)
            )
            for key in ((stream.number, name), (stream.number, "")):
                before.setdefault(key, []).append(came)

    def segments(self) -> list[Segment]:
        """Return what the transcript shows, in its order."""
        findings = examine(CALL, self.rows.items(), Ms(BEGAN), Seconds(2))
        rows = {key: {**columns} for key, columns in self.rows.items()}
        for key, first in findings.duplicates.items():
            rows[key]["DuplicateOf"] = first
        return in_order(read_segment(key, columns) for key, columns in rows.items())

    def faults(self) -> list[str]:
        """Return what is not as it is promised."""
        segments = self.segments()
        shown = [self.of_row[segment.row_key] for segment in segments]
        found = [] if Counter(shown) == Counter(set(self.of_row.values())) else ["not each once"]
        for place, later in enumerate(shown):
            for earlier in shown[:place]:
                kind = told(later, earlier)
                found += [] if kind is None else [f"{kind}: {later} is behind {earlier}"]
                self.compared[told(earlier, later) or "not told"] += 1
        for came, segment in zip(shown, segments, strict=True):
            start = parse_iso(segment.start_time or "")
            found += [f"at {start}: {came}"] if is_wrong(came, start) else []
        if self.longest_header > LONGEST_HEADER:
            found.append(f"a header of {self.longest_header} bytes")
        return found


def told(one: Came, other: Came) -> str | None:
    """Say which rule tells that one was said before the other; None if none does."""
    if one.said.person is other.said.person:
        return "speaker" if one.said.start < other.said.start and _is_one_time(one, other) else None
    if one.leapt or other.leapt or one.alone or other.alone:
        return None
    if one.said.beginning == other.said.beginning and one.stream == other.stream:
        if (
            one.is_unsure
            or other.is_unsure
            or one.pushed
            or other.pushed
            or one.one_of_many
            or other.one_of_many
        ):
            return None
        return "beginning" if one.said.start + AT_ONCE < other.said.start else None
    return "ce-time" if one.latest < other.earliest else None


def _is_one_time(one: Came, other: Came) -> bool:
    """Tell whether the time of two events runs on from one to the other."""
    if one.stream == other.stream:
        return not (one.leapt and one.alone) and not (other.leapt and other.alone)
    first, second = sorted((one, other), key=lambda each: each.stream.number)
    return not one.leapt and not other.leapt and first.at <= second.stream.opened


def is_wrong(came: Came, start: int) -> bool:
    """Tell whether a time is not as docs/querying.md promises."""
    if came.leapt or came.pushed or came.alone or came.is_unsure:
        return False
    if came.from_metadata:
        return abs(start - came.said.start) > EXACT
    return not came.earliest <= start <= came.latest


def main(arguments: list[str]) -> int:
    """Play conversations, and print what was found; return 1 if any failed."""
    how_many = int(arguments[0]) if arguments else 100_000
    compared: Counter[str] = Counter()
    failed = longest = 0
    for seed in range(how_many):
        transcript = Transcript(Conversation(seed))
        faults = transcript.faults()
        compared += transcript.compared
        longest = max(longest, transcript.longest_header)
        if faults:
            failed += 1
            sys.stdout.write(f"seed {seed}: {faults[0]}\n")
    pairs = ", ".join(f"{name}: {number}" for name, number in compared.most_common())
    sys.stdout.write(f"conversations: {how_many}, failed: {failed}; longest header: {longest}\n")
    sys.stdout.write(f"pairs of utterances, by what tells their order: {pairs}\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
