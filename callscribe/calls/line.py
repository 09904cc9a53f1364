"""What an event does to a call: `decide(call, event, now) -> Decision(call, effects)`.

Pure: the caller saves the call first (the intent), then performs the effects. Deciding again on a
call that already shows the outcome changes nothing and asks for nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from callscribe.calls.call import NO_REASON, Call, Reason, State, Transcription
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

_OUR_MISTAKE = (401, 403)
_NOT_LET_IN = "Check the role of the app's identity on the ACS resource, or ACS_ACCESS_KEY."
_ENDS_WITH_THE_CALL = (Transcription.STARTING, Transcription.ACTIVE, Transcription.STOPPING)
_FINISH = Effect(EffectKind.FINISH)
_REOPEN = Effect(EffectKind.REOPEN)


def decide(call: Call, event: Event, now: int) -> Decision:
    """Say what `event` makes of `call` at `now` (Unix ms), and what is to be done about it."""
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
            return _looked(call, event, now)
        case StartFailed():
            return _lost(call, _reason(event), now, now)


def is_of(call: Call, event: CallEvent) -> bool:
    """Tell whether a callback is this call's own: by its connection id, once that is known.

    Callbacks may be faster than the reply to the request that began the call.
    """
    if call.connection_id:
        return event.call_connection_id == call.connection_id
    return call.state in (State.ANSWERING, State.CONNECTING, State.MISSED)


def _identified(call: Call, event: CallEvent) -> Call:
    return replace(
        call,
        connection_id=call.connection_id or event.call_connection_id,
        server_call_id=call.server_call_id or event.server_call_id,
        correlation_id=call.correlation_id or event.correlation_id,
    )


def _answered(call: Call, event: Answered, now: int) -> Decision:
    known = replace(
        call,
        connection_id=event.connection_id or call.connection_id,
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


def _refused(call: Call, event: Refused, now: int) -> Decision:
    if call.state is not State.ANSWERING:
        return Decision(call)
    if event.code in _OUR_MISTAKE:
        reason = Reason(event.message, event.code, remedy=_NOT_LET_IN)
        return _closed(call, State.FAILED, now, reason)
    remedy = judge(event.code, 0, event.message).remedy
    return _closed(call, State.MISSED, now, Reason(event.message, event.code, remedy=remedy))


def _ring_over(call: Call, now: int) -> Decision:
    if call.state is not State.ANSWERING:
        return Decision(call)
    return _closed(call, State.MISSED, now, Reason("The call was not answered while it rang."))


def _on_connected(call: Call, event: CallEvent, now: int) -> Decision:
    return _connected(call, event.time or now, now)


def _connected(call: Call, moment: int, now: int) -> Decision:
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


def _on_disconnected(call: Call, event: CallEvent, now: int) -> Decision:
    # Only a call that was up is disconnected: that it was missed was a wrong guess.
    if _over(call):
        return Decision(call)
    reason = Reason(event.message, event.code, event.sub_code)
    ended = _closed(call, State.ENDED, event.time or now, reason)
    return Decision(ended.call, (*_reopening(call), *ended.effects))


def _on_failed(call: Call, event: CallEvent, now: int) -> Decision:
    # A connected call has not failed to connect: a request for it that was repeated has.
    if call.terminal or call.state is State.CONNECTED:
        return Decision(call)
    return _closed(call, State.FAILED, event.time or now, _reason(event))


def _on_transcribing(call: Call, event: CallEvent, now: int) -> Decision:
    moment = event.time or now
    return Decision(call if outdated(call, moment) else started(call, moment))


def _on_stopped(call: Call, event: CallEvent, now: int) -> Decision:
    moment = event.time or now
    if call.transcription is Transcription.STOPPING and not call.terminal:
        return Decision(stopped(call, moment))
    if outdated(call, moment):
        return Decision(call)
    return start_again(call, Reason("Transcription stopped unasked."), now)


def _on_transcription_failed(call: Call, event: CallEvent, now: int) -> Decision:
    return _lost(call, _reason(event), event.time or now, now)


def _lost(call: Call, reason: Reason, moment: int, now: int) -> Decision:
    if outdated(call, moment):
        return Decision(call)
    match judge(reason.code, reason.sub_code, reason.text).advice:
        case Advice.RETRY:
            return start_again(call, reason, now)
        case Advice.FIX if wanted(call):
            return Decision(given_up(call, reason, now))
        case Advice.CLOSE if not call.terminal:
            return _closed(call, State.ENDED, now, reason)
        case _:
            return Decision(call)


def _looked(call: Call, event: Polled, now: int) -> Decision:
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
    missed = event.connected and event.overdue and not event.transcribing
    if missed and not just_asked(call, now):
        reason = Reason("Transcription is not running.")
        again = start_again(call, reason, now, at_once=True)
        call, effects = again.call, effects + again.effects
    return Decision(call, effects)


def _gone(event: Polled) -> Reason:
    if event.error_status is None:
        return Reason("ACS no longer knows the call.")
    remedy = _NOT_LET_IN if event.error_status in _OUR_MISTAKE else ""
    return Reason("ACS would not tell how the call ended.", event.error_status, remedy=remedy)


def _over(call: Call) -> bool:
    """Tell whether nothing can bring the call back. That it was missed is a guess."""
    return call.terminal and call.state is not State.MISSED


def _reopening(call: Call) -> tuple[Effect, ...]:
    """Return what a correction of `missed` needs: nobody looks after a call that is not active."""
    return (_REOPEN,) if call.state is State.MISSED else ()


def _revived(call: Call, state: State) -> Call:
    if call.state is not State.MISSED:
        return replace(call, state=state)
    reason = call.reason if call.transcription is Transcription.FAILED else NO_REASON
    return replace(call, state=state, ended_at=None, finished_at=None, reason=reason)


def _closed(call: Call, state: State, moment: int, reason: Reason) -> Decision:
    # Why the words are missing matters more than how the call ended: that reason stays.
    kept = call.transcription is Transcription.FAILED
    reason = call.reason if kept else reason
    if state is not State.MISSED and call.transcription in _ENDS_WITH_THE_CALL:
        call = stopped(call, moment)
    return Decision(replace(call, state=state, ended_at=moment, reason=reason), (_FINISH,))


def _reason(event: CallEvent | StartFailed) -> Reason:
    remedy = judge(event.code, event.sub_code, event.message).remedy
    return Reason(event.message, event.code, event.sub_code, remedy)


_RULES: dict[str, Callable[[Call, CallEvent, int], Decision]] = {
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
