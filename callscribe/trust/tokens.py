"""What proves that a token is good: RS256, a known issuer, meant for us, and valid now.

PyJWT checks what it can, by the machine's clock; only the rules that it lacks are written here.
Nothing here fetches keys. Whatever is wrong, the sender learns only that it was refused.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from jwt.types import Options

from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.moments import LATEST, Ms, Seconds, elapsed

# Real tokens have a few KiB: a longer one is refused before any of it is parsed.
LONGEST_TOKEN = 16 * 1024
# ACS's own samples allow five minutes, which is also how long a callback's token is valid.
LEEWAY = Seconds(300)
# Printable ASCII; nothing that could be read as a path.
_KEY_ID = re.compile(r"(?!/|.*\.\.)[!-\[\]-~]{1,256}")
# All are named: while `verify_signature` is off, PyJWT checks only what it is asked to check.
# `iat` is not: it does not say how long a token is valid, and the issuer's clock may be ahead.
_CHECKS: Options = {
    "require": ["exp", "iss", "aud"],
    "verify_exp": True,
    "verify_nbf": True,
    "verify_iat": False,
    "verify_iss": True,
    "verify_aud": True,
    "verify_sub": True,
    "verify_jti": True,
}
_LATEST = elapsed(Ms(0), LATEST)
_MISSING = {"iss": "wrong issuer", "aud": "wrong audience", "exp": "expected a time"}
_REASONS: dict[type[Exception], str] = {
    jwt.InvalidIssuerError: "wrong issuer",
    jwt.InvalidAudienceError: "wrong audience",
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not valid yet",
    jwt.InvalidAlgorithmError: "the signature does not match",
    jwt.InvalidSignatureError: "the signature does not match",
}


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """Whose tokens are good: any of the issuers, any of the audiences.

    `claims` names further claims and the values that each may have, such as the sender's id.
    """

    issuers: frozenset[str]
    audiences: frozenset[str]
    claims: Mapping[str, frozenset[str]] = field(default_factory=dict)


def bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header.

    Raises UnauthorizedError where it is not exactly one bearer token of acceptable length.
    """
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token or len(token) > LONGEST_TOKEN:
        raise UnauthorizedError("expected one bearer token")
    return token


def claimed_issuer(authorization: str) -> str | None:
    """Return who an Authorization header's token claims to be from, which proves nothing yet.

    None where it is no bearer token that can be read.
    """
    try:
        claims = jwt.decode(bearer_token(authorization), options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, UnauthorizedError):
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def key_id(token: str) -> str:
    """Return the id of the key that a token claims to be signed with, which proves nothing yet.

    Raises UnauthorizedError for any algorithm but RS256, for critical extensions (`crit`), and
    for a key id that cannot be one. Headers that point to keys elsewhere (`jku`, `x5u`, `jwk`)
    are never followed.
    """
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        raise UnauthorizedError("not a token") from None
    found = header.get("kid")
    # The verifier chooses the algorithm, and refuses extensions that it does not know:
    # https://www.rfc-editor.org/rfc/rfc8725#section-3.1
    # https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
    if header.get("alg") != "RS256" or "crit" in header:
        raise UnauthorizedError("expected an RS256 token")
    if not isinstance(found, str) or not _KEY_ID.fullmatch(found):
        raise UnauthorizedError("expected a key id")
    return found


def check_claims(token: str, policy: TokenPolicy) -> None:
    """Refuse a token with claims that are not accepted, before a key is fetched or waited for.

    Passing proves nothing yet: anybody can write claims. Raises UnauthorizedError for all the
    reasons of `check_token` except the signature.
    """
    _claims(token, "", policy, {**_CHECKS, "verify_signature": False})


def check_token(token: str, key: jwt.PyJWK, policy: TokenPolicy) -> Mapping[str, object]:
    """Return the claims of a token that is signed by `key` and valid now, within the leeway.

    Raises UnauthorizedError when the signature does not match, the issuer is not one of the
    policy's, an audience is none of the policy's (of several, all must be), a further claim of
    the policy differs, or the token is expired or not valid yet. `exp` is required.
    """
    return _claims(token, key, policy, _CHECKS)


def _claims(
    token: str, key: jwt.PyJWK | str, policy: TokenPolicy, options: Options
) -> dict[str, Any]:
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=policy.audiences,
            issuer=policy.issuers,
            leeway=LEEWAY,
            options=options,
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise UnauthorizedError(_reason(error)) from None
    _check_audiences(claims["aud"], policy.audiences)
    _check_further(claims, policy.claims)
    for name in ("exp", "nbf"):
        if name in claims:
            _check_time(claims[name])
    return claims


def _reason(error: Exception) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return _MISSING[error.claim]
    return _REASONS.get(type(error), "malformed")


def _check_audiences(claimed: str | list[str], ours: frozenset[str]) -> None:
    """Refuse a token that is meant for others too; to PyJWT one fitting audience is enough."""
    audiences = {claimed} if isinstance(claimed, str) else set(claimed)
    if not audiences <= ours:
        raise UnauthorizedError("wrong audience")


def _check_further(claims: Mapping[str, object], expected: Mapping[str, frozenset[str]]) -> None:
    for name, allowed in expected.items():
        value = claims.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise UnauthorizedError(f"wrong {name}")


def _check_time(claim: object) -> None:
    """Refuse what is no number of seconds; PyJWT accepts whatever `int()` does."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise UnauthorizedError("expected a time")
    if not 0 <= claim <= _LATEST:
        raise UnauthorizedError("expected a time in this age")
