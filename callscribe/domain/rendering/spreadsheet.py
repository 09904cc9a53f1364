"""A transcript as CSV (RFC 4180) that a spreadsheet shows and does not calculate."""

import csv
import io
from collections.abc import Iterable

from callscribe.domain.call import Call
from callscribe.domain.rendering.plain import lines_of, name_of
from callscribe.domain.rendering.segments import in_order
from callscribe.domain.segments import Segment

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
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that is taken for a formula, full-width signs included.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def transcript_csv(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as CSV with a header; a cell that would be a formula begins with `'`.

    Every cell is quoted: some spreadsheets would split them at other characters too.
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
        segment.locale,
        _cell(segment.speaker_id),
        segment.row_key,
    )


def _cell(text: str) -> str:
    shown = text if text.isprintable() else "\n".join(lines_of(text))
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
