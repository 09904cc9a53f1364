"""How much is kept of text and numbers from outside, whichever way they came.

A string column of Table Storage holds 32,768 UTF-16 code units, a whole row 1 MiB, and a number
fits Int32. A dozen of the longest texts here fit one row.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
from collections.abc import Mapping

from callscribe.foundation.errors import TooLargeError
from callscribe.foundation.json_input import text_of

# Ids of ACS and Web PubSub have a few hundred characters at most.
LONGEST_ID = 2_000
LONGEST_MESSAGE = 1_000
LONGEST_NAME = 200
# In bytes: a message of Web PubSub, or callbacks of ACS; and what the API could be asked for.
# https://learn.microsoft.com/azure/azure-web-pubsub/concept-service-limits
LONGEST_MESSAGE_BODY = 1024 * 1024
LONGEST_REQUEST_BODY = 64 * 1024
# In characters; a token with its scheme fits.
LONGEST_HEADER = 20 * 1024
_HIGHEST_CODE = 2**31 - 1
_CODE_DIGITS = 10


def id_of(value: object) -> str | None:
    """Return an id that another service gave, None where there is none.

    One that is too long is none: cut, it would be the id of something else.
    """
    text = text_of(value) or None
    return text if text is None or len(text) <= LONGEST_ID else None


def own_id(text: str) -> str:
    """Return an id that only has to differ from others: a hash stands for one that is too long."""
    if len(text) <= LONGEST_ID:
        return text
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def message_of(value: object) -> str | None:
    """Return the beginning of a text for people, None where there is none."""
    return text_of(value, LONGEST_MESSAGE) or None


def name_of(value: object) -> str | None:
    """Return the beginning of a name, None where there is none."""
    return text_of(value, LONGEST_NAME) or None


def code_of(value: object) -> int | None:
    """Return a whole number that fits an Int32 column; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) <= _HIGHEST_CODE else None


def code_in(text: str) -> int | None:
    """Return the code that a text of digits is; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _CODE_DIGITS):
        return None
    return code_of(int(text))


def check_sizes(headers: Mapping[str, str], body: bytes, longest_body: int) -> None:
    """Raise TooLargeError where the body, or any header, is longer than it may be.

    To be asked before anything else of a request is looked at: it costs next to nothing.
    """
    if len(body) > longest_body:
        raise TooLargeError(f"the body: expected {longest_body} bytes at most")
    if any(len(value) > LONGEST_HEADER for value in headers.values()):
        raise TooLargeError(f"a header: expected {LONGEST_HEADER} characters at most")
