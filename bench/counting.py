"""A proxy before Azurite that counts what the app asks of its tables and of its queue."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import hdrs, web
from yarl import URL

from emulator.azurite import connection_string
from emulator.ports import Ports

_ENTITY = re.compile(r"^/\w+/([\w$]+)(\(PartitionKey)?")
# What belongs to one hop alone: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Requests:
    """The requests so far, by what they are: `read Calls`, `save Calls`, `send jobs` and so on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def note(self, method: str, path: str) -> None:
        """Count a request to a table or queue."""
        self.counts[kind(method, path)] += 1

    def of(self, verb: str) -> int:
        """Return how many requests there were of one sort, whatever they were to."""
        return sum(count for name, count in self.counts.items() if name.split()[0] == verb)


def kind(method: str, path: str) -> str:
    """Return what a request does and to which table or queue."""
    if "/messages" in path:
        queue = path.split("/")[2]
        return f"{ {'GET': 'poll', 'POST': 'send'}.get(method, 'settle') } {queue}"
    found = _ENTITY.match(path)
    name = found[1] if found else path.rsplit("/", maxsplit=1)[-1]
    if method == "GET":
        return f"{'read' if found and found[2] else 'query'} {name}"
    return f"{ {'POST': 'insert', 'DELETE': 'delete'}.get(method, 'save') } {name}"


@asynccontextmanager
async def counted(ports: Ports) -> AsyncIterator[tuple[Requests, dict[str, str]]]:
    """Yield the counts, and the setting with which the app's requests pass the proxy."""
    requests = Requests()
    text = connection_string(ports.azurite)
    async with AsyncExitStack() as exits, _session() as session:
        for port in (ports.azurite, ports.azurite + 1, ports.azurite + 2):
            own = await exits.enter_async_context(_proxy(requests, session, port))
            text = text.replace(f":{port}/", f":{own}/")
        yield requests, {"TranscriptStorage": text}


def _session() -> aiohttp.ClientSession:
    # Nothing is added: a type that was not there would be signed otherwise.
    return aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=[hdrs.CONTENT_TYPE])


@asynccontextmanager
async def _proxy(
    requests: Requests, session: aiohttp.ClientSession, port: int
) -> AsyncIterator[int]:
    async def forward(request: web.Request) -> web.Response:
        requests.note(request.method, request.rel_url.path)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        # As it came: the path is part of what is signed.
        url = URL(f"http://127.0.0.1:{port}{request.raw_path}", encoded=True)
        body = await request.read()
        async with session.request(request.method, url, headers=headers, data=body) as answer:
            kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in _HOP]
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    application = web.Application(client_max_size=8 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(application, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
