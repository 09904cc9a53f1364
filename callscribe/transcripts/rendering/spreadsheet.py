"""A transcript as CSV that a spreadsheet shows and does not calculate.

https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import re
from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import lines_of, name_of
from callscribe.transcripts.rendering.segments import in_order

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


def transcript_csv(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as CSV with a header; `'` is put before what would be a formula.

    Every cell is quoted, since some spreadsheets split cells at other characters too.
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows(_row(call, segment) for segment in in_order(segments))
    return file.getvalue()


def _row(call: Call, segment: Segment) -> tuple[str | int | float | None, ...]:
    return (
        segment.start_time,
        segment.end_time,
        _cell(name_of(call, segment.speaker_id)),
        _cell(segment.text),
        segment.duration_ms,
        segment.confidence,
        _cell(segment.locale),
        _cell(segment.speaker_id),
        segment.row_key,
    )


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    shown = text if text.isprintable() else "\n".join(lines_of(text))
    return _FORMULA.sub(r"\g<0>'", shown)
