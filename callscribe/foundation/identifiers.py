r"""Names of calls, streams, rows and people, and what they are made of.

Keys never hold a phone number (they reach logs and metrics), sort by time, and use only
characters that Table Storage takes: no `/ \ # ?` and no control characters, 1,024 at most.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import re

from callscribe.foundation.moments import LATEST, Ms, day

# Crockford's base 32, in which ULIDs are written: https://github.com/ulid/spec
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 26 characters have room for 130 bits, and a ULID has 128: so the first is 7 at most.
_CALL_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CALL_ID_LENGTH = 26
_RANDOM_BITS = 80
_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
# Keys end at 1,024 characters: longer text from outside is replaced by its hash.
_LONGEST_PART = 200
_SEQUENCE_DIGITS = 10
# The state of a connection counts no further; a larger ce-id is treated as text.
_HIGHEST_NUMBER = 2**31 - 1
# Raw ids of ACS have about a hundred characters; longer text is not taken for one.
LONGEST_RAW_ID = 1_000
# How raw ids of phone numbers begin, and of those who are in Teams without an account:
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_NUMBER = "4:"
_TEAMS_VISITOR = "8:teamsvisitor:"
_WITHOUT_PLUS = re.compile(r"4:[0-9]{7,}(_.*)?", re.DOTALL)
_SHARED_NUMBER = re.compile(r"4:\+?[0-9]+_.*", re.DOTALL)
_HIDDEN = frozenset({"", "anonymous", "unknown"})
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
    # Table Storage returns rows in ascending order only: the difference puts the newest first.
    return day(time), f"{LATEST - time:013d}-{call_id}"


def call_id_in(row_key: str) -> str | None:
    """Return the id of the call whose RowKey in Calls this is; None where it is of none."""
    call_id = row_key[-_CALL_ID_LENGTH:]
    return call_id if is_call_id(call_id) and call_keys(call_id)[1] == row_key else None


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
    """Return a ce-id as a number; None where it is none."""
    if not (ce_id.isascii() and ce_id.isdecimal() and len(ce_id) <= _SEQUENCE_DIGITS):
        return None
    number = int(ce_id)
    return number if number <= _HIGHEST_NUMBER else None


def sequence(ce_id: str, body: bytes) -> str:
    """Return ten digits for an event: its number, or a hash of its body where it has none."""
    number = event_number(ce_id)
    return _digits(body, _SEQUENCE_DIGITS) if number is None else f"{number:010d}"


def key_part(text: str) -> str:
    """Encode text from outside for use in a key: `~` and hex for what is not plain ASCII."""
    encoded = _PLAIN.sub(_escape, text)
    if len(encoded) <= _LONGEST_PART:
        return encoded
    return f"~~{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"


def normal_raw_id(raw_id: str) -> str:
    """Return a raw id in its normal form: what names one person, in a call, in one way only.

    Carriers leave out the `+` of numbers; short numbers have none.
    """
    return f"4:+{raw_id[2:]}" if _WITHOUT_PLUS.fullmatch(raw_id) else raw_id


def participant_raw_id(raw_id: str) -> str:
    """Return the raw id that is the same for a person in all their calls.

    What follows a number's underscore tells apart those who are shown under it in one call.
    """
    normal = normal_raw_id(raw_id)
    return normal.partition("_")[0] if _SHARED_NUMBER.fullmatch(normal) else normal


def is_hidden(raw_id: str) -> bool:
    """Tell whether a raw id names nobody outside of its call: withheld numbers, visitors of Teams.

    Its normal form still tells the people of one call apart.
    """
    name = raw_id.strip().lower()
    if name.startswith(_TEAMS_VISITOR):
        return True
    return name.removeprefix(_NUMBER).partition("_")[0] in _HIDDEN


def person_id(raw_id: str) -> str:
    """Return the name of a person in a call; holds no phone number."""
    return _name_of(normal_raw_id(raw_id))


def person_key(raw_id: str) -> str:
    """Return the RowKey of a person in a call."""
    return f"p-{person_id(raw_id)}"


def participant_id(raw_id: str) -> str:
    """Return the id by which a person is found or erased: a hash, which holds no phone number."""
    return _name_of(participant_raw_id(raw_id))


def _name_of(raw_id: str) -> str:
    return hashlib.sha256(_storable(raw_id)).hexdigest()[:32]


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in match.group().encode(errors="replace"))


def _storable(text: str) -> bytes:
    return text.encode(errors="replace")


def _digits(data: bytes, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(data).digest()[:8])
    return f"{number % 10**count:0{count}d}"
