"""CloudEvents as the service posts them, and the answers of an upstream.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

SYSTEM = "azure.webpubsub.sys."
USER = "azure.webpubsub.user."
CONNECT = SYSTEM + "connect"

JSON = "application/json"
TEXT = "text/plain"
BINARY = "application/octet-stream"
SYSTEM_CONTENT = f"{JSON}; charset=utf-8"

_VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F)) + " "


@dataclass(frozen=True, slots=True)
class Event:
    """One event: every delivery of it carries the same headers and the same bytes."""

    id: int
    type: str
    name: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def system(self) -> bool:
        """Say whether this is the service's own event, not a client's message."""
        return self.type.startswith(SYSTEM)


@dataclass(frozen=True, slots=True)
class Source:
    """What the headers of all events of one connection have in common."""

    connection_id: str
    hub: str
    origin: str
    signature: str

    def headers(self) -> dict[str, str]:
        """Return the headers that never change."""
        return {
            "WebHook-Request-Origin": self.origin,
            "ce-specversion": "1.0",
            "ce-awpsversion": "1.0",
            "ce-source": f"/hubs/{self.hub}/client/{self.connection_id}",
            "ce-signature": self.signature,
            "ce-connectionId": self.connection_id,
            "ce-hub": self.hub,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an event; without a status nobody answered, and `error` says why."""

    status: int | None
    error: str = ""
    may_pass: bool = False
    body: bytes = b""
    content_type: str = ""
    state: str | None = None

    @property
    def ok(self) -> bool:
        """Say whether the upstream took the event."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


def may_pass(status: int) -> bool:
    """Say whether a delivery that was answered so is worth repeating.

    https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
    """
    return status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def now() -> str:
    """Return the time as `ce-time` carries it: whole seconds, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def header_value(text: str) -> str:
    """Return text that fits a header: what is not visible ASCII is percent-encoded as UTF-8."""
    if text.isascii() and text.isprintable():
        return text
    return quote(text, safe=_VISIBLE, errors="replace")
