"""Tokens with which a list goes on: opaque, and valid only for the query that they were made for.

They carry a checksum over query and place. It is no signature: whoever forges one only gets to
another place of a list that they may read anyway, and the place is checked like any input.
"""

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence

from callscribe.foundation.errors import BadInputError

# Nine bytes are exactly twelve characters of base64, and enough to find mistakes.
_CHECK_BYTES = 9


def seal(query: Sequence[str], place: str) -> str:
    """Make the token of a place in the answers to a query; it needs no escaping in an address."""
    data = place.encode()
    bound = json.dumps([*query, place]).encode()
    check = hashlib.sha256(bound).digest()[:_CHECK_BYTES]
    return urlsafe_b64encode(check + data).decode().rstrip("=")


def unseal(query: Sequence[str], token: str) -> str:
    """Return the place in a token.

    Raises BadInputError for a token of another query, and for one that was altered.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        place = b64decode(padded, altchars=b"-_", validate=True)[_CHECK_BYTES:].decode()
    except ValueError:
        raise BadInputError("continue: expected a token from an answer") from None
    # Compared as a whole: base64 can write the same bytes in several ways.
    if seal(query, place) != token:
        raise BadInputError("continue: expected a token of this same query")
    return place
