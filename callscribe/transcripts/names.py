"""What the people of a call are called: one name for each, and nobody has another's.

A name comes from the row of the person, where the API or the ring gave one; else it is the role,
or the raw id with its digits masked. Whoever would have a name that is taken gets a number.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.foundation.columns import Value, text_in
from callscribe.foundation.identifiers import normal_raw_id, person_key
from callscribe.foundation.masking import masked
from callscribe.stream.segments import Segment
from callscribe.stream.speakers import speaker_name
from callscribe.transcripts.folding import folded
from callscribe.transcripts.rendering.plain import is_visible, on_one_line

UNKNOWN = "unknown"
# Sorts after all times: who was heard, but is on no list of ACS's.
_LAST = "~"

# Rows of a call's people, by RowKey.
People = Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of speakers, and who was there: name and role, in the order in which they joined."""

    by_speaker: Mapping[str, str]
    there: tuple[tuple[str, str | None], ...]

    def of(self, speaker_id: str | None) -> str:
        """Return the name of somebody who said something, on one line and never empty."""
        return self.by_speaker.get(speaker_id or "", UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Person:
    """`given` is a name that somebody gave, and not one that says a role or hides a number."""

    key: str
    name: str
    given: bool
    role: str | None
    there: bool


def names_of(call: Call, rows: People, segments: Iterable[Segment]) -> Names:
    """Name the people of a call: those of its rows, and those who said the segments."""
    heard = dict.fromkeys(segment.speaker_id for segment in segments if segment.speaker_id)
    speakers = {speaker: person_key(speaker) for speaker in heard if speaker}
    people = list(_people(call, rows, {key: speaker for speaker, key in speakers.items()}))
    taken = {UNKNOWN: 1}
    names: dict[str, str] = {}
    # Whoever calls themselves "callee" is not shown in place of the one who is.
    for person in sorted(people, key=lambda person: person.given):
        names[person.key] = _free(person.name, taken)
    there = ((names[person.key], person.role) for person in people if person.there)
    return Names({speaker: names[key] for speaker, key in speakers.items()}, tuple(there))


def _people(call: Call, rows: People, speakers: Mapping[str, str]) -> Iterator[_Person]:
    """Yield those of the rows by when they joined, then other speakers as they began to speak."""
    joined = sorted(rows, key=lambda key: (text_in(rows[key], "JoinedAt") or _LAST, key))
    for key in dict.fromkeys([*joined, *speakers]):
        row = rows.get(key, {})
        raw_id = speakers.get(key) or text_in(row, "RawId")
        if raw_id is not None:
            yield _person(call, key, raw_id, row, there=key in speakers or "JoinedAt" in row)


def _person(call: Call, key: str, raw_id: str, row: Mapping[str, Value], *, there: bool) -> _Person:
    caller = normal_raw_id(raw_id) == normal_raw_id(call.caller)
    given = _shown(text_in(row, "Name")) or (_shown(call.caller_name) if caller else None)
    role = _shown(text_in(row, "Role")) or _role(call, raw_id)
    name = given or role or _shown(speaker_name(call, raw_id)) or UNKNOWN
    return _Person(key, name, given is not None, role, there)


def _role(call: Call, raw_id: str) -> str | None:
    person = normal_raw_id(raw_id)
    if person == normal_raw_id(call.caller):
        return "caller"
    return "callee" if person == normal_raw_id(call.callee) else None


def _shown(text: str | None) -> str | None:
    """Return text as it may be shown: masked, on one line; None where nothing is to be seen."""
    if text is None or not is_visible(text):
        return None
    return on_one_line(masked(text)).strip()


def _free(name: str, taken: dict[str, int]) -> str:
    """Return a name that nobody has; `taken` counts how many would have it."""
    free = name
    while folded(free) in taken:
        taken[folded(name)] += 1
        free = f"{name} ({taken[folded(name)]})"
    taken[folded(free)] = 1
    return free
