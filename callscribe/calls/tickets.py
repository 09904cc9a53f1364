"""Tickets: what proves that a stream is a call's own, where Web PubSub proves nothing; pure.

A ticket is in the address that ACS dials, and nowhere else: the call's record has only its hash,
and until when it holds. It is of the call, not of one dial: ACS may dial an address again.
"""

import hashlib
import hmac
import re
from dataclasses import replace

import msgspec

from callscribe.calls.call import Call
from callscribe.foundation.json_input import Decoder
from callscribe.foundation.moments import Ms

# Of random data, in bytes: written in base64url they are 43 characters.
TICKET_BYTES = 32
_TICKET = re.compile(r"[A-Za-z0-9_-]{43}")
# Each take-over of a call's lease adds one.
MOST_LIVE = 8


class _Given(msgspec.Struct, frozen=True):
    """What is kept of a ticket: the SHA-256 of its characters, and when it ends."""

    sha256: str
    until: Ms


_GIVEN = Decoder(list[_Given])


def is_ticket(text: str) -> bool:
    """Tell whether a text has the form of a ticket."""
    return _TICKET.fullmatch(text) is not None


def with_ticket(call: Call, ticket: str, until: Ms, now: Ms) -> Call:
    """Return the call with one more ticket; of more than eight live ones the oldest is dropped."""
    added = [*_live(call, now), _Given(_hash(ticket), until)]
    return replace(call, tickets=msgspec.json.encode(added[-MOST_LIVE:]).decode())


def holds(call: Call, ticket: str, now: Ms) -> bool:
    """Tell whether a ticket is one of the call's own, and has not ended."""
    asked = _hash(ticket).encode()
    return any(
        hmac.compare_digest(asked, each.sha256.encode(errors="replace"))
        for each in _live(call, now)
    )


def live(call: Call, now: Ms) -> int:
    """Return how many tickets of the call have not ended."""
    return len(_live(call, now))


def _live(call: Call, now: Ms) -> list[_Given]:
    # What another hand spoilt lets nobody in.
    given = _GIVEN.strict((call.tickets or "[]").encode(errors="replace")) or []
    return [each for each in given if now < each.until]


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode(errors="replace")).hexdigest()
