"""A transcript as bytes in each format, with media type and file extension."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from callscribe.transcripts.rendering.markdown import transcript_markdown
from callscribe.transcripts.rendering.segments import segment_json, transcript_json
from callscribe.transcripts.rendering.spreadsheet import transcript_csv
from callscribe.transcripts.rendering.srt import transcript_srt
from callscribe.transcripts.rendering.text import transcript_text
from callscribe.transcripts.rendering.vtt import transcript_vtt
from callscribe.transcripts.transcript import Transcript

# JSON allows these characters in a text as they are, though some readers break lines there:
# https://www.rfc-editor.org/rfc/rfc8259#section-7
_LINE_BREAKS = (
    (b"\xc2\x85", b"\\u0085"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """One form of a transcript: sent as the first of its media types, asked for by any of them."""

    media_types: tuple[str, ...]
    extension: str
    render: Callable[[Transcript], bytes]

    @property
    def content_type(self) -> str:
        """The media type as it is sent."""
        # JSON is UTF-8 by definition: https://www.rfc-editor.org/rfc/rfc8259#section-8.1
        media_type = self.media_types[0]
        return media_type if "json" in media_type else f"{media_type}; charset=utf-8"


def transcript_jsonl(transcript: Transcript) -> bytes:
    """Return one JSON object per line, one line per segment: https://jsonlines.org."""
    encoded = b"".join(
        _encoded(segment_json(transcript, segment)) + b"\n" for segment in transcript.segments
    )
    for character, escape in _LINE_BREAKS:
        encoded = encoded.replace(character, escape)
    return encoded


def _json(transcript: Transcript) -> bytes:
    return _encoded(transcript_json(transcript))


def _encoded(document: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can write and UTF-8 cannot
        return json.dumps(document).encode()


def _utf_8(
    render: Callable[[Transcript], str],
) -> Callable[[Transcript], bytes]:
    return lambda transcript: render(transcript).encode(errors="replace")


# By their name in `format=`; of several that a client accepts equally, the first is sent.
FORMATS = {
    "json": Format(("application/json",), "json", _json),
    "jsonl": Format(("application/jsonl", "application/x-ndjson"), "jsonl", transcript_jsonl),
    "text": Format(("text/plain",), "txt", _utf_8(transcript_text)),
    "markdown": Format(("text/markdown",), "md", _utf_8(transcript_markdown)),
    "vtt": Format(("text/vtt",), "vtt", _utf_8(transcript_vtt)),
    "srt": Format(("application/x-subrip", "text/srt"), "srt", _utf_8(transcript_srt)),
    "csv": Format(("text/csv",), "csv", _utf_8(transcript_csv)),
}
