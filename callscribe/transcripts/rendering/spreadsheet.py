"""A transcript as CSV that a spreadsheet shows and does not calculate.

https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import re
from datetime import UTC, tzinfo

from callscribe.foundation.moments import parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import lines_of
from callscribe.transcripts.transcript import Transcript
from callscribe.transcripts.zones import local

COLUMNS = (
    "startTime",
    "endTime",
    "speaker",
    "text",
    "durationMs",
    "confidence",
    "locale",
    "speakerId",
    "rowKey",
)
# What a spreadsheet takes for the beginning of a formula, full-width signs included. Where the
# decimal sign is a comma, Excel ends a cell at `;` and at line ends, whether quoted or not.
# https://owasp.org/www-community/attacks/CSV_Injection
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(
    rf"\A(?=[\t\n]|\s*{_SIGN})"  # of the cell
    rf"|(?:(?<=\n)|[;\t])[^\S\t\n]*(?={_SIGN})"  # of one that a spreadsheet makes of its rest
)


def transcript_csv(transcript: Transcript) -> str:
    """Return the transcript as CSV with a header; `'` is put before what would be a formula.

    Every cell is quoted, since some spreadsheets split cells at other characters too.
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows(_row(transcript, segment) for segment in transcript.segments)
    return file.getvalue()


def _row(transcript: Transcript, segment: Segment) -> tuple[str | int | float | None, ...]:
    return (
        _cell(_local(segment.start_time, transcript.zone)),
        _cell(_local(segment.end_time, transcript.zone)),
        _cell(transcript.names.of(segment.speaker_id)),
        _cell(segment.text),
        segment.duration_ms,
        segment.confidence,
        _cell(segment.locale),
        _cell(segment.speaker_id),
        segment.row_key,
    )


def _local(time: str | None, zone: tzinfo) -> str | None:
    """Return a time in a zone, with its distance from UTC; as it is in UTC, or where it is none."""
    try:
        if time is None or zone is UTC:
            return time
        return local(parse_iso(time), zone).isoformat(timespec="milliseconds")
    except ValueError:
        return time


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    shown = text if text.isprintable() else "\n".join(lines_of(text))
    return _FORMULA.sub(r"\g<0>'", shown)
