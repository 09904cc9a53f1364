"""What the app's log may not hold, whatever happened to the app: its keys, who rang, what was said.

The words and people are those of the tables, so that nothing that a test says need be listed here.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping

from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack

# How tokens and incoming-call contexts begin, signatures, codes and tickets in addresses.
MARKS = ("eyJ", "sha256=", "code=", "ticket=")
KEYS = ("ACS_ACCESS_KEY", "WEBPUBSUB_ACCESS_KEY", "WEBPUBSUB_UPSTREAM_CODE")
# So many characters of a text are looked for: a line may hold its beginning alone.
ENOUGH = 40
# A short plain word may stand in a line for reasons of its own.
_TELLING = re.compile(r".{8}|.*[^\x00-\x7f]", re.DOTALL)


async def assert_discreet(stack: Stack, tables: TableServiceClient) -> None:
    """Hold that each line of the app's log is whole, and keeps to itself what it must."""
    kept = {*MARKS, *_keys(stack.settings)} | {text async for text in _private(tables)}
    lines = stack.functions.log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line for line in lines if line.startswith("{")]
    assert told, "the app has logged nothing"
    assert all(next(iter(json.loads(line))) == "event" for line in told)
    needles = {form for text in kept for form in (text, json.dumps(text)[1:-1])}
    assert [line for line in lines if any(needle in line for needle in needles)] == []


def _keys(settings: Mapping[str, str]) -> Iterator[str]:
    for name in KEYS:
        yield from settings[name].split(",")
    account_key = re.search("AccountKey=([^;]+)", settings["TranscriptStorage"])
    assert account_key
    yield account_key[1]


async def _private(tables: TableServiceClient) -> AsyncIterator[str]:
    """Yield what the tables hold of people and of what they said."""
    async for row in tables.get_table_client("Transcripts").list_entities(select=["Text"]):
        text = row.get("Text") or ""
        if _TELLING.match(text):
            yield text[:ENOUGH]
    async for row in tables.get_table_client("Calls").list_entities():
        for person in (row["From"], row["To"], row.get("FromName")):
            if person:
                yield person.removeprefix("4:")
