"""Who may come in: access tokens of clients and of the REST API, and our own signature upstream."""

import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from yarl import URL

Claims = Mapping[str, Any]

_LOCAL_NAMES = ("127.0.0.1", "[::1]")


class TokenError(Exception):
    """The caller gave no token that counts here; the message says what is wrong with it."""


def verify(token: str | None, keys: Iterable[str], host: str, path: str) -> Claims:
    """Return the claims of a token that is meant for `path` on `host`; raises TokenError."""
    if not token:
        raise TokenError("there is no access token")
    claims = _decode(token, keys)
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not any(_names(audience, host, path) for audience in audiences):
        raise TokenError(f"the token's audience is not {path} on {host}")
    return claims


def bearer(header: str | None) -> str | None:
    """Return the token of an Authorization header."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def client_token(key: str, host: str, hub: str, minutes: int, claims: Mapping[str, object]) -> str:
    """Return a token that opens a client socket, as `:generateToken` issues it."""
    now = int(time.time())
    fixed = {
        "aud": f"http://{host}{client_path(hub)}",
        "iat": now,
        "exp": now + 60 * minutes,
    }
    return jwt.encode({**fixed, **claims}, key.encode(), algorithm="HS256")


def client_path(hub: str) -> str:
    """Return the path that clients of a hub connect to, and that their tokens name."""
    return f"/client/hubs/{hub}"


def signature(keys: Iterable[str], connection_id: str) -> str:
    """Return the `ce-signature` of a connection's events, one hash for each key."""
    hashes = (
        hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest() for key in keys
    )
    return ",".join(f"sha256={value}" for value in hashes)


def _decode(token: str, keys: Iterable[str]) -> dict[str, Any]:
    for key in keys:
        try:
            return jwt.decode(
                token,
                key.encode(),
                algorithms=["HS256"],
                options={"verify_aud": False, "require": ["aud", "exp"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise TokenError(f"the token is not valid: {error}") from error
    raise TokenError("the token is signed with another key")


def _names(audience: object, host: str, path: str) -> bool:
    """Compare the host as people write it, the path exactly.

    The SDK signs the address before its HTTP client requotes it (`%3A` is sent as `:`), so both
    are requoted here; nothing is decoded that would make two addresses one.
    """
    scheme, _, rest = str(audience).partition("://")
    authority, slash, tail = rest.partition("/")
    return (
        scheme.lower() in {"http", "https", "ws", "wss"}
        and _plain(authority) == _plain(host)
        and URL(slash + tail).raw_path_qs == URL(path).raw_path_qs
    )


def _plain(authority: str) -> str:
    plain = authority.lower()
    for name in _LOCAL_NAMES:
        plain = plain.replace(name, "localhost")
    return plain
