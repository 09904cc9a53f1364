"""A call of more segments than a page of storage holds comes whole and in order, in every format.

Storage answers a query with 1,000 rows at most, and says where to go on:
https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
"""

import csv
import json
from collections.abc import Callable
from io import StringIO
from itertools import batched

import pytest
import pytest_asyncio
import srt  # type: ignore[import-untyped] # has no types
import webvtt
from markdown_it import MarkdownIt

from callscribe.foundation.identifiers import segment_key
from callscribe.foundation.moments import Seconds, iso, later, parse_iso
from tests.handlers.surface import Surface
from tests.handlers.wire import CALLER, Call, Json

pytestmark = pytest.mark.asyncio(loop_scope="session")
COUNT = 2_050
LARGEST_TRANSACTION = 100
SPOKEN = [f"Sentence {number}" for number in range(COUNT)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_call(app: Surface) -> Call:
    """A call of three pages of rows; of any two one after the other, the second began first."""
    call = await app.ring()
    rows = [_row(call, number, begun=number ^ 1) for number in range(COUNT)]
    again = rows[-1] | {"RowKey": f"{rows[-1]['RowKey']}0", "DuplicateOf": rows[-1]["RowKey"]}
    for some in batched([*rows, again], LARGEST_TRANSACTION, strict=False):
        await app.table("Transcripts").submit_transaction([("create", row) for row in some])
    return call


def _row(call: Call, number: int, begun: int) -> Json:
    rang = parse_iso(call.event["eventTime"])
    return {
        "PartitionKey": call.id,
        "RowKey": segment_key(later(rang, Seconds(number)), "0" * 13, f"{number:010d}"),
        "SpeakerId": CALLER,
        "StartTime": iso(later(rang, Seconds(begun))),
        "EndTime": iso(later(rang, Seconds(begun + 0.9))),
        "Text": SPOKEN[begun],
    }


def _in_text(body: str) -> list[str]:
    lines = body.partition("\n\n")[2].splitlines()
    # A turn's first line has time and name, the others are below it.
    return [line.partition(" caller: ")[2] or line.strip() for line in lines]


def _in_markdown(body: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(body)
    said = [token for token in tokens if token.type == "blockquote_open"]
    start = tokens.index(said[0])
    quoted = [token for token in tokens[start:] if token.type == "inline" and token.level > 1]
    return [token.content for token in quoted]


def _in_captions(body: str) -> list[str]:
    captions = webvtt.from_buffer(StringIO(body), strict=True).captions
    return [caption.text for caption in captions]


READERS: dict[str, Callable[[str], list[str]]] = {
    "json": lambda body: [each["text"] for each in json.loads(body)["segments"]],
    "jsonl": lambda body: [json.loads(line)["text"] for line in body.splitlines()],
    "text": _in_text,
    "markdown": _in_markdown,
    "vtt": _in_captions,
    "srt": lambda body: [each.content.removeprefix("caller: ") for each in srt.parse(body)],
    "csv": lambda body: [row["text"] for row in csv.DictReader(StringIO(body, newline=""))],
}


@pytest.mark.parametrize("wanted", READERS)
async def test_it_is_whole_and_in_order(app: Surface, long_call: Call, wanted: str) -> None:
    answer = await app.api(f"/api/calls/{long_call.id}/transcript?format={wanted}")
    assert READERS[wanted](answer.body.decode()) == SPOKEN


async def test_it_is_searched_to_its_end(app: Surface, long_call: Call) -> None:
    answer = await app.api(f"/api/calls/{long_call.id}/transcript?format=text&q=SENTENCE+204")
    assert _in_text(answer.body.decode()) == [SPOKEN[204], *SPOKEN[2040:]]
