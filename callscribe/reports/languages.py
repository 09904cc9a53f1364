"""In which language each segment was recognised, where its stream did not say that it changed.

Whether ACS announces a change of language in the stream is not documented: docs/unverified.md. Its
callback says that it took place, and when.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from callscribe.foundation.columns import Value, moment_in, number_in, text_in
from callscribe.foundation.identifiers import stream_id_in, stream_opened_at
from callscribe.foundation.moments import Ms, Seconds, elapsed

UPDATED = "TranscriptionUpdated"
# A segment's time rests on `ce-time`, which has whole seconds; by our own clock it began when it
# was received, less its length, unless it came late.
LATE = Seconds(5)


class _Change(NamedTuple):
    at: Ms
    locale: str


class _Segment(NamedTuple):
    key: str
    start: Ms
    locale: str | None


@dataclass(slots=True)
class Languages:
    """The changes of a call's language, and what its segments say. Give it all rows."""

    changes: list[_Change] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    segments: dict[str, list[_Segment]] = field(default_factory=lambda: defaultdict(list))

    def add_event(self, columns: Mapping[str, Value]) -> None:
        """Note a change of language, if the row of an event is of one."""
        at, locale = moment_in(columns, "ReceivedAt"), text_in(columns, "Locale")
        if text_in(columns, "Type") == UPDATED and at is not None and locale is not None:
            self.changes.append(_Change(at, locale))

    def add_stream(self, stream_id: str, columns: Mapping[str, Value]) -> None:
        """Note in which language a stream began."""
        if locale := text_in(columns, "Locale"):
            self.first[stream_id] = locale

    def add_segment(self, row_key: str, columns: Mapping[str, Value]) -> None:
        """Note a segment."""
        start = _begin(columns)
        if start is not None:
            segment = _Segment(row_key, start, text_in(columns, "Locale"))
            self.segments[stream_id_in(row_key)].append(segment)

    def corrections(self) -> dict[str, str]:
        """Return the locale of each segment that names one that was no longer recognised, by key.

        One that names another language than any that was wanted was told so by ACS, and stays.
        """
        found: dict[str, str] = {}
        for stream_id, segments in self.segments.items():
            opened = stream_opened_at(stream_id)
            changes = [each for each in sorted(self.changes) if opened and each.at > opened]
            known = {self.first.get(stream_id), *(each.locale for each in changes)}
            for segment in segments:
                then = [each.locale for each in changes if each.at <= segment.start]
                if then and segment.locale in known and segment.locale != then[-1]:
                    found[segment.key] = then[-1]
        return found


def _begin(columns: Mapping[str, Value]) -> Ms | None:
    placed, received = moment_in(columns, "StartTime"), moment_in(columns, "ReceivedAt")
    if placed is None or received is None:
        return placed
    begun = Ms(received - (number_in(columns, "DurationMs") or 0))
    return placed if elapsed(placed, begun) > LATE else begun
