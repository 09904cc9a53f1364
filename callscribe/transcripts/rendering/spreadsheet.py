"""A transcript as CSV that a spreadsheet shows and does not calculate.

https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import re
from datetime import UTC, tzinfo
from itertools import pairwise

from callscribe.foundation.moments import parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import is_visible, lines_of
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
# What a spreadsheet takes for the beginning of a formula, and what becomes one of these where text
# is normalised: https://owasp.org/www-community/attacks/CSV_Injection
_SIGN = re.compile("[=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−﬩]")
# A reader that is told of another separator takes what follows it for a cell, quoted or not; and
# so does Excel where the decimal sign is a comma, with `;` and line ends.
_SEPARATORS = ";\u037e|\t\n"


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
    """Return text with `'` before what would be a formula, in the cell or in a part of it."""
    if text is None:
        return ""
    shown = text if text.isprintable() else "\n".join(lines_of(text))
    found = (_start_of(shown, sign.start()) for sign in _SIGN.finditer(shown))
    starts = [0] if shown.startswith(("\t", "\n")) else []
    starts += [start for start in found if start is not None and start not in starts]
    return "'".join(shown[start:end] for start, end in pairwise([0, *starts, len(shown)]))


def _start_of(text: str, sign: int) -> int | None:
    """Return where a formula would begin whose sign is at a place; None where it would be none.

    Spreadsheets, and what reads for them, drop what cannot be seen; a quotation mark is none
    where a reader has another separator.
    """
    place = sign
    while place and text[place - 1] not in _SEPARATORS and _is_dropped(text[place - 1]):
        place -= 1
    if place == 0:
        return 0
    return sign if text[place - 1] in _SEPARATORS else None


def _is_dropped(character: str) -> bool:
    return character == '"' or not is_visible(character)
