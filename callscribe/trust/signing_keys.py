"""Which of the keys that an issuer publishes may prove a token.

https://www.rfc-editor.org/rfc/rfc7517#section-4
"""

from collections.abc import Mapping
from typing import Protocol

import jwt

from callscribe.foundation.errors import BadInputError

# In bits: https://www.rfc-editor.org/rfc/rfc7518#section-3.3
SMALLEST_KEY = 2048


class SigningKeys(Protocol):
    """An issuer's public keys, known by their ids."""

    def has(self, key_id: str) -> bool:
        """Tell whether the key of that id is known already; the issuer is not asked."""
        ...

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """Return the key of that id; None where the issuer has no such key.

        Raises KeysUnavailableError when that is not known now: the issuer does not answer, or was
        asked so recently that it is not asked again yet.
        """
        ...


def published_keys(document: Mapping[str, object]) -> dict[str, jwt.PyJWK]:
    """Return the keys of an issuer's document (a JWK Set) by their ids.

    Only keys that can check RS256 tokens count, and of several with one id the first. Whatever
    else an issuer publishes is left out: it must not keep the good keys from being found.
    Raises BadInputError when no key is left.
    """
    listed = document.get("keys")
    found: dict[str, jwt.PyJWK] = {}
    for each in listed if isinstance(listed, list) else []:
        key = _signing_key(each)
        if key is not None:
            found.setdefault(str(key.key_id), key)
    if not found:
        raise BadInputError("keys: expected one for RS256")
    return found


def _signing_key(found: object) -> jwt.PyJWK | None:
    if not isinstance(found, dict) or not _is_for_signatures(found):
        return None
    try:
        key = jwt.PyJWK(found, "RS256")  # refuses keys of other types
    except jwt.PyJWTError:
        return None
    return key if key.key.key_size >= SMALLEST_KEY else None


def _is_for_signatures(key: dict[str, object]) -> bool:
    """Tell whether what a JWK says of itself, where it says anything, fits a public RS256 key."""
    key_id, uses = key.get("kid"), key.get("key_ops")
    return (
        isinstance(key_id, str)
        and key_id != ""
        and key.get("alg") in (None, "RS256")
        and key.get("use") in (None, "sig")
        and (uses is None or (isinstance(uses, list) and "verify" in uses))
        and "d" not in key  # a private half that everybody can read proves nothing
    )
