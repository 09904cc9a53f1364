r"""Names of calls, rows and people: what they are made of, and how they are kept from logs.

Keys never hold a phone number (they reach logs and metrics), sort by time, and use only
characters that Table Storage takes: no `/ \ # ?` and no control characters, 1,024 at most.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import re

from callscribe.foundation.moments import LATEST, day

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CALL_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_RANDOM_BITS = 80
_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_PART = 200
_DIALLED = re.compile(r"\s*(4:|tel:|sips?:\+?\d|[+(]+\d|\d[\d ().-]{4,}$)", re.IGNORECASE)
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_NO_NUMBER = re.compile(r"(8|28):\S+")
"""Raw ids of users and apps, in which digits are no number."""
_NUMBER = re.compile(r"[+(]{0,2}\d(?:(?:_|[^\w:,;]){0,3}\d){6,}")
"""Seven digits and more, parted as a number's are: fewer are a room's, an agent's, or a time's."""
_SHOWN_DIGITS = 4
_HIDDEN_DIGITS = 3
_SEQUENCE_DIGITS = 10
_HIGHEST_NUMBER = 2**31 - 1
LONGEST_RAW_ID = 1_000
"""More characters than that name nobody: raw ids of ACS have about a hundred."""
NO_TAG = "0" * 13
LOST = "9"
"""First digit of the tag of a connection whose state was lost."""


def new_call_id(milliseconds: int, seed: str) -> str:
    """Make a call id: a ULID of the time and of 80 bits that are a hash of `seed`.

    An inbound call's seed is the Event Grid event id, so that a redelivery gives the same id.
    """
    bits = int.from_bytes(hashlib.sha256(seed.encode(errors="replace")).digest()[:10])
    number = (milliseconds << _RANDOM_BITS) | bits
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_call_id(text: str) -> bool:
    """Tell whether `text` is a call id of a time that the keys can hold."""
    return bool(_CALL_ID.fullmatch(text)) and call_id_time(text) <= LATEST


def call_id_time(call_id: str) -> int:
    """Return the Unix milliseconds that a call id carries."""
    value = 0
    for character in call_id[:10]:
        value = value * 32 + _ALPHABET.index(character)
    return value


def call_keys(call_id: str) -> tuple[str, str]:
    """Return the Calls row's PartitionKey (UTC day) and RowKey (newest first within the day)."""
    time = call_id_time(call_id)
    return day(time), f"{LATEST - time:013d}-{call_id}"


def segment_key(second: int, tag: str, sequence: str) -> str:
    """Return the RowKey of a segment, from the event's own time, connection and number."""
    return f"s-{second:010d}-{tag}-{sequence}"


def quarantine_key(second: int, tag: str, sequence: str) -> str:
    """Return the RowKey of a frame that could not be read."""
    return f"q-{second:010d}-{tag}-{sequence}"


def connection_key(tag: str) -> str:
    """Return the RowKey of a stream connection."""
    return f"c-{tag}"


def timeline_key(milliseconds: int, event_id: str) -> str:
    """Return the RowKey of a timeline entry; `event_id` may hold anything."""
    return f"e-{milliseconds:013d}-{key_part(event_id)}"


def gap_key(milliseconds: int, tag: str) -> str:
    """Return the RowKey of a stretch of time without a stream."""
    return f"g-{milliseconds:013d}-{tag}"


def tag_of(row_key: str) -> str:
    """Return the connection tag in the RowKey of a segment, quarantined frame or connection."""
    return row_key.split("-")[2 if row_key[0] in "sq" else 1]


def connection_tag(milliseconds: int) -> str:
    """Return the tag of a connection whose `connect` was answered at that moment."""
    return f"{milliseconds:013d}"


def lost_tag(connection_id: str) -> str:
    """Return the tag of a connection whose state was lost: sorts after all real ones."""
    return f"{LOST}{_digits(connection_id.encode(errors='replace'), 12)}"


def event_number(ce_id: str) -> int | None:
    """Read a ce-id as the number that it is said to be; None for anything else."""
    if not (ce_id.isascii() and ce_id.isdecimal() and len(ce_id) <= _SEQUENCE_DIGITS):
        return None
    number = int(ce_id)
    return number if number <= _HIGHEST_NUMBER else None


def sequence(ce_id: str, body: bytes) -> str:
    """Return the ten digits that stand for an event: its id, or a hash of its body without one."""
    number = event_number(ce_id)
    return _digits(body, _SEQUENCE_DIGITS) if number is None else f"{number:010d}"


def key_part(text: str) -> str:
    """Encode text from outside for use in a key: `~` and hex for what is not plain ASCII."""
    encoded = _PLAIN.sub(_escape, text)
    if len(encoded) <= _LONGEST_PART:
        return encoded
    return f"~~{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"


def participant_id(raw_id: str) -> str:
    """Return the name under which a person is found or erased; holds no phone number."""
    return hashlib.sha256(raw_id.encode(errors="replace")).hexdigest()[:32]


def is_phone_number(raw_id: str) -> bool:
    """Tell whether a raw id is a phone number (`4:+14255550123`)."""
    return raw_id.startswith("4:")


def masked(raw_id: str) -> str:
    """Return a raw id or a display name for people and logs, a phone number without its digits.

    Only a number's last four are shown, and none of a short one's. Display names often are
    numbers, or hold some: whatever looks like something to dial counts as one.
    """
    if _NO_NUMBER.fullmatch(raw_id):
        return raw_id
    if not _DIALLED.match(raw_id):
        return _NUMBER.sub(lambda number: _masked(number.group()), raw_id)
    # What follows an underscore tells apart two who are shown under the same number.
    return _masked(raw_id.removeprefix("4:").partition("_")[0])


def _masked(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    shown = digits[-_SHOWN_DIGITS:] if len(digits) >= _HIDDEN_DIGITS + _SHOWN_DIGITS else ""
    return f"+•••{shown}"


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in match.group().encode(errors="replace"))


def _digits(data: bytes, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(data).digest()[:8])
    return f"{number % 10**count:0{count}d}"
