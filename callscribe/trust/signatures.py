"""What proves that an event is Web PubSub's: its signature, with a code that we share with it.

Apart from `trust`, whose libraries for tokens are heavy: a stream's events need none of them.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.headers import single_value

_ORIGIN = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9.-]+)(?::[0-9]{1,5})?/?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class SignedUpstream:
    """Accepts Web PubSub's events: a signature alone can be replayed, so a code comes with it."""

    access_keys: tuple[str, ...] = field(repr=False)
    code: str = field(repr=False)

    async def verify(self, headers: Mapping[str, str], code: str) -> None:
        """Accept an event by its headers (names in lower case) and the address's code.

        Raises UnauthorizedError.
        """
        check_code(code, self.code)
        connection_id = single_value(headers, "ce-connectionid")
        check_signature(headers.get("ce-signature", ""), connection_id, self.access_keys)


def check_signature(signature: str, connection_id: str, access_keys: tuple[str, ...]) -> None:
    """Accept a `ce-signature` header of which one entry is made with one of our keys.

    The signature covers the connection id alone, so it never proves a sender by itself.
    Raises UnauthorizedError. https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
    """
    wanted = [_signed(connection_id, key) for key in access_keys]
    entries = [_bytes(entry.strip().lower()) for entry in signature.split(",")]
    if not any(hmac.compare_digest(entry, want) for entry in entries for want in wanted):
        raise UnauthorizedError("the signature does not match")


def check_code(code: str, expected: str) -> None:
    """Accept the shared code of the upstream address; an empty one proves nothing.

    Raises UnauthorizedError.
    """
    if not expected or not hmac.compare_digest(_bytes(code), _bytes(expected)):
        raise UnauthorizedError("wrong code")


def allowed_origin(origin: str, host: str) -> bool:
    """Tell whether a webhook validation's origin is our own Web PubSub (`host`, port apart)."""
    ours = _host_name(host)
    return ours is not None and _host_name(origin) == ours


def _signed(connection_id: str, access_key: str) -> bytes:
    digest = hmac.new(access_key.encode(), _bytes(connection_id), hashlib.sha256).hexdigest()
    return f"sha256={digest}".encode()


def _bytes(text: str) -> bytes:
    # Headers that are not ASCII reach us with lone surrogates, which have no UTF-8.
    return text.encode(errors="surrogatepass")


def _host_name(origin: str) -> str | None:
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return None
    name = match["host"].lower()
    return "localhost" if name == "127.0.0.1" else name
