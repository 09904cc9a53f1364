"""Who speaks when, for people to read: one speaker's lines in a row together, in local time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from callscribe.foundation.moments import parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import on_one_line
from callscribe.transcripts.transcript import Transcript
from callscribe.transcripts.zones import local

# A speaker who goes on for longer is named again, so that there is a time for each minute.
_LONGEST = timedelta(minutes=1)
_NO_TIME = "--:--:--"


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody says until another speaks: `time` as in `18:54:03`, lines of text.

    `day` is told (`2026-11-22`) where it is another than that of the turn before, or of the ring.
    """

    name: str
    time: str
    day: str | None
    lines: list[str]


def turns(transcript: Transcript) -> Iterator[Turn]:
    """Yield the turns of a transcript. Nobody knows whether two unknown speakers are one."""
    turn: Turn | None = None
    begun: datetime | None = None
    shown = day_of(local(transcript.call.begun_at, transcript.zone))
    for segment in transcript.segments:
        said = _local_start(segment, transcript.zone)
        today = shown if said is None else day_of(said)
        name = transcript.names.of(segment.speaker_id)
        goes_on = turn and turn.name == name and segment.speaker_id and today == shown
        if turn and goes_on and not _is_long(begun, said):
            turn.lines.append(_line(segment))
            continue
        if turn:
            yield turn
        turn = Turn(
            name=name,
            time=_NO_TIME if said is None else time_of(said),
            day=None if today == shown else today,
            lines=[_line(segment)],
        )
        begun, shown = said, today
    if turn:
        yield turn


def day_of(moment: datetime) -> str:
    """Return the day of a local time, as in `2026-11-22`."""
    return moment.date().isoformat()


def time_of(moment: datetime) -> str:
    """Return the time of day, as in `18:54:03`."""
    return f"{moment:%H:%M:%S}"


def _local_start(segment: Segment, zone: tzinfo) -> datetime | None:
    """Return when a segment was said; None where that is not known, or another hand spoilt it."""
    try:
        return local(parse_iso(segment.start_time or ""), zone)
    except ValueError:
        return None


def _is_long(begun: datetime | None, said: datetime | None) -> bool:
    return begun is not None and said is not None and said - begun >= _LONGEST


def _line(segment: Segment) -> str:
    return on_one_line(segment.text).strip()
