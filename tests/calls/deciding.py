"""A call and its callbacks, to be decided upon, and the effects that are asked for."""

from dataclasses import replace

from callscribe.calls.call import Call, Direction, State, Transcription
from callscribe.calls.call_events import CallEvent
from callscribe.calls.events import Effect, EffectKind
from callscribe.foundation.moments import Ms
from tests.fakes import clock

NOW = clock.START
EARLIER = Ms(NOW - 10_000)
RANG = Ms(NOW - 20_000)
# In a row, to start transcription.
MOST_ATTEMPTS = 5
CALL = Call("id", Direction.INBOUND, State.ANSWERING, "4:+14255550111", "8:acs:a_b", RANG)
FINISH = Effect(EffectKind.FINISH)
START = Effect(EffectKind.START)
REOPEN = Effect(EffectKind.REOPEN)
FORBIDDEN = "Action failed due to a forbidden request to Cognitive Services."
GONE = "Action is invalid, call already terminated."


def a_call(
    state: State = State.CONNECTED,
    transcription: Transcription = Transcription.OFF,
    attempts: int = 1,
    at: Ms | None = EARLIER,
) -> Call:
    """Return a call that is as far as that."""
    return replace(
        CALL,
        state=state,
        transcription=transcription,
        transcription_attempts=attempts,
        transcription_at=at,
        connection_id="connection",
        answered_at=Ms(NOW - 15_000),
        ended_at=Ms(NOW - 5000) if state in {State.ENDED, State.MISSED, State.FAILED} else None,
    )


def an_event(
    name: str,
    code: int = 200,
    sub_code: int | None = None,
    message: str | None = None,
    time: Ms | None = NOW,
) -> CallEvent:
    """Return a callback of the call."""
    return CallEvent(
        "event", name, time, "connection", "server", "correlation", code, sub_code, message
    )
