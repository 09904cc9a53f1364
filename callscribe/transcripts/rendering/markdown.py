"""A transcript as Markdown: a head, then turns: speaker and time, and what was said as a quotation.

What was said is never read as Markdown or HTML: https://spec.commonmark.org/0.31.2/#backslash-escapes
"""

import re
from collections.abc import Iterator

from callscribe.transcripts.rendering.head import head_of
from callscribe.transcripts.rendering.turns import turns
from callscribe.transcripts.transcript import Transcript

_ANYWHERE = re.compile(r"([\\`*_\[\]<>&~|$={}^])")
# Headings, lists and rules, which are such only where a line begins.
_AT_THE_START = re.compile(r"^(\d*)([#+\-:.)%])")


def transcript_markdown(transcript: Transcript) -> str:
    """Return the transcript as Markdown (CommonMark)."""
    return "".join(f"{line}\n" for line in _lines(transcript))


def _lines(transcript: Transcript) -> Iterator[str]:
    yield f"# Transcript of call {transcript.call.id}\n"
    yield from (f"- **{label}:** {_inline(text)}" for label, text in head_of(transcript))
    for turn in turns(transcript):
        if turn.day is not None:
            yield f"\n## {turn.day}"
        yield f"\n**{_inline(turn.name)}** {turn.time}\n"
        yield "\n>\n".join(f"> {_literal(line)}" for line in turn.lines)


def _literal(text: str) -> str:
    """Escape what Markdown would read as more than text."""
    return _AT_THE_START.sub(r"\1\\\2", _inline(text))


def _inline(text: str) -> str:
    """Escape that of text that does not begin a line."""
    return _ANYWHERE.sub(r"\\\1", text)
