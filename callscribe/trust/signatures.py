"""What proves that an event is Web PubSub's, and that its connection was let in for its call.

The first is a signature with an access key and a shared code, the second a mark that travels in
the connection's state.

Imports nothing that is slow to load: a stream's first event after a cold start waits for it.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.headers import single_value

# How many characters of a hash tell one connection from another, and how many (16 bytes) prove it.
_NAMED, _PROVED = 8, 22


@dataclass(frozen=True, slots=True)
class SignedUpstream:
    """Verifies Web PubSub's events by signature and code.

    A signature alone can be replayed, so the code of the upstream's address must come with it;
    where there is no code, nothing is accepted.
    """

    access_keys: tuple[str, ...] = field(repr=False)
    code: str | None = field(repr=False)

    async def verify(
        self, headers: Mapping[str, str], code: str, _call_id: object, _deadline: object
    ) -> None:
        """Accept an event by its headers (names in lower case) and the address's code.

        Nothing is waited for, so neither call nor deadline are looked at. Raises UnauthorizedError
        when signature or code do not match.
        """
        check_code(code, self.code)
        connection_id = single_value(headers, "ce-connectionid")
        check_signature(headers.get("ce-signature", ""), connection_id, self.access_keys)


class Standing(StrEnum):
    """What is known of a connection; the value begins its mark."""

    LET_IN = "a"
    UNSEEN = "u"
    """It was let in while its call could not be read."""
    UNKNOWN = "-"
    """It brings no mark, or one that none of our keys has made."""
    FOREIGN = "x"
    """Its mark was made for another call or connection."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes and reads the marks of connections; the keys prove them, the first makes new ones.

    Without keys a mark names its call and connection and proves nothing: that is enough where the
    sender of the state has proved itself by a token.
    """

    access_keys: tuple[str, ...] = field(repr=False)

    def make(self, standing: Standing, call_id: str, connection_id: str, stream_id: str) -> str:
        """Return the mark of a connection, by its call, its own id and that of its stream."""
        named = standing + _name(call_id, connection_id)
        if not self.access_keys:
            return named
        return named + _proof(self.access_keys[0], named, call_id, connection_id, stream_id)

    def read(self, mark: str | None, call_id: str, connection_id: str, stream_id: str) -> Standing:
        """Return what a mark says of the connection that brings it."""
        if not mark or mark[0] not in (Standing.LET_IN, Standing.UNSEEN):
            return Standing.UNKNOWN
        named, proof = mark[: _NAMED + 1], _bytes(mark[_NAMED + 1 :])
        if named[1:] != _name(call_id, connection_id):
            return Standing.FOREIGN
        names = (named, call_id, connection_id, stream_id)
        proofs = (_bytes(_proof(key, *names)) for key in self.access_keys)
        known = any(hmac.compare_digest(proof, each) for each in proofs)
        proved = known if self.access_keys else not proof
        return Standing(mark[0]) if proved else Standing.UNKNOWN


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


def _signed(connection_id: str, access_key: str) -> bytes:
    # The key looks like base64, but Web PubSub signs with its characters as they are.
    digest = hmac.new(access_key.encode(), _bytes(connection_id), hashlib.sha256).hexdigest()
    return f"sha256={digest}".encode()


def _bytes(text: str) -> bytes:
    # Headers that are not ASCII arrive with lone surrogates, which plain UTF-8 cannot encode.
    return text.encode(errors="surrogatepass")


def _name(call_id: str, connection_id: str) -> str:
    return _digest(hashlib.sha256(_bytes(f"{call_id} {connection_id}")).digest())[:_NAMED]


def _proof(key: str, named: str, call_id: str, connection_id: str, stream_id: str) -> str:
    # Web PubSub signs connection ids with the same key: none of those begins like this.
    text = f"callscribe {named} {call_id} {stream_id} {connection_id}"
    return _digest(hmac.digest(key.encode(), _bytes(text), "sha256"))[:_PROVED]


def _digest(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode()
