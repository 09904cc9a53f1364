"""Find a page of calls, newest first, reading little more than the page."""

import asyncio
from collections.abc import Iterable
from itertools import batched, chain

from callscribe.calls.call import Call
from callscribe.calls.ports import CallStore
from callscribe.foundation.identifiers import call_keys
from callscribe.foundation.moments import days_back
from callscribe.transcripts.list_query import ListQuery

MOST_SIDE_BY_SIDE = 16
MOST_LOOKED_AT = 1_000
"""Of a person's calls, for one page in one state: only reading a call tells its state."""


async def page_of(calls: CallStore, query: ListQuery) -> tuple[list[Call], str]:
    """Return at most `limit` calls, and the id of the one behind which the list goes on, or "".

    Of a person's calls in one state, a page may have fewer though the list goes on.
    """
    return await (_of_person(calls, query) if query.person else _of_days(calls, query))


async def _of_days(calls: CallStore, query: ListQuery) -> tuple[list[Call], str]:
    """Read the newest day alone, then twice as many side by side each time, until it is enough.

    Where there are many calls, a page comes from one day, and reading more would be in vain.
    """
    newest = call_keys(query.reached)[0] if query.reached else query.last
    behind = {newest: query.keys[0]} if query.reached else {}
    found: list[Call] = []
    for days in _widening(days_back(query.first, newest)):
        wanted = query.limit + 1 - len(found)
        pages = await asyncio.gather(
            *(calls.of_day(each, behind.get(each, ""), wanted, query.state) for each in days)
        )
        found += chain.from_iterable(pages)
        if len(found) > query.limit:
            break
    return _cut(found, query.limit)


async def _of_person(calls: CallStore, query: ListQuery) -> tuple[list[Call], str]:
    after, end = query.keys
    found: list[Call] = []
    at_once = query.limit + 1
    for _ in range(0, MOST_LOOKED_AT, at_once):
        ids = await calls.of_person(query.person, after, end, at_once)
        found += [call for call in await _read(calls, ids) if query.state in (None, call.state)]
        if len(ids) < at_once or len(found) > query.limit:
            return _cut(found, query.limit)
        after = call_keys(ids[-1])[1]
    return found, ids[-1]


async def _read(calls: CallStore, ids: list[str]) -> list[Call]:
    """Read calls, some side by side; one that is gone is left out."""
    found: list[Call] = []
    for some in batched(ids, MOST_SIDE_BY_SIDE, strict=False):
        stored = await asyncio.gather(*(calls.read(call_id) for call_id in some))
        found += [each.call for each in stored if each]
    return found


def _cut(found: list[Call], limit: int) -> tuple[list[Call], str]:
    return found[:limit], found[limit - 1].id if len(found) > limit else ""


def _widening(days: list[str]) -> Iterable[list[str]]:
    start, width = 0, 1
    while start < len(days):
        yield days[start : start + width]
        start, width = start + width, min(2 * width, MOST_SIDE_BY_SIDE)
