"""An incoming call, as Event Grid tells it: in its own schema, or in that of CloudEvents.

https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events
https://learn.microsoft.com/azure/event-grid/cloud-event-schema
"""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from callscribe.foundation.bounds import id_of, name_of, own_id
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import LONGEST_RAW_ID, new_call_id, participant_raw_id
from callscribe.foundation.json_input import Decoder, object_of, text_of
from callscribe.foundation.moments import Ms, parse_iso

INCOMING_CALL = "Microsoft.Communication.IncomingCall"
# In place of a raw id that is withheld, or cannot be read.
UNKNOWN = "unknown"
LARGEST_EVENT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A phone that rings; `caller` and `callee` are raw ids, or `UNKNOWN`.

    `context` is what ACS wants to see with an answer. It works like a password, so it is never
    stored.
    """

    call_id: str
    event_id: str
    rang_at: Ms
    caller: str
    caller_name: str | None
    callee: str
    server_call_id: str | None
    correlation_id: str | None
    context: str = field(repr=False)


class _Event(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    event_type: str | None = msgspec.field(name="eventType", default=None)
    event_time: str | None = msgspec.field(name="eventTime", default=None)
    cloud_type: object = msgspec.field(name="type", default=None)
    cloud_time: object = msgspec.field(name="time", default=None)
    data: object = None


class _Data(msgspec.Struct, frozen=True):
    context: str = msgspec.field(name="incomingCallContext")
    caller: object = msgspec.field(name="from", default=None)
    callee: object = msgspec.field(name="to", default=None)
    name: object = msgspec.field(name="callerDisplayName", default=None)
    server_call_id: object = msgspec.field(name="serverCallId", default=None)
    correlation_id: object = msgspec.field(name="correlationId", default=None)


_EVENT = Decoder(_Event)
_DATA = Decoder(_Data)


def parse_incoming(body: bytes) -> IncomingCall | None:
    """Read one Event Grid event; return None for one of another type.

    A caller who is withheld, or of a kind that is not known, is `UNKNOWN`: such a call is answered
    all the same. Raises BadInputError naming the field where the event cannot be used.
    """
    if len(body) > LARGEST_EVENT:
        raise BadInputError(f"event of {len(body)} bytes: expected at most {LARGEST_EVENT}")
    event = _EVENT.decode(body)
    if _type(event) != INCOMING_CALL:
        return None
    data = _data(event.data)
    rang_at = _time(event)
    return IncomingCall(
        call_id=new_call_id(rang_at, event.id),
        event_id=own_id(event.id),
        rang_at=rang_at,
        caller=raw_id_of(data.caller),
        caller_name=name_of(data.name),
        callee=raw_id_of(data.callee),
        server_call_id=id_of(data.server_call_id),
        correlation_id=id_of(data.correlation_id),
        context=data.context,
    )


def is_ours(callee: str, numbers: frozenset[str]) -> bool:
    """Tell whether the raw id of the one called is on the allow-list; an empty list allows all.

    The list holds numbers and raw ids, with or without the `+` of a number.
    """
    listed = (each if ":" in each else f"4:{each}" for each in numbers)
    return not numbers or participant_raw_id(callee) in map(participant_raw_id, listed)


def raw_id_of(identifier: object) -> str:
    """Return the raw id of one of ACS's identifiers; `UNKNOWN` where it has none of use."""
    raw_id = text_of(object_of(identifier).get("rawId")) or UNKNOWN
    return raw_id if len(raw_id) <= LONGEST_RAW_ID else UNKNOWN


def _data(value: object) -> _Data:
    try:
        data = _DATA.convert(value)
    except BadInputError as error:
        raise BadInputError(f"data: {error}") from None
    if not data.context:
        raise BadInputError("data.incomingCallContext: expected text, got none")
    return data


def _type(event: _Event) -> str:
    found = text_of(event.cloud_type) if event.event_type is None else event.event_type
    if found is None:
        raise BadInputError("eventType: expected text, got none")
    return found


def _time(event: _Event) -> Ms:
    try:
        return parse_iso(event.event_time or text_of(event.cloud_time) or "")
    except ValueError:
        raise BadInputError("eventTime: expected an ISO 8601 time") from None
