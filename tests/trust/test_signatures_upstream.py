"""A signature can be replayed and a code can leak: it takes both."""

import hashlib
import hmac

import pytest

from callscribe.foundation.deadline import NEVER
from callscribe.foundation.errors import UnauthorizedError
from callscribe.trust.signatures import SignedUpstream

UPSTREAM = SignedUpstream(("first", "second"), "code")


def signed(connection_id: str, key: str) -> str:
    return f"sha256={hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest()}"


def event(signature: str, connection: str) -> dict[str, str]:
    return {"ce-signature": signature, "ce-connectionid": connection}


@pytest.mark.parametrize("key", ["first", "second"])
async def test_an_upstream_event_needs_the_code_and_a_signature(key: str) -> None:
    await UPSTREAM.verify(event(signed("connection", key), "connection"), "code", "call", NEVER)


@pytest.mark.parametrize(
    ("code", "signature", "connection"),
    [
        ("", signed("connection", "first"), "connection"),
        ("wrong", signed("connection", "first"), "connection"),
        ("code", signed("connection", "third"), "connection"),
        ("code", signed("other", "first"), "connection"),
        ("code", "", "connection"),
    ],
)
async def test_neither_alone_is_enough(code: str, signature: str, connection: str) -> None:
    with pytest.raises(UnauthorizedError):
        await UPSTREAM.verify(event(signature, connection), code, "call", NEVER)


def test_no_key_and_no_code_is_shown() -> None:
    assert "first" not in repr(UPSTREAM)
    assert "code=" not in repr(UPSTREAM)
