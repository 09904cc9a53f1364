"""CloudEvents as the service posts them, and the replies of an upstream.

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
    """One event; all its deliveries have the same headers and the same body."""

    id: int
    type: str
    name: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def system(self) -> bool:
        """Tell whether this is an event of the service itself, not a message of the client."""
        return self.type.startswith(SYSTEM)


@dataclass(frozen=True, slots=True)
class Source:
    """What all events of one connection have in common."""

    connection_id: str
    hub: str
    origin: str
    signature: str

    def headers(self) -> dict[str, str]:
        """Return the headers that all events of the connection have."""
        return {
            "WebHook-Request-Origin": self.origin,
            "ce-specversion": "1.0",
            # Not on the page above, but Microsoft's Express middleware answers 404 without it.
            "ce-awpsversion": "1.0",
            "ce-source": f"/hubs/{self.hub}/client/{self.connection_id}",
            "ce-signature": self.signature,
            "ce-connectionId": self.connection_id,
            "ce-hub": self.hub,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a delivery; without a status there was no answer, and `error` says why."""

    status: int | None
    error: str = ""
    is_transient: bool = False
    body: bytes = b""
    content_type: str = ""
    state: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the upstream has acknowledged the event."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


def is_transient(status: int) -> bool:
    """Tell whether a delivery with this status may succeed when it is repeated."""
    # 408 and 5xx, but not 429, as in Microsoft's emulator:
    # https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
    return status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def now() -> str:
    """Return the current time as in `ce-time`: whole seconds, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def header_value(text: str) -> str:
    """Return text for a header: what is not visible ASCII is percent-encoded as UTF-8."""
    if text.isascii() and text.isprintable():
        return text
    return quote(text, safe=_VISIBLE, errors="replace")
