"""What proves that an event is Web PubSub's: a signature with its access key, and a shared code.

Imports nothing that is slow to load: a stream's first event after a cold start waits for it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.headers import single_value

# `WebHook-Request-Origin` is a host name, and the setting that it is compared with an address:
# https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
_ORIGIN = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9.-]+)(?::[0-9]{1,5})?/?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class SignedUpstream:
    """Verifies Web PubSub's events by signature and code.

    A signature alone can be replayed, so the code of the upstream's address must come with it;
    where there is no code, nothing is accepted.
    """

    access_keys: tuple[str, ...] = field(repr=False)
    code: str | None = field(repr=False)

    async def verify(self, headers: Mapping[str, str], code: str) -> None:
        """Accept an event by its headers (names in lower case) and the address's code.

        Raises UnauthorizedError when either does not match.
        """
        check_code(code, self.code)
        connection_id = single_value(headers, "ce-connectionid")
        check_signature(headers.get("ce-signature", ""), connection_id, self.access_keys)


def check_signature(signature: str, connection_id: str, access_keys: tuple[str, ...]) -> None:
    """Accept a `ce-signature` header of which one entry is made with one of our keys.

    The signature covers the connection id alone, so it never proves a sender by itself.
    Raises UnauthorizedError when no entry matches.
    https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
    """
    expected = [_signed(connection_id, key) for key in access_keys]
    entries = [_bytes(entry.strip().lower()) for entry in signature.split(",")]
    # The time this takes does not tell how much of a wrong entry is right:
    # https://docs.python.org/3/library/hmac.html#hmac.compare_digest
    if not any(hmac.compare_digest(entry, each) for entry in entries for each in expected):
        raise UnauthorizedError("the signature does not match")


def check_code(code: str, expected: str | None) -> None:
    """Accept the shared code of the upstream's address.

    Raises UnauthorizedError when it differs, or when no code (or an empty one) is expected.
    """
    if not expected or not hmac.compare_digest(_bytes(code), _bytes(expected)):
        raise UnauthorizedError("wrong code")


def allowed_origin(origin: str, host: str) -> bool:
    """Tell whether a webhook validation's origin is our own Web PubSub (`host`), on any port."""
    ours = _host_name(host)
    return ours is not None and _host_name(origin) == ours


def _signed(connection_id: str, access_key: str) -> bytes:
    # The key looks like base64, but Web PubSub signs with its characters as they are.
    digest = hmac.new(access_key.encode(), _bytes(connection_id), hashlib.sha256).hexdigest()
    return f"sha256={digest}".encode()


def _bytes(text: str) -> bytes:
    # Headers that are not ASCII arrive with lone surrogates, which plain UTF-8 cannot encode.
    return text.encode(errors="surrogatepass")


def _host_name(origin: str) -> str | None:
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return None
    name = match["host"].lower()
    # The local emulator is reached by either name.
    return "localhost" if name == "127.0.0.1" else name
