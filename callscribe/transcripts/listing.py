"""Find a page of calls, newest first, reading little more than the page."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import batched, chain

from callscribe.calls.call import Call
from callscribe.calls.labelling import Labelling
from callscribe.calls.ports import CallStore, Stored
from callscribe.foundation import log
from callscribe.foundation.errors import CallscribeError, UnavailableError
from callscribe.foundation.identifiers import call_keys
from callscribe.transcripts.list_query import ListQuery

# Queries at the same time, so that 30 days without calls are read in five rounds.
MOST_SIDE_BY_SIDE = 16
# How many calls of a person or a label are read for one page: a call's own row tells the rest.
MOST_LOOKED_AT = 1_000

# The ids of up to so many calls, behind a row key and before another, newest first.
type Ids = Callable[[str | None, str, int], Awaitable[list[str]]]


async def page_of(
    calls: CallStore, labelling: Labelling, query: ListQuery
) -> tuple[list[Call], str | None]:
    """Return at most `limit` calls, and the id of the call after which the list goes on, or None.

    Of a person's or a label's calls that are filtered besides a page may have fewer, even none,
    though the list goes on. Raises StorageUnavailableError.
    """
    if query.person is not None:
        return await _linked(calls, query, partial(calls.of_person, query.person))
    if query.label is not None:
        return await _linked(calls, query, partial(labelling.calls_with, query.label))
    return await _of_days(calls, query)


async def _of_days(calls: CallStore, query: ListQuery) -> tuple[list[Call], str | None]:
    """Read the newest day alone, then two days at the same time, then four, until a page is full.

    Where there are many calls, one day fills a page, and reading more days would be wasted.
    """
    utc_days, (after, end) = query.utc_days, query.keys
    found: list[Call] = []
    for days in _widening(utc_days):
        # One more than the page: it tells whether the list goes on.
        wanted = query.limit + 1 - len(found)
        pages = await asyncio.gather(
            *(
                calls.of_day(each, after if each == utc_days[0] else None, wanted, query.state)
                for each in days
            )
        )
        # The first UTC day may begin before the first day of the list does.
        found += (call for call in chain(*pages) if call_keys(call.id)[1] < end)
        if len(found) > query.limit:
            break
    return _cut(found, query.limit)


async def _linked(calls: CallStore, query: ListQuery, ids_of: Ids) -> tuple[list[Call], str | None]:
    after, end = query.keys
    found: list[Call] = []
    at_once = query.limit + 1
    for _ in range(0, MOST_LOOKED_AT, at_once):
        ids = await ids_of(after, end, at_once)
        found += [call for call in await _read(calls, ids) if query.fits(call)]
        if len(ids) < at_once or len(found) > query.limit:
            return _cut(found, query.limit)
        after = call_keys(ids[-1])[1]
    return found, ids[-1]


async def _read(calls: CallStore, ids: list[str]) -> list[Call]:
    """Read calls, some at the same time; one that is gone, or cannot be read, is left out."""
    found: list[Call] = []
    for some in batched(ids, MOST_SIDE_BY_SIDE, strict=False):
        stored = await asyncio.gather(*(_readable(calls, call_id) for call_id in some))
        found += [each.call for each in stored if each]
    return found


async def _readable(calls: CallStore, call_id: str) -> Stored | None:
    try:
        return await calls.read(call_id)
    except UnavailableError:
        raise
    except CallscribeError:
        log.warning("rowIsNoCall", call_id)
        return None


def _cut(found: list[Call], limit: int) -> tuple[list[Call], str | None]:
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _widening(days: list[str]) -> Iterable[list[str]]:
    """Yield one day, then two, four, eight, and from there on 16 at a time."""
    start, width = 0, 1
    while start < len(days):
        yield days[start : start + width]
        start, width = start + width, min(2 * width, MOST_SIDE_BY_SIDE)
