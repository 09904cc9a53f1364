r"""Names of calls, streams, rows and people, and what they are made of.

Keys never hold a phone number (they reach logs and metrics), sort by time, and use only
characters that Table Storage takes: no `/ \ # ?` and no control characters, 1,024 at most.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import re

from callscribe.foundation.moments import LATEST, Ms, day

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CALL_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_RANDOM_BITS = 80
_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_PART = 200
_SEQUENCE_DIGITS = 10
_HIGHEST_NUMBER = 2**31 - 1
# Raw ids of ACS have about a hundred characters; what has more names nobody.
LONGEST_RAW_ID = 1_000
_OF_STREAM = re.compile("c-[0-9]{19}|[qs]-[0-9]{10}-[0-9]{19}-[0-9]{10}")
_MOMENT_DIGITS = 13
_CONNECTION_DIGITS = 6
# A stream's id has so many digits, whether its state was lost or not.
STREAM_ID_DIGITS = _MOMENT_DIGITS + _CONNECTION_DIGITS
# The id of no stream: sorts before all real ones.
NO_STREAM = "0" * STREAM_ID_DIGITS
# First digit of the id of a stream whose state was lost: sorts after all real ones.
LOST = "9"


def new_call_id(moment: Ms, seed: str) -> str:
    """Make a call id: a ULID of the time and of 80 bits that are a hash of `seed`.

    An inbound call's seed is the Event Grid event id, so that a redelivery gives the same id.
    """
    bits = int.from_bytes(hashlib.sha256(_storable(seed)).digest()[:10])
    number = (moment << _RANDOM_BITS) | bits
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_call_id(text: str) -> bool:
    """Tell whether `text` is a call id of a time that the keys can hold."""
    return bool(_CALL_ID.fullmatch(text)) and call_id_time(text) <= LATEST


def call_id_time(call_id: str) -> Ms:
    """Return the moment that a call id carries."""
    value = 0
    for character in call_id[:10]:
        value = value * 32 + _ALPHABET.index(character)
    return Ms(value)


def call_keys(call_id: str) -> tuple[str, str]:
    """Return the Calls row's PartitionKey (UTC day) and RowKey (newest first within the day)."""
    time = call_id_time(call_id)
    return day(time), f"{LATEST - time:013d}-{call_id}"


def segment_key(at: Ms, stream_id: str, sequence: str) -> str:
    """Return the RowKey of a segment, from its event's own time, stream and number."""
    return f"s-{at // 1000:010d}-{stream_id}-{sequence}"


def quarantine_key(at: Ms, stream_id: str, sequence: str) -> str:
    """Return the RowKey of a frame that could not be read."""
    return f"q-{at // 1000:010d}-{stream_id}-{sequence}"


def connection_key(stream_id: str) -> str:
    """Return the RowKey of a stream's own row."""
    return f"c-{stream_id}"


def timeline_key(moment: Ms, event_id: str) -> str:
    """Return the RowKey of a timeline entry; `event_id` may hold anything."""
    return f"e-{moment:013d}-{key_part(event_id)}"


def gap_key(start: Ms, stream_id: str) -> str:
    """Return the RowKey of a gap; `stream_id` is that of the stream before."""
    return f"g-{start:013d}-{stream_id}"


def is_row_of_stream(row_key: str) -> bool:
    """Tell whether a RowKey is that of a segment, a quarantined frame or a connection."""
    return bool(_OF_STREAM.fullmatch(row_key))


def stream_id_in(row_key: str) -> str:
    """Return the stream id in the RowKey of a segment, quarantined frame or connection."""
    return row_key.split("-")[2 if row_key[0] in "sq" else 1]


def event_time_in(row_key: str) -> Ms:
    """Return the time of the event that a segment or a quarantined frame came with.

    It has whole seconds. Raises ValueError for another key.
    """
    return Ms(int(row_key.split("-")[1]) * 1000)


def new_stream_id(opened: Ms, connection_id: str) -> str:
    """Return the id of a stream whose `connect` was answered at that moment.

    Connections that were accepted in one millisecond differ by a hash of their ids.
    """
    return f"{opened:013d}{_digits(_storable(connection_id), _CONNECTION_DIGITS)}"


def lost_stream_id(connection_id: str) -> str:
    """Return the id of a stream whose state was lost."""
    return f"{LOST}{_digits(_storable(connection_id), STREAM_ID_DIGITS - 1)}"


def stream_opened_at(stream_id: str) -> Ms | None:
    """Return when a stream was opened, as its id tells; None where its state was lost."""
    moment = stream_id[:_MOMENT_DIGITS]
    return None if moment.startswith(LOST) or not moment.isdecimal() else Ms(int(moment))


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
    return hashlib.sha256(_storable(raw_id)).hexdigest()[:32]


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in match.group().encode(errors="replace"))


def _storable(text: str) -> bytes:
    return text.encode(errors="replace")


def _digits(data: bytes, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(data).digest()[:8])
    return f"{number % 10**count:0{count}d}"
