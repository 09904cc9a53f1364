"""A transcript as Markdown: a line with speaker and time, and what was said below as a quotation.

What was said is never read as Markdown or HTML: https://spec.commonmark.org/0.31.2/#backslash-escapes
"""

import re
from collections.abc import Iterable

from callscribe.calls.call import Call
from callscribe.foundation.moments import day
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import name_of, on_one_line, time_of_day
from callscribe.transcripts.rendering.segments import in_order

_ANYWHERE = re.compile(r"([\\`*_\[\]<>&~|$={}^])")
# Headings, lists and rules, which are such only where a line begins.
_AT_THE_START = re.compile(r"^(\d*)([#+\-:.)%])")


def transcript_markdown(call: Call, segments: Iterable[Segment]) -> str:
    """Return the transcript as Markdown (CommonMark); times are UTC."""
    head = f"# Transcript of call {call.id}\n\n{day(call.begun_at)}, times in UTC\n"
    said = (
        f"\n**{_literal(name_of(call, segment.speaker_id))}** {time_of_day(segment)}\n\n"
        f"> {_literal(on_one_line(segment.text).strip())}\n"
        for segment in in_order(segments)
    )
    return head + "".join(said)


def _literal(text: str) -> str:
    """Escape what Markdown would read as more than text."""
    return _AT_THE_START.sub(r"\1\\\2", _ANYWHERE.sub(r"\\\1", text))
