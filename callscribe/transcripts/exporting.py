"""Which transcript is asked for, by parameters and headers, and the document that answers."""

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from callscribe.calls.call import Call
from callscribe.foundation.errors import BadInputError, NotAcceptableError
from callscribe.stream.segments import Segment
from callscribe.transcripts.names import People
from callscribe.transcripts.negotiation import preferred
from callscribe.transcripts.parameters import expect_only
from callscribe.transcripts.rendering.documents import FORMATS, Format
from callscribe.transcripts.transcript import transcript_of
from callscribe.transcripts.zones import zone_in

_OFFERED = {
    media_type: document for document in FORMATS.values() for media_type in document.media_types
}


@dataclass(frozen=True, slots=True)
class TranscriptQuery:
    """The format that is wanted; the text to find, None where all that was said is wanted.

    Times for people are in `zone`; `bom` asks for a byte order mark before CSV.
    """

    format: Format
    sought: str | None
    zone: tzinfo
    bom: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A transcript to be sent; `tag` is the entity tag of these bytes, with its quotes."""

    content_type: str
    file_name: str
    tag: str
    body: bytes


def parse_transcript_query(params: Mapping[str, str], accept: str | None) -> TranscriptQuery:
    """Read `format`, `q`, `tz` and `bom`; `Accept` counts where there is no `format`.

    Raises BadInputError naming the parameter that is wrong, NotAcceptableError where no format has
    a media type that is accepted.
    """
    expect_only(params, ("format", "q", "tz", "bom"))
    sought = params.get("q")
    if sought is not None and not sought.strip():
        raise BadInputError("q: expected text to look for")
    name = params.get("format")
    if name is not None and name not in FORMATS:
        raise BadInputError(f"format: expected one of {', '.join(FORMATS)}")
    bom = params.get("bom", "false")
    if bom not in ("true", "false"):
        raise BadInputError("bom: expected true or false")
    return TranscriptQuery(
        format=_accepted(accept) if name is None else FORMATS[name],
        sought=sought,
        zone=zone_in(params),
        bom=bom == "true",
    )


def document_of(
    call: Call, people: People, segments: Iterable[Segment], query: TranscriptQuery
) -> Document:
    """Return what was said on a call, or the segments that match the search, as a document.

    `people` are the rows of those who were on it, by RowKey.
    """
    transcript = transcript_of(call, people, segments, query.zone, query.sought)
    body = query.format.render(transcript)
    if query.bom and query.format.extension == "csv":
        body = BOM_UTF8 + body
    return Document(
        content_type=query.format.content_type,
        file_name=f"{call.id}.{query.format.extension}",
        tag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        body=body,
    )


def _accepted(accept: str | None) -> Format:
    media_type = preferred(accept, tuple(_OFFERED))
    if media_type is None:
        raise NotAcceptableError(f"Accept: expected one of {', '.join(_OFFERED)}")
    return _OFFERED[media_type]
