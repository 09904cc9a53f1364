"""Call Automation's mid-call events, as ACS posts them: a JSON array of CloudEvents.

Event types stay strings: ACS adds new ones.
https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import decode, text_of
from callscribe.foundation.moments import parse_iso

PREFIX = "Microsoft.Communication."
LONGEST_MESSAGE = 1_000
LONGEST_ID = 2_000
"""Beyond, nothing is an id, and it would not fit a column beside others."""
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
_NUMBERS = 2**31
"""Codes beyond do not fit their columns, and mean nothing."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One event of a call. `type` is without its prefix; `time` is Unix ms, None if unreadable."""

    id: str
    type: str
    time: int | None
    call_connection_id: str
    server_call_id: str = ""
    correlation_id: str = ""
    code: int = 0
    sub_code: int = 0
    message: str = ""
    details: str = ""


class _Data(msgspec.Struct, frozen=True):
    call_connection_id: _Id = msgspec.field(name="callConnectionId")
    server_call_id: object = msgspec.field(name="serverCallId", default=None)
    correlation_id: object = msgspec.field(name="correlationId", default=None)
    result: object = msgspec.field(name="resultInformation", default=None)
    update: object = msgspec.field(name="transcriptionUpdate", default=None)


class _Event(msgspec.Struct, frozen=True):
    id: _Id
    type: _Id
    data: _Data
    time: object = None


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What one POST held: the events that could be read, and what was wrong with the others."""

    events: tuple[CallEvent, ...]
    problems: tuple[str, ...]


def parse_callbacks(body: bytes) -> Callbacks:
    """Read the array of events; a bad one does not spoil the good ones.

    An event needs its id, its type and whose it is; of the rest, what cannot be read is left out.

    Raises BadInputError when the body is no JSON array, or when none of its events can be read.
    """
    events: list[CallEvent] = []
    problems: list[str] = []
    for position, item in enumerate(decode(body, list[object])):
        try:
            events.append(_event(msgspec.convert(item, _Event)))
        except msgspec.ValidationError as error:
            problems.append(f"event {position}: {error}")
    if problems and not events:
        raise BadInputError("; ".join(problems))
    return Callbacks(tuple(events), tuple(problems))


def _event(event: _Event) -> CallEvent:
    result, update = _fields(event.data.result), _fields(event.data.update)
    return CallEvent(
        id=event.id,
        type=event.type.removeprefix(PREFIX),
        time=_time(event.time),
        call_connection_id=event.data.call_connection_id,
        server_call_id=_clipped(event.data.server_call_id, LONGEST_ID),
        correlation_id=_clipped(event.data.correlation_id, LONGEST_ID),
        code=_number(result.get("code")),
        sub_code=_number(result.get("subCode")),
        message=_clipped(result.get("message"), LONGEST_MESSAGE),
        details=_clipped(update.get("transcriptionStatusDetails"), LONGEST_MESSAGE),
    )


def _clipped(value: object, most: int) -> str:
    return (text_of(value) or "")[:most]


def _fields(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < _NUMBERS else 0


def _time(value: object) -> int | None:
    try:
        return parse_iso(text_of(value) or "")
    except ValueError:
        return None
