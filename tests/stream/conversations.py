"""Conversations as ACS may tell of them, many: a seed says all of one.

Two to six people speak, each one thing after the other, and sometimes at once. Each has a
beginning that offsets count from: that of the stream, or one of their own audio, if they joined
late, were muted (their audio stands still meanwhile) or were silent for a minute. A stream may be
cut; on the next one offsets go on or begin anew, and finals may be sent again, byte for byte. A
final comes up to 15 s after its last word, or later where the app was busy with the one before.
`ce-time` is when it was sent, in whole seconds, a second or two too early now and then; in some
conversations it leaps. Some utterances have an offset of another age, or one that is not that of
their words. What is said again may have the same offset.

What must be true of the transcript is written down in spoken_order.py. Times are in milliseconds.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from callscribe.foundation.moments import TICKS_PER_MS, Ms
from callscribe.stream.clock import LAST_TICK, UNIX_EPOCH_TICKS
from tests.calls.storm import chance_of

BEGAN = Ms(1_795_373_643_000)
NAMES = ["4:+14255550111", "8:acs:a_b", *(f"8:acs:c_{number}" for number in range(4))]
LATEST_FINAL = 15_000
# An offset of Microsoft's documentation, of 2023.
ODD_OFFSET = 2_516_998_782_481_234_400
SILENCE = 60_000


@dataclass(slots=True)
class Person:
    """Somebody who speaks: when their offsets' beginning was, and which beginning it is.

    `free` is when they have said what they say, `heard` when the last final of it comes.
    """

    raw_id: str
    zero: int
    beginning: object
    free: int = 0
    heard: int = 0


@dataclass(slots=True)
class Said:
    """An utterance: when it was said, from which beginning its offset counts, when it comes."""

    person: Person
    start: int
    duration: int
    beginning: object
    offset: int
    stream: int
    arrives: int = 0
    body: bytes = b""

    @property
    def end(self) -> int:
        """When its last word is said."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Opening:
    """A stream: from when until when, and whether offsets go on from the one before."""

    number: int
    opened: int
    closed: int
    goes_on: bool


@dataclass
class Conversation:
    """What is said and how it comes; `busy` is when the app is, `leap` when and by how much."""

    seed: int
    said: list[Said] = field(default_factory=list)
    streams: list[Opening] = field(default_factory=list)
    busy: tuple[int, int] | None = None
    leap: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Have it take place."""
        self.chance = chance = chance_of(f"conversation {self.seed}")
        self.absolute = chance.random() < 0.15
        self.length = chance.randint(20_000, 200_000)
        self.lateness = chance.choice([500, 2_000, 2_000, LATEST_FINAL])
        if chance.random() < 0.1:
            size = chance.choice([-3_600_000, -60_000, -20_000, 20_000, 60_000, 3_600_000])
            self.leap = BEGAN + chance.randint(5_000, self.length), size
        if chance.random() < 0.1:
            since = BEGAN + chance.randint(5_000, self.length)
            self.busy = since, since + chance.randint(6_000, 90_000)
        self.people = [Person(name, BEGAN, "stream 0") for name in NAMES[: chance.randint(2, 6)]]
        self.streams = list(self._streams())
        for stream in self.streams:
            self._begin(stream)
            self._speak(stream)

    def _streams(self) -> Iterator[Opening]:
        chance, number, opened = self.chance, 0, int(BEGAN)
        # On a stream that is younger than a final may be late nobody can tell whether they go on.
        while chance.random() < 0.25:
            cut = opened + chance.randint(35_000, 120_000)
            if cut > BEGAN + self.length:
                break
            yield Opening(number, opened, cut, self._goes_on(number))
            number, opened = number + 1, cut + chance.randint(2_000, 20_000)
        yield Opening(number, opened, BEGAN + self.length + 40_000, self._goes_on(number))

    def _goes_on(self, number: int) -> bool:
        # What sets a zero anew, and has waited itself, is not believed to tell the others' order.
        return number > 0 and self.busy is None and self.chance.random() < 0.5

    def _begin(self, stream: Opening) -> None:
        """Set from when each person's offsets count on a stream."""
        for person in self.people:
            person.free = max(person.free, stream.opened)
            if not stream.goes_on:
                person.zero, person.beginning = stream.opened, f"stream {stream.number}"
            if self.chance.random() < 0.1:
                joined = stream.opened + self.chance.randint(1_000, 40_000)
                person.zero, person.beginning, person.free = joined, object(), joined

    def _speak(self, stream: Opening) -> None:
        chance, now = self.chance, stream.opened + self.chance.randint(0, 3_000)
        until = min(stream.closed, BEGAN + self.length)
        while now < until:
            person = chance.choice(self.people)
            if chance.random() < 0.04:
                muted = chance.choice([300, 8_000, 30_000])
                person.free += muted
                person.zero, person.beginning = person.zero + muted, object()
            start = max(now, person.free + chance.randint(20, 400))
            duration = chance.choice([chance.randint(200, 1_500), chance.randint(1_000, 20_000)])
            if start + duration < stream.closed:
                self._say(stream, person, start, duration)
            now = start + int(duration * chance.uniform(0.2, 1.2))
            now += chance.randint(SILENCE, 90_000) if chance.random() < 0.03 else 0

    def _say(self, stream: Opening, person: Person, start: int, duration: int) -> None:
        chance = self.chance
        if start - person.free > SILENCE and chance.random() < 0.8:
            # A round number: what is said again may have the same offset then.
            person.zero, person.beginning = start - chance.choice([0, 100, 500]), object()
        person.free = start + duration
        beginning = "clock" if self.absolute else person.beginning
        said = Said(person, start, duration, beginning, start - person.zero, stream.number)
        said.arrives = max(person.heard, int(said.end + chance.uniform(100, self.lateness)))
        person.heard = said.arrives
        said.body = self._frame(said)
        self.said.append(said)

    def _frame(self, said: Said) -> bytes:
        """Return the bytes of an utterance's final, which may tell a strange offset."""
        chance, offset = self.chance, said.offset * TICKS_PER_MS
        step = said.duration * TICKS_PER_MS // 3
        places = [offset + number * step for number in range(chance.choice([0, 3]))]
        strange = chance.random()
        if self.absolute:
            last = LAST_TICK - UNIX_EPOCH_TICKS - said.person.zero * TICKS_PER_MS
            offset, places = last - offset, [last - place for place in places]
        elif strange < 0.03:
            offset, places, said.beginning = ODD_OFFSET, [], object()
        elif strange < 0.06 and places and said.offset > 60_000 and said.beginning == "stream 0":
            # So far away that only the words' offset can be right.
            offset = offset if said.stream else chance.randint(0, 30) * TICKS_PER_MS * 1_000
        data: dict[str, Any] = {
            "text": chance.choice(["Yes.", "Yes.", "No.", f"This is {chance.random()}."]),
            "format": "display",
            "confidence": chance.random(),
            "offset": offset,
            "duration": said.duration * TICKS_PER_MS,
            "words": [{"text": "word", "offset": place, "duration": step} for place in places],
            "participantRawID": said.person.raw_id,
            "resultStatus": "Final",
        }
        return json.dumps({"kind": "TranscriptionData", "transcriptionData": data}).encode()
