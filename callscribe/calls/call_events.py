"""Call Automation's mid-call events, as ACS posts them: CloudEvents, in an array or one alone.

Event types stay strings: ACS adds new ones.
https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from callscribe.calls.participants import Roster, parse_roster
from callscribe.foundation.bounds import LONGEST_ID, code_of, id_of, message_of, own_id
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import Decoder, object_of, text_of
from callscribe.foundation.moments import Ms, parse_iso

PREFIX = "Microsoft.Communication."
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One event of a call, `type` without its prefix; what was missing or unreadable is None.

    `context` is what the request said that the event is about; `roster` all who are on the call.
    """

    id: str
    type: str
    time: Ms | None
    call_connection_id: str
    server_call_id: str | None = None
    correlation_id: str | None = None
    code: int | None = None
    sub_code: int | None = None
    message: str | None = None
    details: str | None = None
    context: str | None = None
    roster: Roster | None = None


class _Data(msgspec.Struct, frozen=True):
    call_connection_id: _Id = msgspec.field(name="callConnectionId")
    server_call_id: object = msgspec.field(name="serverCallId", default=None)
    correlation_id: object = msgspec.field(name="correlationId", default=None)
    result: object = msgspec.field(name="resultInformation", default=None)
    update: object = msgspec.field(name="transcriptionUpdate", default=None)
    context: object = msgspec.field(name="operationContext", default=None)
    participants: object = None
    number: object = msgspec.field(name="sequenceNumber", default=None)


class _Event(msgspec.Struct, frozen=True):
    id: _Text
    type: _Text
    data: _Data
    time: object = None


_BODY = Decoder(object)
_EVENT = Decoder(_Event)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What one POST held: the events that could be read, and what was wrong with the others."""

    events: tuple[CallEvent, ...]
    problems: tuple[str, ...]


def parse_callbacks(body: bytes) -> Callbacks:
    """Read an array of events, or one event alone; a bad one does not spoil the good ones.

    An event needs its id, its type and its call's connection id. Raises BadInputError when the
    body is no JSON, or when none of its events can be read.
    """
    found = _BODY.decode(body)
    events: list[CallEvent] = []
    problems: list[str] = []
    for position, item in enumerate(found if isinstance(found, list) else [found]):
        try:
            events.append(_event(_EVENT.convert(item)))
        except BadInputError as error:
            problems.append(f"event {position}: {error}")
    if problems and not events:
        raise BadInputError("; ".join(problems))
    return Callbacks(tuple(events), tuple(problems))


def _event(event: _Event) -> CallEvent:
    result, update = object_of(event.data.result), object_of(event.data.update)
    listed = event.type == f"{PREFIX}ParticipantsUpdated"
    return CallEvent(
        id=own_id(event.id),
        type=own_id(event.type.removeprefix(PREFIX)),
        time=_time(event.time),
        call_connection_id=event.data.call_connection_id,
        server_call_id=id_of(event.data.server_call_id),
        correlation_id=id_of(event.data.correlation_id),
        code=code_of(result.get("code")),
        sub_code=code_of(result.get("subCode")),
        message=message_of(result.get("message")),
        details=message_of(update.get("transcriptionStatusDetails")),
        context=id_of(event.data.context),
        roster=parse_roster(event.data.participants, event.data.number) if listed else None,
    )


def _time(value: object) -> Ms | None:
    try:
        return parse_iso(text_of(value) or "")
    except ValueError:
        return None
