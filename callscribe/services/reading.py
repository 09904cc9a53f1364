"""Read calls and transcripts, as rows tell them; nothing here changes anything."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import batched

import msgspec

from callscribe.domain.call import Call
from callscribe.domain.errors import BadInputError, NotFoundError
from callscribe.domain.identifiers import call_keys, is_call_id
from callscribe.domain.moments import day, days_back
from callscribe.domain.rendering import (
    call_json,
    report_json,
    row_json,
    transcript_json,
    transcript_text,
)
from callscribe.domain.segments import Segment, read_segment
from callscribe.ports import CallStore, Clock, Json, LiveFeed, TranscriptStore

USUAL_DAYS = 30
MOST_DAYS = 366
USUAL_LIMIT = 50
MOST_LIMIT = 200
DAYS_SIDE_BY_SIDE = 10
VIEWER_MINUTES = 60
DAY_MS = 86_400_000


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a list was left: the range it was for, and the call reached."""

    first: str
    last: str
    reached: str


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which calls are asked for: days `first` to `last`, `limit` of them, from a place on."""

    first: str
    last: str
    limit: int
    day: str
    after: str


@dataclass(frozen=True, slots=True)
class Document:
    """Something to send: its media type and its bytes."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers questions about calls."""

    calls: CallStore
    transcripts: TranscriptStore
    feed: LiveFeed
    clock: Clock

    async def list_calls(self, params: Mapping[str, str]) -> Json:
        """List calls, newest first: `from` and `to` (UTC days), `limit`, `continue`.

        Raises BadInputError naming the parameter and what was expected.
        """
        query = parse_query(params, self.clock.now())
        found = await self._collect(query)
        page = found[: query.limit]
        listing: Json = {
            "from": query.first,
            "to": query.last,
            "calls": [call_json(call) for call in page],
        }
        if len(found) > query.limit:
            listing["continue"] = _token(query, page[-1])
        return listing

    async def show_call(self, call_id: str) -> Json:
        """Return a call with its report and its timeline. Raises NotFoundError."""
        call = await self._call(call_id)
        timeline: dict[str, list[Json]] = {"e": [], "c": [], "g": []}
        async for key, row in self.transcripts.rows(call_id, "c-", "h"):
            timeline[key[0]].append(row_json(row))
        shown = call_json(call)
        if call.report is not None:
            shown["report"] = report_json(call.report)
        return shown | {
            "timeline": timeline["e"],
            "connections": timeline["c"],
            "gaps": timeline["g"],
        }

    async def transcript(self, call_id: str, wanted: str) -> Document:
        """Return what was said, as `json` or `text`. Raises NotFoundError, BadInputError."""
        if wanted not in ("json", "text"):
            raise BadInputError("format: expected json or text")
        call = await self._call(call_id)
        segments = await self._segments(call_id)
        if wanted == "text":
            text = transcript_text(call, segments)
            return Document("text/plain; charset=utf-8", text.encode(errors="replace"))
        return Document("application/json", msgspec.json.encode(transcript_json(call, segments)))

    async def viewer(self, call_id: str) -> Json:
        """Return where to watch a call: receive-only, for an hour. Raises NotFoundError."""
        await self._call(call_id)
        url = await self.feed.viewer_url(call_id, VIEWER_MINUTES)
        return {"url": url, "expiresInMinutes": VIEWER_MINUTES}

    async def _segments(self, call_id: str) -> list[Segment]:
        rows = self.transcripts.rows(call_id, "s-", "t")
        return [read_segment(key, row) async for key, row in rows]

    async def _call(self, call_id: str) -> Call:
        stored = await self.calls.read(call_id) if is_call_id(call_id) else None
        if stored is None:
            raise NotFoundError("no such call")
        return stored.call

    async def _collect(self, query: ListQuery) -> list[Call]:
        """Read the newest day, then several side by side, until there is one more than asked for.

        Where there are many calls, a page comes from one day, and reading more would be in vain.
        """
        days = days_back(query.first, query.day)
        wanted, found = query.limit + 1, list[Call]()
        for some in (days[:1], *batched(days[1:], DAYS_SIDE_BY_SIDE, strict=False)):
            pages = await asyncio.gather(
                *(
                    self.calls.of_day(each, query.after if each == query.day else "", wanted)
                    for each in some
                )
            )
            found += [call for page in pages for call in page]
            if len(found) >= wanted:
                break
        return found[:wanted]


def parse_query(params: Mapping[str, str], now: int) -> ListQuery:
    """Read a list's parameters. Raises BadInputError naming the one that is wrong."""
    last = _day(params, "to", day(now))
    first = _day(params, "from", day(max(0, _midnight(last) - (USUAL_DAYS - 1) * DAY_MS)))
    if first > last:
        raise BadInputError("from: expected a day not after `to`")
    if (date.fromisoformat(last) - date.fromisoformat(first)).days >= MOST_DAYS:
        raise BadInputError(f"from: expected at most {MOST_DAYS} days before `to`")
    limit = _limit(params.get("limit", str(USUAL_LIMIT)))
    token = params.get("continue")
    place = (last, "") if token is None else _place(token, first, last)
    return ListQuery(first, last, limit, *place)


def _day(params: Mapping[str, str], name: str, default: str) -> str:
    text = params.get(name, default)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInputError(f"{name}: expected a UTC day such as 2026-11-22") from None


def _midnight(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * DAY_MS


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_LIMIT):
        raise BadInputError(f"limit: expected a whole number from 1 to {MOST_LIMIT}")
    return int(text)


def _token(query: ListQuery, reached: Call) -> str:
    place = _Place(query.first, query.last, reached.id)
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _place(token: str, first: str, last: str) -> tuple[str, str]:
    """Return the day and the row key that a list goes on behind."""
    try:
        encoded = base64.b64decode(token, altchars=b"-_", validate=True)
        place = msgspec.json.decode(encoded, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadInputError("continue: expected a token from a list's answer") from None
    reached = call_keys(place.reached) if is_call_id(place.reached) else ("", "")
    if (place.first, place.last) != (first, last) or not first <= reached[0] <= last:
        raise BadInputError("continue: expected a token of this same list")
    return reached
