"""The running app, and its answers."""

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

KEY = "the-functions-key"
# In seconds: only something that is broken is waited for so long, however busy the machine is.
PATIENCE = 120
# Calls of the story, which docs/querying.md shows too.
DICTATION = "01KKNP13Z06TNCXWC93SK354G1"
ORDER = "01KKNTQ2CN7VNQX5Q5KKJ0Z75H"
REFUSED = "01KKP3FDG0GF479MSYHFZQ7JNA"
# No document shows this one: tests may change it.
ACTIVE = "01KKR84P00JT3SC4B51Y0AG4WJ"

_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, read whole."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Api:
    """Where the app is served."""

    url: str

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask the app; nothing is added to what is told, and no redirect or proxy is used."""
        request = Request(self.url + path, body, headers or {}, method=method)  # noqa: S310 - ours
        return send(request)


def send(request: Request) -> Answer:
    """Send a request; an answer that refuses it is an answer."""
    try:
        with _OPENER.open(request, timeout=PATIENCE) as response:
            return Answer(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())
