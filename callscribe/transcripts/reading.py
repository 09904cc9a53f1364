"""Read calls and transcripts from their rows; nothing here changes anything."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.calls.call import Call
from callscribe.calls.call_json import call_json, report_json, row_json
from callscribe.calls.labelling import Labelling
from callscribe.calls.ports import CallStore, LiveFeed
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.identifiers import is_call_id
from callscribe.foundation.json_input import Json
from callscribe.foundation.ports import Clock, TranscriptStore
from callscribe.stream.segments import read_segment
from callscribe.transcripts.exporting import Document, document_of, parse_transcript_query
from callscribe.transcripts.list_query import parse_query
from callscribe.transcripts.listing import page_of

# Web PubSub checks a token's time only when a client connects: viewers may stay longer.
VIEWER_MINUTES = 60
# So many segments are a long transcript: to make a document of them takes more than a moment.
LONG = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers questions about calls. Every method may raise UnavailableError."""

    calls: CallStore
    transcripts: TranscriptStore
    labelling: Labelling
    feed: LiveFeed
    clock: Clock

    async def list_calls(self, params: Mapping[str, str]) -> Json:
        """List calls, newest first.

        Parameters: `from` and `to` (days in the zone `tz`, UTC unless told), `state`,
        `participant` (an id), `label`, `limit`, `continue`.
        Raises BadInputError naming the parameter and what was expected.
        """
        query = parse_query(params, self.clock.now())
        page, reached = await page_of(self.calls, self.labelling, query)
        listing: Json = {
            "from": query.first,
            "to": query.last,
            "calls": [call_json(call) for call in page],
        }
        return listing if reached is None else listing | {"continue": query.token(reached)}

    async def show_call(self, call_id: str) -> Json:
        """Return a call with its report and timeline. Raises NotFoundError for an unknown call."""
        call = await self._call(call_id)
        timeline: dict[str, list[Json]] = {"e": [], "c": [], "g": []}
        # Keys of connections, events and gaps come before those of segments, which are many.
        async for key, row in self.transcripts.rows(call_id, "c-", "h"):
            if key[:2] in ("c-", "e-", "g-"):
                timeline[key[0]].append(row_json(row))
        shown = call_json(call)
        if call.report is not None:
            shown["report"] = report_json(call.report)
        return shown | {
            "timeline": timeline["e"],
            "connections": timeline["c"],
            "gaps": timeline["g"],
        }

    async def transcript(
        self, call_id: str, params: Mapping[str, str], accept: str | None = None
    ) -> Document:
        """Return what was said, in the `format` of the parameters, or in one that `accept` names.

        With `q`, only the segments that contain that text; with `tz`, times for people in that
        zone; with `bom`, CSV with a byte order mark. Raises BadInputError for a wrong
        parameter, NotAcceptableError when no format is accepted, NotFoundError for an unknown call.
        """
        query = parse_transcript_query(params, accept)
        call = await self._call(call_id)
        people = {key: row async for key, row in self.transcripts.rows(call_id, "p-", "q")}
        rows = self.transcripts.rows(call_id, "s-", "t")
        segments = [read_segment(key, row) async for key, row in rows]
        if len(segments) <= LONG:
            return document_of(call, people, segments, query)
        # It takes up to a second or two, in which nothing else would be answered.
        return await asyncio.to_thread(document_of, call, people, segments, query)

    async def viewer(self, call_id: str) -> Json:
        """Return an address that only receives. Raises NotFoundError for an unknown call."""
        await self._call(call_id)
        url = await self.feed.viewer_url(call_id, VIEWER_MINUTES)
        return {"url": url, "expiresInMinutes": VIEWER_MINUTES}

    async def _call(self, call_id: str) -> Call:
        stored = await self.calls.read(call_id) if is_call_id(call_id) else None
        if stored is None:
            raise NotFoundError("no such call")
        return stored.call
