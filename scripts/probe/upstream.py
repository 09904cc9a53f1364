"""An event handler for scratch hubs: it lets in what the probe dials, and notes what it got."""

import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

from scripts.probe.doors import Seen
from scripts.probe.target import TargetError

CONNECT = "azure.webpubsub.sys.connect"
CALL_HEADER = "x-ms-call-connection-id"

Values = dict[str, list[str]]


class _Connect(msgspec.Struct):
    claims: Values = {}
    query: Values = {}
    headers: Values = {}


@dataclass(frozen=True, slots=True)
class Marks:
    """By what the dials of one run are known; `ticket` opens the ticket's door."""

    call: str
    ticket: str


class Upstream:
    """Answers the events of the hubs that are probed."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._seen: Seen | None = None

    def take(self) -> Seen | None:
        """Return what came with the last `connect` since this was asked last."""
        seen, self._seen = self._seen, None
        return seen

    async def serve(self, request: web.Request) -> web.Response:
        """Allow the validation, decide about `connect`, acknowledge all else."""
        if request.method != "POST":
            return web.Response(headers={"WebHook-Allowed-Origin": "*"})
        if request.headers.get("ce-type") != CONNECT:
            return web.Response(status=204)
        try:
            connect = msgspec.json.decode(await request.read(), type=_Connect)
        except msgspec.DecodeError:
            return web.Response(status=400)
        self._note(connect)
        if not self._lets_in(connect):
            return web.Response(status=401)
        return web.json_response({"userId": self._marks.call})

    def _note(self, connect: _Connect) -> None:
        headers = {name.lower(): values for name, values in connect.headers.items()}
        query = self._marks.call in connect.query.get("call", ())
        named = self._marks.call in headers.get(CALL_HEADER, ())
        # A hub that is reached from outside may have other clients.
        if query or named or self._is_ours(connect.claims):
            self._seen = Seen(query=query, header="authorization" in headers)

    def _lets_in(self, connect: _Connect) -> bool:
        tickets = connect.query.get("ticket", ())
        known = any(hmac.compare_digest(each, self._marks.ticket) for each in tickets)
        return known or self._is_ours(connect.claims)

    def _is_ours(self, claims: Mapping[str, list[str]]) -> bool:
        return claims.get("sub") == [self._marks.call]


@asynccontextmanager
async def listening(upstream: Upstream, port: int) -> AsyncIterator[int]:
    """Serve on a port of this machine, any if it is 0, and yield it. Raises TargetError."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", upstream.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            raise TargetError(f"--listen: port {port} cannot be used: {error.strerror}") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
