"""What is probed: a Web PubSub, and what it is asked with."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
# https://learn.microsoft.com/rest/api/webpubsub/dataplane/web-pub-sub
_HUB = re.compile(r"[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}")


class TargetError(Exception):
    """What was given cannot be probed; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Web PubSub; without a key the caller's own identity must have a role on it."""

    endpoint: str
    key: str | None = field(default=None, repr=False)
    hub: str | None = None
    # The port of this machine to which the hub's events come, by a tunnel perhaps.
    listen: int | None = None
    front: str | None = None

    @property
    def host(self) -> str:
        """Its host, with its port where it has one."""
        return urlsplit(self.endpoint).netloc

    @property
    def is_local(self) -> bool:
        """Tell whether it is on this machine, so that it may be the emulator."""
        return urlsplit(self.endpoint).hostname in LOOPBACK

    def client_url(self, hub: str, query: str, front: str | None) -> str:
        """Return the address that a client of the hub dials."""
        scheme = "wss" if self.endpoint.startswith("https:") else "ws"
        return f"{scheme}://{front or self.host}/client/hubs/{hub}?{query}"


def read_target(
    where: str, key: str | None, hub: str | None, listen: int | None, front: str | None
) -> Target:
    """Read what was given: an endpoint, or a connection string with its key. Raises TargetError."""
    if "=" in where:
        where, key = _connection_string(where)
    if hub is not None and not _HUB.fullmatch(hub):
        raise TargetError("--hub: expected a hub's name (a letter, then letters and digits)")
    if listen is not None and hub is None:
        raise TargetError("--listen: name the hub (--hub) whose events come to that port")
    if front is not None and not _HOST.fullmatch(front):
        raise TargetError("--front: expected a host's name, such as stream.example.com")
    endpoint = _endpoint(where)
    # The app's setting may hold both keys.
    key = (key or "").partition(",")[0]
    if not key and endpoint.startswith("http:"):
        raise TargetError("Entra's tokens go over https alone: give its access key")
    return Target(endpoint, key or None, hub, listen, front)


def _connection_string(text: str) -> tuple[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if part)
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    try:
        return values["endpoint"], values["accesskey"]
    except KeyError as missing:
        # Not the text itself: it may hold a key.
        raise TargetError(f"the connection string has no {missing}") from None


def _endpoint(text: str) -> str:
    expected = TargetError(
        "expected Web PubSub's address, such as https://NAME.webpubsub.azure.com, "
        "or a connection string (Endpoint=…;AccessKey=…;)"
    )
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise expected from None
    if not usable or parts.path.strip("/") or parts.query or parts.username:
        raise expected
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise TargetError("tokens go to it, so its address must begin with https")
    return f"{parts.scheme}://{parts.netloc}".lower()
