"""What proves that a token is good: RS256, a known issuer, meant for us, and of now.

Nothing here fetches keys. Whatever is wrong, the sender learns only that it was refused.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt

from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.moments import LATEST

LONGEST_TOKEN = 16 * 1024
LEEWAY_SECONDS = 300
"""ACS's own samples allow five minutes; a callback's token lives as long."""
_KEY_ID = re.compile(r"(?!/|.*\.\.)[!-\[\]-~]{1,256}")
"""Printable ASCII; nothing that reads as a path to somewhere."""


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """Whose tokens are good: any of the issuers, any of the audiences.

    `claims` names further claims and the values that they may have: who, besides where from.
    """

    issuers: frozenset[str]
    audiences: frozenset[str]
    claims: Mapping[str, frozenset[str]] = field(default_factory=dict)


def bearer_token(authorization: str) -> str:
    """Take the token out of an Authorization header. Raises UnauthorizedError."""
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token or len(token) > LONGEST_TOKEN:
        raise UnauthorizedError("expected one bearer token")
    return token


def key_id(token: str) -> str:
    """Return which key a token says it is signed with, before anything is believed.

    Raises UnauthorizedError for anything but RS256, and for a key id that cannot be one. Headers
    that point to keys elsewhere (`jku`, `x5u`, `jwk`) are never followed.
    """
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        raise UnauthorizedError("not a token") from None
    found = header.get("kid")
    if header.get("alg") != "RS256" or "crit" in header:
        raise UnauthorizedError("expected an RS256 token")
    if not isinstance(found, str) or not _KEY_ID.fullmatch(found):
        raise UnauthorizedError("expected a key id")
    return found


def check_claims(token: str, policy: TokenPolicy, now: int) -> None:
    """Refuse a token that no key can make good, before a key is fetched or waited for.

    Raises UnauthorizedError. Passing proves nothing yet: anybody can write claims.
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise UnauthorizedError("not a token") from None
    _check_claims(claims, policy, now)


def check_token(token: str, key: jwt.PyJWK, policy: TokenPolicy, now: int) -> Mapping[str, object]:
    """Return the claims of a token that is signed by `key` and good at `now` (Unix ms).

    Raises UnauthorizedError: signature, issuer, audience (of several, all must be ours), further
    claims of the policy, or times (`exp` is required).
    """
    try:
        # Times and audience are checked below: PyJWT reads the machine's clock for them.
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "verify_iss": False,
            },
        )
    except (jwt.PyJWTError, ValueError):
        raise UnauthorizedError("the signature does not match") from None
    _check_claims(claims, policy, now)
    return claims


def _check_claims(claims: Mapping[str, object], policy: TokenPolicy, now: int) -> None:
    if not _all_in(policy.issuers, [claims.get("iss")]):
        raise UnauthorizedError("wrong issuer")
    audience = claims.get("aud")
    if not _all_in(policy.audiences, audience if isinstance(audience, list) else [audience]):
        raise UnauthorizedError("wrong audience")
    for name, allowed in policy.claims.items():
        if not _all_in(allowed, [claims.get(name)]):
            raise UnauthorizedError(f"wrong {name}")
    _check_times(claims, now / 1000)


def _all_in(known: frozenset[str], values: list[object]) -> bool:
    return bool(values) and all(isinstance(value, str) and value in known for value in values)


def _check_times(claims: Mapping[str, object], now: float) -> None:
    if now > _time(claims.get("exp")) + LEEWAY_SECONDS:
        raise UnauthorizedError("expired")
    if now < _time(claims.get("nbf", now)) - LEEWAY_SECONDS:
        raise UnauthorizedError("not valid yet")


def _time(claim: object) -> float:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise UnauthorizedError("expected a time")
    if not 0 <= claim <= LATEST / 1000:
        raise UnauthorizedError("expected a time in this age")
    return claim
