"""Web PubSub's events from the wire: CloudEvents in HTTP headers, the frame as the body.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callscribe.foundation.bounds import own_id
from callscribe.foundation.errors import BadInputError, NotFoundError
from callscribe.foundation.headers import single_value
from callscribe.foundation.identifiers import event_number, is_call_id, sequence
from callscribe.foundation.moments import Ms, parse_iso, whole_second
from callscribe.stream.state import StreamState, restore

_SYSTEM = "azure.webpubsub.sys."
_USER = "azure.webpubsub.user."
# The ce-time has whole seconds: what happened then may have happened up to its last millisecond.
_LAST_OF_A_SECOND = 999


class Kind(StrEnum):
    """What happened to the connection."""

    CONNECT = "connect"
    CONNECTED = "connected"
    MESSAGE = "message"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class UpstreamEvent:
    """One event of a stream connection.

    `number` is the ce-id where it is one; `sequence` the ten digits that stand for it in a key.
    `at` is the ce-time, or the time of receipt without a usable one; both in whole seconds.
    `state` is what earlier events have left in `ce-connectionState`.
    """

    kind: Kind
    call_id: str
    connection_id: str
    number: int | None
    sequence: str
    at: Ms
    state: StreamState
    body: bytes


def parse_upstream(headers: Mapping[str, str], body: bytes, now: Ms) -> UpstreamEvent:
    """Read an event from its headers (names in lower case) and body.

    The call is named by `ce-userId`, which the stream's token carries. Raises NotFoundError where
    that is no call id, BadInputError for a type of event that Web PubSub does not send.
    """
    call_id = single_value(headers, "ce-userid")
    if not is_call_id(call_id):
        raise NotFoundError("no such call")
    ce_id = single_value(headers, "ce-id")
    connection_id = own_id(single_value(headers, "ce-connectionid"))
    return UpstreamEvent(
        kind=_kind(single_value(headers, "ce-type")),
        call_id=call_id,
        connection_id=connection_id,
        number=event_number(ce_id),
        sequence=sequence(ce_id, body),
        at=_time(single_value(headers, "ce-time"), now),
        state=restore(single_value(headers, "ce-connectionstate"), connection_id),
        body=body,
    )


def is_connect(headers: Mapping[str, str]) -> bool:
    """Tell whether an event asks whether a connection is let in."""
    return single_value(headers, "ce-type") == f"{_SYSTEM}{Kind.CONNECT}"


def happened_at(event: UpstreamEvent, now: Ms) -> Ms:
    """Return when an event happened: within its own second, as exactly as our clock tells."""
    return min(max(event.at, now), Ms(event.at + _LAST_OF_A_SECOND))


def _kind(ce_type: str) -> Kind:
    if ce_type.startswith(_USER):
        return Kind.MESSAGE
    name = ce_type.removeprefix(_SYSTEM)
    if not ce_type.startswith(_SYSTEM) or name not in Kind or name == Kind.MESSAGE:
        raise BadInputError("ce-type: expected an event of Web PubSub")
    return Kind(name)


def _time(ce_time: str, now: Ms) -> Ms:
    try:
        return whole_second(parse_iso(ce_time))
    except ValueError:
        return whole_second(now)
