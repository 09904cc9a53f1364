from functools import cache
from itertools import product, starmap

from callscribe.calls.call import Call, State, Transcription
from callscribe.calls.events import (
    Answered,
    Decision,
    EffectKind,
    Event,
    Polled,
    Refused,
    RingOver,
    StartFailed,
)
from callscribe.calls.line import decide
from callscribe.foundation.moments import Ms
from tests.calls.deciding import FORBIDDEN, GONE, MOST_ATTEMPTS, NOW, a_call, an_event

EVENTS: tuple[Event, ...] = (
    *(
        an_event(name, time=time)
        for name in (
            "CallConnected",
            "CallDisconnected",
            "AnswerFailed",
            "CreateCallFailed",
            "ConnectFailed",
            "ParticipantsUpdated",
            "TranscriptionStarted",
            "TranscriptionUpdated",
            "TranscriptionResumed",
            "TranscriptionStopped",
        )
        for time in (NOW, Ms(NOW - 3000), None)
    ),
    an_event("TranscriptionFailed", 500, 8580),
    an_event("TranscriptionFailed", 403, 8565, FORBIDDEN),
    an_event("TranscriptionFailed", 400, 8528, GONE),
    an_event("TranscriptionFailed", 500, 9999, time=None),
    an_event("TranscriptionFailed", 202),
    Answered("connection", "server", "correlation"),
    Refused(400, "no"),
    Refused(401, "no"),
    RingOver(),
    StartFailed(503, None, "busy"),
    StartFailed(None, None, "no answer"),
    StartFailed(404, None, "gone"),
    StartFailed(403, 8565, FORBIDDEN),
    Polled(found=False),
    Polled(found=False, error_status=403),
    Polled(found=False, no_answer=True),
    Polled(found=True),
    Polled(found=True, connected=True),
    Polled(found=True, connected=True, overdue=True),
    Polled(found=True, connected=True, transcribing=True),
)
CORRECTING = ("CallConnected", "CallDisconnected", Answered)


def kinds(decision: Decision) -> list[EffectKind]:
    return [effect.kind for effect in decision.effects]


@cache
def every_case() -> list[tuple[Call, Event, Decision]]:
    """Return every kind of call with every kind of event, and what is decided."""
    moments = (None, *(Ms(NOW + later) for later in (-120_000, -1000, 1000)))
    calls = product(State, Transcription, (1, 2, MOST_ATTEMPTS), moments)
    return [
        (call, event, decide(call, event, NOW))
        for call in starmap(a_call, calls)
        for event in EVENTS
    ]


def test_deciding_again_on_the_outcome_changes_nothing_and_asks_for_nothing() -> None:
    for call, event, decision in every_case():
        again = decide(decision.call, event, NOW)
        assert again == Decision(decision.call), (call, event)


def test_terminal_states_absorb_but_that_a_call_was_missed_is_a_guess() -> None:
    for call, event, decision in every_case():
        if call.terminal and decision.call.state is not call.state:
            assert call.state is State.MISSED
            assert getattr(event, "type", type(event)) in CORRECTING
        elif call.terminal:
            assert decision.effects == ()
            assert decision.call.transcription is call.transcription


def test_effects_go_with_what_they_are_for() -> None:
    for call, event, decision in every_case():
        found, after = kinds(decision), decision.call
        case = (call, event)
        over = after.terminal and after.state is not call.state
        assert (EffectKind.FINISH in found) == over, case
        corrected = call.terminal and after.state is not call.state
        assert (EffectKind.REOPEN in found) == corrected, case
        starts = EffectKind.START in found or EffectKind.START_LATER in found
        assert not starts or after.transcription is Transcription.STARTING, case
        at_once = call.transcription is Transcription.OFF or isinstance(event, Polled)
        assert EffectKind.START not in found or at_once, case
        assert after.transcription_attempts <= MOST_ATTEMPTS, case
