"""Storage that answers as it is told, in time that is not waited for: a session for the SDKs."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from azure.data.tables.aio import TableClient
from azure.storage.queue.aio import QueueClient
from yarl import URL

from callscribe.cloud.transport import ONE_TRY, share
from callscribe.storage.queue import StorageJobQueue
from callscribe.storage.tables import Table

_KEY = "AccountKey=a2V5;AccountName=account"
_CONNECTION = f"DefaultEndpointsProtocol=https;{_KEY};EndpointSuffix=core.windows.net"


@dataclass
class Answer:
    """One answer: its status, its body, and the seconds that it takes."""

    status: int = 204
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def reason(self) -> str:
        return ""

    async def read(self) -> bytes:
        return self.body.encode()

    def close(self) -> None:
        """Do nothing: there is no connection."""


@dataclass(frozen=True)
class Request:
    """A request that came: when, what, how long its answer is waited for, and its headers."""

    at: float
    method: str
    url: URL
    seconds: float
    headers: Mapping[str, str]


class Answers:
    """Takes the place of an aiohttp session: the next answers, then one for all that follow."""

    auto_decompress = False

    def __init__(self, *answers: Answer, then: Answer | None = None) -> None:
        self.answers = deque(answers)
        self.then = then or Answer(headers={"etag": "W/1"})
        self.requests: list[Request] = []

    @property
    def moments(self) -> list[float]:
        """The loop's time at each request."""
        return [request.at for request in self.requests]

    @property
    def table(self) -> Table:
        """A table as the app makes it."""
        client = TableClient.from_connection_string(_CONNECTION, "Rows", **self._options)
        return Table(client)

    @property
    def jobs(self) -> StorageJobQueue:
        """The queue as the app makes it."""
        client = QueueClient.from_connection_string(_CONNECTION, "jobs", **self._options)
        return StorageJobQueue(client, client)

    async def __aenter__(self) -> Self:
        return self

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        """Answer one request of an SDK's transport."""
        allowed = options["timeout"].sock_read
        assert allowed is not None
        at = asyncio.get_running_loop().time()
        self.requests.append(Request(at, method, URL(url), allowed, options["headers"]))
        answer = self.answers.popleft() if self.answers else self.then
        if answer.seconds > allowed:
            await asyncio.sleep(allowed)
            raise aiohttp.SocketTimeoutError
        await asyncio.sleep(answer.seconds)
        return answer

    @property
    def _options(self) -> dict[str, Any]:
        session: Any = self
        return {"transport": share(session), **ONE_TRY}


def refusal(status: int, code: str | None, **headers: str) -> Answer:
    """Return an answer of the Table service that says no, or of a front that answers for it."""
    error = {"odata.error": {"code": code, "message": {"lang": "en-US", "value": "no"}}}
    body = "<html>no</html>" if code is None else json.dumps(error)
    kind = "text/html" if code is None else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, {"Content-Type": kind, **named})


def page(keys: Iterable[str], goes_on_at: str | None = None, seconds: float = 0) -> Answer:
    """Return a page of rows, and where the next one begins."""
    rows = [{"odata.etag": "W/1", "PartitionKey": "p", "RowKey": key} for key in keys]
    headers = {"Content-Type": "application/json"}
    if goes_on_at is not None:
        headers["x-ms-continuation-NextPartitionKey"] = "p"
        headers["x-ms-continuation-NextRowKey"] = goes_on_at
    return Answer(200, json.dumps({"value": rows}), headers, seconds)
