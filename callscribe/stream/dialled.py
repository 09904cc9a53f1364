"""Who dials a stream, as a `connect` event tells: the address's query, and the dial's own headers.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events#connect
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.calls.call import Call
from callscribe.calls.tickets import is_ticket
from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.identifiers import call_id_time, is_call_id
from callscribe.foundation.json_input import object_of, parse_object
from callscribe.foundation.moments import Ms, Seconds, elapsed
from callscribe.stream.upstream import UpstreamEvent, parse_upstream

_CONNECTION, _CORRELATION = "x-ms-call-connection-id", "x-ms-call-correlation-id"


@dataclass(frozen=True, slots=True)
class Dial:
    """What a dial tells of itself, which proves nothing yet; empty or None where it does not.

    `call_id` and `ticket` are of the address's query; `connection_id` and `correlation_id` are
    those by which ACS knows the call. There is an authorization for each header of that name.
    """

    call_id: str
    ticket: str = field(repr=False)
    connection_id: str | None
    correlation_id: str | None
    authorizations: tuple[str, ...] = field(repr=False)


def dial_of(body: bytes) -> Dial:
    """Read the body of a `connect` event; never raises."""
    told = parse_object(body)
    query, headers = _lists(told.get("query")), _lists(told.get("headers"))
    named = {name.lower(): values for name, values in headers.items()}
    return Dial(
        call_id=_only(query, "call"),
        ticket=_only(query, "ticket"),
        connection_id=_first(named, _CONNECTION),
        correlation_id=_first(named, _CORRELATION),
        authorizations=tuple(named.get("authorization", ())),
    )


def ticketed(headers: Mapping[str, str], body: bytes, now: Ms, longest: Seconds) -> UpstreamEvent:
    """Return the event of a dial that shows a ticket: its call is the one that the address names.

    `longest` is how long an address holds. Raises UnauthorizedError where call or ticket have
    another form than ours, or the call cannot be up any more: so no such dial costs a read.
    """
    dial = dial_of(body)
    if not (is_ticket(dial.ticket) and is_call_id(dial.call_id)):
        raise UnauthorizedError("no call and ticket in the address")
    # In either direction: the id's time is Event Grid's, whose clock may be ahead of ours.
    if abs(elapsed(call_id_time(dial.call_id), now)) > longest:
        raise UnauthorizedError("the address's call cannot be up")
    return parse_upstream({**headers, "ce-userid": dial.call_id}, body, now)


def agrees(dial: Dial, call: Call) -> bool:
    """Tell whether a dial is for the call's own connection, as far as both of them know it."""
    known = dial.connection_id and call.connection_id
    return not known or dial.connection_id == call.connection_id


def _lists(value: object) -> dict[str, list[str]]:
    """Return the texts of each name in an object of lists."""
    return {
        name: [text for text in texts if isinstance(text, str)]
        for name, texts in object_of(value).items()
        if isinstance(texts, list)
    }


def _only(lists: Mapping[str, list[str]], name: str) -> str:
    texts = lists.get(name, [])
    return texts[0] if len(texts) == 1 else ""


def _first(lists: Mapping[str, list[str]], name: str) -> str | None:
    return next(iter(lists.get(name, [])), None) or None
