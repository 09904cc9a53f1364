"""What a reader wants to know of a call before its words: when, who, and whether all is there."""

from collections.abc import Iterator

from callscribe.calls.call import Call, Report
from callscribe.transcripts.rendering.plain import isolated, on_one_line
from callscribe.transcripts.rendering.turns import day_of, time_of
from callscribe.transcripts.transcript import Transcript
from callscribe.transcripts.zones import local, offset_of


def head_of(transcript: Transcript) -> Iterator[tuple[str, str]]:
    """Yield the lines of the head, each as label and text; numbers are masked in all of them."""
    call = transcript.call
    yield "Call", f"{call.id}, {call.direction}, {call.state}"
    yield "Date", _dates(transcript)
    yield "Time zone", _zone(transcript)
    yield "Participants", _people(transcript)
    yield "Report", _report(call)
    if transcript.sought is not None:
        yield "Shown", f"only what contains {isolated(on_one_line(transcript.sought).strip())}"


def _dates(transcript: Transcript) -> str:
    begun = local(transcript.call.begun_at, transcript.zone)
    text = f"{day_of(begun)}, {time_of(begun)}"
    if transcript.call.ended_at is None:
        return f"{text}, not ended yet"
    ended = local(transcript.call.ended_at, transcript.zone)
    day = "" if day_of(ended) == day_of(begun) else f"{day_of(ended)}, "
    return f"{text} to {day}{time_of(ended)}"


def _zone(transcript: Transcript) -> str:
    call, name = transcript.call, str(transcript.zone)
    if name == "UTC":
        return name
    begun = offset_of(local(call.begun_at, transcript.zone))
    ended = offset_of(local(call.ended_at or call.begun_at, transcript.zone))
    changed = "" if ended == begun else f", at the end UTC{ended}"
    return f"{name} (UTC{begun}{changed})"


def _people(transcript: Transcript) -> str:
    people = (
        isolated(name) if role in (None, name) else f"{isolated(name)} ({isolated(role or '')})"
        for name, role in transcript.names.there
    )
    return ", ".join(people) or "nobody known"


def _report(call: Call) -> str:
    if call.report is None:
        return "not made yet"
    report = call.report
    finals = _count(report.finals, "final")
    again = f", {report.duplicates} of them sent again" if report.duplicates else ""
    return f"{finals}{again}; {_missing(report)}"


def _missing(report: Report) -> str:
    found = [
        (report.quarantined, f"{_count(report.quarantined, 'frame')} that could not be read"),
        (report.suspected_missing, f"{report.suspected_missing} suspected missing"),
        (report.seconds_without_stream, f"{report.seconds_without_stream:g} s without a stream"),
        (report.seconds_not_wanted, f"{report.seconds_not_wanted:g} s not wanted"),
    ]
    return ", ".join(text for number, text in found if number) or "nothing known to be missing"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
