"""Access tokens of clients and of REST callers, and the signature of upstream events."""

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
    """The caller has no valid token; the message says what is wrong with it."""


def verify(token: str | None, keys: Iterable[str], host: str, path: str) -> Claims:
    """Return the claims of a token for `path` on `host`. Raises TokenError."""
    if not token:
        raise TokenError("there is no access token")
    claims = _decode(token, keys)
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not any(_is_audience(audience, host, path) for audience in audiences):
        raise TokenError(f"the token's audience is not {path} on {host}")
    return claims


def bearer(header: str | None) -> str | None:
    """Return the token of an Authorization header."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def client_token(key: str, host: str, hub: str, minutes: int, claims: Mapping[str, object]) -> str:
    """Return the token of a client, as `:generateToken` issues it."""
    now = int(time.time())
    fixed = {
        "aud": f"http://{host}{client_path(hub)}",
        "iat": now,
        "exp": now + 60 * minutes,
    }
    return jwt.encode({**fixed, **claims}, key.encode(), algorithm="HS256")


def client_path(hub: str) -> str:
    """Return the path to which the clients of a hub connect; it is also in their tokens."""
    return f"/client/hubs/{hub}"


def signature(keys: Iterable[str], connection_id: str) -> str:
    """Return the `ce-signature` of a connection's events, one hash for each key."""
    # The characters of the key are the secret: unlike ACS's keys it is not decoded from base64.
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
                # The audience is compared by `_is_audience`: PyJWT knows only exact equality.
                options={"verify_aud": False, "require": ["aud", "exp"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise TokenError(f"the token is not valid: {error}") from error
    raise TokenError("the token is signed with another key")


def _is_audience(audience: object, host: str, path: str) -> bool:
    """Tell whether an audience is this address; the path must be equal, the host equivalent."""
    scheme, _, rest = str(audience).partition("://")
    authority, slash, tail = rest.partition("/")
    # The SDK signs the address before its HTTP client quotes it anew (`%3A` is sent as `:`), so
    # both are quoted anew here. Nothing is decoded, which could make two addresses equal.
    return (
        scheme.lower() in {"http", "https", "ws", "wss"}
        and _normalised(authority) == _normalised(host)
        and URL(slash + tail).raw_path_qs == URL(path).raw_path_qs
    )


def _normalised(authority: str) -> str:
    plain = authority.lower()
    for name in _LOCAL_NAMES:
        plain = plain.replace(name, "localhost")
    return plain
