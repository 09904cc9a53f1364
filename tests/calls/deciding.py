"""A call and what happens to it, to be decided upon."""

from dataclasses import replace
from typing import Any

from callscribe.calls.call import Call, Direction, EndedBy, Machine, State
from callscribe.calls.call_events import CallEvent
from callscribe.calls.events import Decision
from callscribe.calls.results import Reason
from callscribe.calls.transcription import Operation, OperationKind, Running, Transcribing
from callscribe.calls.wish import Language
from callscribe.foundation.moments import Ms, Seconds, later
from tests.fakes import clock
from tests.fakes.wishes import ENGLISH, OFF, ON

NOW = clock.START
RANG = Ms(NOW - 20_000)
CALL = Call("id", Direction.INBOUND, State.ANSWERING, "4:+14255550111", "8:acs:a_b", RANG, OFF)
RUNNING = Transcribing(runs=Running(ENGLISH, Ms(NOW - 5_000), by=1), number=1, good=ENGLISH)
FORBIDDEN = "Action failed due to a forbidden request to Cognitive Services."
GONE = "Action is invalid, call already terminated."
STARTS = Operation(OperationKind.START, 1, ENGLISH, NOW)
WHY = Reason("busy", 429)


def after(seconds: float) -> Ms:
    """Return the moment that lies so long after now."""
    return later(NOW, Seconds(seconds))


def out(
    kind: OperationKind = OperationKind.START,
    number: int = 1,
    language: Language = ENGLISH,
    ago: float | None = 1,
    **changes: Any,
) -> Operation:
    """Return an operation that ACS was asked for so long ago."""
    return Operation(kind, number, language, None if ago is None else after(-ago), **changes)


STARTING = Transcribing(number=1, out=out())


def a_call(
    state: State = State.CONNECTED, part: Transcribing = RUNNING, *, on: bool = True, **changes: Any
) -> Call:
    """Return a call that is as far as that; one that is over was ended by a callback."""
    call = replace(
        CALL,
        state=state,
        wish=ON if on else OFF,
        machine=Machine(transcribing=part),
        connection_id="connection",
        server_call_id="server",
        correlation_id="correlation",
        answered_at=Ms(NOW - 15_000),
    )
    if call.terminal:
        call = replace(call, ended_at=Ms(NOW - 5_000), ended_by=EndedBy.CALLBACK)
    return replace(call, **changes)


def an_event(
    name: str,
    code: int | None = 200,
    sub_code: int | None = None,
    message: str | None = None,
    time: Ms | None = NOW,
    context: str | None = None,
) -> CallEvent:
    """Return a callback of the call."""
    return CallEvent(
        id="event",
        type=name,
        time=time,
        call_connection_id="connection",
        server_call_id="server",
        correlation_id="correlation",
        code=code,
        sub_code=sub_code,
        message=message,
        context=context,
    )


def started(decision: Decision) -> bool:
    """Tell whether a decision asks to start transcription."""
    return any(
        isinstance(step, Operation) and step.kind is OperationKind.START for step in decision.steps
    )
