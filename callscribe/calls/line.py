"""What an event does to a call: `decide(call, event, now) -> Decision(call, effects)`.

The caller saves the call first, then performs the effects. Deciding again on a call that already
shows the outcome changes nothing and asks for nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from callscribe.calls.call import Call, Reason, State, Transcription, reason_of
from callscribe.calls.call_events import CallEvent
from callscribe.calls.events import (
    Answered,
    Decision,
    Effect,
    EffectKind,
    Event,
    Polled,
    Refused,
    RingOver,
    StartFailed,
)
from callscribe.calls.results import Advice, judge
from callscribe.calls.transcription import (
    given_up,
    just_asked,
    outdated,
    start_again,
    started,
    starting,
    stopped,
    wanted,
)
from callscribe.foundation.moments import Ms

_NOT_ALLOWED = (401, 403)
_ALLOW_US = "Check the role of the app's identity on the ACS resource, or ACS_ACCESS_KEY."
_ENDS_WITH_THE_CALL = (Transcription.STARTING, Transcription.ACTIVE, Transcription.STOPPING)
_FINISH = Effect(EffectKind.FINISH)
_REOPEN = Effect(EffectKind.REOPEN)


def decide(call: Call, event: Event, now: Ms) -> Decision:
    """Return the call as `event`, seen at `now`, leaves it, and what is to be done about it."""
    match event:
        case CallEvent():
            known = _identified(call, event)
            rule = _RULES.get(event.type)
            return rule(known, event, now) if rule else Decision(known)
        case Answered():
            return _answered(call, event, now)
        case Refused():
            return _refused(call, event, now)
        case RingOver():
            return _ring_over(call, now)
        case Polled():
            return _polled(call, event, now)
        case StartFailed():
            return _lost(call, event, now, now)


def is_of(call: Call, event: CallEvent) -> bool:
    """Tell whether a callback is about this call: by its connection id, once that is known.

    A callback may come before the reply to the request that it is about.
    """
    if call.connection_id is not None:
        return event.call_connection_id == call.connection_id
    return call.state in (State.ANSWERING, State.CONNECTING, State.MISSED)


def _identified(call: Call, event: CallEvent) -> Call:
    return replace(
        call,
        connection_id=call.connection_id or event.call_connection_id,
        server_call_id=call.server_call_id or event.server_call_id,
        correlation_id=call.correlation_id or event.correlation_id,
    )


def _answered(call: Call, event: Answered, now: Ms) -> Decision:
    known = replace(
        call,
        connection_id=event.connection_id,
        server_call_id=event.server_call_id or call.server_call_id,
        correlation_id=event.correlation_id or call.correlation_id,
    )
    if _over(call):
        return Decision(known)
    known = replace(known, answered_at=call.answered_at or event.at or now)
    match call.state:
        case State.ANSWERING:
            return Decision(replace(known, state=State.CONNECTING))
        case State.MISSED:
            return Decision(_revived(known, State.CONNECTING), (_REOPEN,))
        case _:
            return Decision(known)


def _refused(call: Call, event: Refused, now: Ms) -> Decision:
    if call.state is not State.ANSWERING:
        return Decision(call)
    if event.code in _NOT_ALLOWED:
        reason = Reason(event.message, event.code, remedy=_ALLOW_US)
        return _closed(call, State.FAILED, now, reason)
    remedy = judge(event.code, None, event.message).remedy
    return _closed(call, State.MISSED, now, Reason(event.message, event.code, remedy=remedy))


def _ring_over(call: Call, now: Ms) -> Decision:
    if call.state is not State.ANSWERING:
        return Decision(call)
    return _closed(call, State.MISSED, now, Reason("The call was not answered while it rang."))


def _on_connected(call: Call, event: CallEvent, now: Ms) -> Decision:
    return _connected(call, event.time or now, now)


def _connected(call: Call, moment: Ms, now: Ms) -> Decision:
    if _over(call):
        return Decision(call)
    effects = _reopening(call)
    call = replace(
        _revived(call, State.CONNECTED),
        answered_at=call.answered_at or moment,
        connected_at=call.connected_at or moment,
    )
    if call.transcription is not Transcription.OFF:
        return Decision(call, effects)
    return Decision(starting(call, 1, now), (*effects, Effect(EffectKind.START)))


def _on_disconnected(call: Call, event: CallEvent, now: Ms) -> Decision:
    # Only a call that was up is disconnected: if it counts as missed, that guess was wrong.
    if _over(call):
        return Decision(call)
    reason = reason_of(event.message, event.code, event.sub_code)
    ended = _closed(call, State.ENDED, event.time or now, reason)
    return Decision(ended.call, (*_reopening(call), *ended.effects))


def _on_failed(call: Call, event: CallEvent, now: Ms) -> Decision:
    # A connected call did not fail to connect: ACS means a request that was repeated.
    if call.terminal or call.state is State.CONNECTED:
        return Decision(call)
    return _closed(call, State.FAILED, event.time or now, _reason(event))


def _on_transcribing(call: Call, event: CallEvent, now: Ms) -> Decision:
    moment = event.time or now
    return Decision(call if outdated(call, moment) else started(call, moment))


def _on_stopped(call: Call, event: CallEvent, now: Ms) -> Decision:
    moment = event.time or now
    if call.transcription is Transcription.STOPPING and not call.terminal:
        return Decision(stopped(call, moment))
    if outdated(call, moment):
        return Decision(call)
    return start_again(call, Reason("Transcription stopped unasked."), now)


def _on_transcription_failed(call: Call, event: CallEvent, now: Ms) -> Decision:
    return _lost(call, event, event.time or now, now)


def _lost(call: Call, event: CallEvent | StartFailed, moment: Ms, now: Ms) -> Decision:
    if outdated(call, moment):
        return Decision(call)
    match judge(event.code, event.sub_code, event.message).advice:
        case Advice.RETRY:
            return start_again(call, _reason(event), now)
        case Advice.FIX if wanted(call):
            return Decision(given_up(call, _reason(event), now))
        case Advice.CLOSE if not call.terminal:
            return _closed(call, State.ENDED, now, _reason(event))
        case _:
            return Decision(call)


def _polled(call: Call, event: Polled, now: Ms) -> Decision:
    if call.terminal:
        return Decision(call)
    if not event.found:
        return _closed(call, State.ENDED, event.over_at or now, _gone(event))
    if event.transcribing:
        asked = call.transcription is not Transcription.OFF
        call = started(call if asked else starting(call, 1, now), now)
    effects: tuple[Effect, ...] = ()
    if event.connected and call.state is not State.CONNECTED:
        connected = _connected(call, now, now)
        call, effects = connected.call, connected.effects
    silent = event.connected and event.overdue and not event.transcribing
    if silent and not just_asked(call, now):
        reason = Reason("Transcription is not running.")
        again = start_again(call, reason, now, at_once=True)
        call, effects = again.call, effects + again.effects
    return Decision(call, effects)


def _gone(event: Polled) -> Reason:
    if event.error_status is None and not event.no_answer:
        return Reason("ACS no longer knows the call.")
    remedy = _ALLOW_US if event.error_status in _NOT_ALLOWED else None
    status = event.error_status or None
    return Reason("ACS would not tell how the call ended.", status, remedy=remedy)


def _over(call: Call) -> bool:
    """Tell whether the end of the call is certain: that it was missed is only a guess."""
    return call.terminal and call.state is not State.MISSED


def _reopening(call: Call) -> tuple[Effect, ...]:
    """Return what a wrong `missed` needs: only calls that are listed as active are looked after."""
    return (_REOPEN,) if call.state is State.MISSED else ()


def _revived(call: Call, state: State) -> Call:
    if call.state is not State.MISSED:
        return replace(call, state=state)
    reason = call.reason if call.transcription is Transcription.FAILED else None
    return replace(call, state=state, ended_at=None, finished_at=None, reason=reason)


def _closed(call: Call, state: State, moment: Ms, reason: Reason | None) -> Decision:
    # Why there is no transcript matters more than how the call ended: that reason stays.
    kept = call.transcription is Transcription.FAILED
    reason = call.reason if kept else reason
    if state is not State.MISSED and call.transcription in _ENDS_WITH_THE_CALL:
        call = stopped(call, moment)
    return Decision(replace(call, state=state, ended_at=moment, reason=reason), (_FINISH,))


def _reason(event: CallEvent | StartFailed) -> Reason | None:
    remedy = judge(event.code, event.sub_code, event.message).remedy
    return reason_of(event.message, event.code, event.sub_code, remedy)


_RULES: dict[str, Callable[[Call, CallEvent, Ms], Decision]] = {
    "CallConnected": _on_connected,
    "CallDisconnected": _on_disconnected,
    "AnswerFailed": _on_failed,
    "CreateCallFailed": _on_failed,
    "ConnectFailed": _on_failed,
    "TranscriptionStarted": _on_transcribing,
    "TranscriptionUpdated": _on_transcribing,
    "TranscriptionResumed": _on_transcribing,
    "TranscriptionStopped": _on_stopped,
    "TranscriptionFailed": _on_transcription_failed,
}
