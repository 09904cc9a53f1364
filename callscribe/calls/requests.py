"""Requests that must not be done twice: how they are known again, and who is at work on one; pure.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from callscribe.calls.transcription import is_due
from callscribe.foundation.columns import Columns, Value, moment_in, text_in
from callscribe.foundation.errors import BadInputError, InProgressError, OtherBodyError
from callscribe.foundation.json_input import parse
from callscribe.foundation.moments import Ms, Seconds, elapsed, iso, later

KEY_HEADER = "Idempotency-Key"
# A worker that has not ended its request by then is dead: a request takes less.
LEASE = Seconds(25)
# So long the key of a request is remembered.
KEPT = Seconds(86_400)
_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a row in the table `Requests`."""

    partition: str
    row: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A request that was begun under a key: its call, what it said (`proof`), and who does it.

    `done` says that it has ended; until then it is done by the holder of the lease.
    """

    call_id: str
    proof: str
    lease_id: str
    lease_until: Ms
    at: Ms
    done: bool = False


def key_in(header: str | None) -> str | None:
    """Return the key of a header, with or without its quotes; None where there is no header.

    Raises BadInputError for anything but 1 to 255 visible characters of ASCII.
    """
    if header is None:
        return None
    quoted = len(header) > 1 and header[0] == header[-1] == '"'
    key = header[1:-1] if quoted else header
    if not _KEY.fullmatch(key):
        raise BadInputError(
            f"{KEY_HEADER}: expected 1 to 255 visible characters of ASCII, without quotes inside",
            KEY_HEADER,
        )
    return key


def keys_of(*parts: str) -> Keys:
    """Return the keys of what such texts name together: who asks, the route, the key."""
    name = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
    return Keys(name[:2], name)


def proof_of(key: str, body: bytes) -> str:
    """Return what proves that a body says the same: it cannot be worked out without the key.

    Raises BadInputError where the body is no JSON.
    """
    plain = json.dumps(parse(body), sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), plain.encode(), hashlib.sha256).hexdigest()


def begin(call_id: str, proof: str, lease_id: str, now: Ms) -> Repeated:
    """Return a request that is begun now."""
    return Repeated(call_id, proof, lease_id, later(now, LEASE), now)


def taken_over(found: Repeated, wanted: Repeated, now: Ms) -> Repeated | None:
    """Return a request as its next worker holds it; None where nothing is left to do.

    One that is older than a day is forgotten: the key may name another. Raises OtherBodyError where
    it says something else, InProgressError while its worker is at it.
    """
    if elapsed(found.at, now) > KEPT:
        return wanted
    if not hmac.compare_digest(found.proof, wanted.proof):
        raise OtherBodyError(f"{KEY_HEADER}: expected the body that was first sent with it")
    if found.done:
        return None
    if found.lease_id == wanted.lease_id:
        return found  # the reply to our own write was lost
    if not is_due(found.lease_until, now):
        raise InProgressError(found.call_id)
    return replace(found, lease_id=wanted.lease_id, lease_until=wanted.lease_until)


def columns_of(request: Repeated) -> Columns:
    """Return a request's row."""
    return {
        "CallId": request.call_id,
        "Proof": request.proof,
        "LeaseId": request.lease_id,
        "LeaseUntil": iso(request.lease_until),
        "At": iso(request.at),
        "Done": request.done,
    }


def request_of(columns: Mapping[str, Value]) -> Repeated:
    """Read a request's row; what another hand spoilt fits no request and is due."""
    return Repeated(
        call_id=text_in(columns, "CallId") or "",
        proof=text_in(columns, "Proof") or "",
        lease_id=text_in(columns, "LeaseId") or "",
        lease_until=moment_in(columns, "LeaseUntil") or Ms(0),
        at=moment_in(columns, "At") or Ms(0),
        done=columns.get("Done") is True,
    )
