"""The line of a call: whether it rings, is up or is over, and what tells so; pure.

An end that was inferred (a 404, ACS's word `disconnected`, age) yields once to what ACS says:
a callback of its end tells the true reason, any sign that it is up opens the call again.
docs/architecture.md has the table.
"""

from dataclasses import replace

from callscribe.calls.call import Call, Direction, EndedBy, HangUp, Line, State, with_line
from callscribe.calls.call_events import CallEvent
from callscribe.calls.events import Answered, NotKnown, NotTold, Refused
from callscribe.calls.result_table import ACCESS, Of
from callscribe.calls.results import Reason, is_unanswered, judge, reason_of
from callscribe.calls.transcription import delay
from callscribe.foundation.moments import Ms, Seconds, elapsed, later

# ACS's words for a call that is over, or is not up yet, among an open set:
# https://learn.microsoft.com/rest/api/communication/callautomation/call-connection/get-call
DISCONNECTED = "disconnected"
NOT_UP = frozenset({"connecting", "unknown"})
_NOT_ALLOWED = (401, 403)
# ACS may not know a call for a moment: it must say so twice, so far apart.
NOT_KNOWN_AGAIN = Seconds(10)
# A call that was dialled or joined shows a sign of life within this, or has failed.
SIGN_OF_LIFE = Seconds(150)
# A call that was dialled, or is being joined, and is not connected.
_PLACED = frozenset({State.DIALING, State.CONNECTING})


def is_of(call: Call, event: CallEvent) -> bool:
    """Tell whether a callback is about this call: by its connection id, once that is known.

    A callback may come before the reply to the request that it is about.
    """
    if call.connection_id is not None:
        return event.call_connection_id == call.connection_id
    return not call.terminal or call.inferred


def identified(call: Call, event: CallEvent) -> Call:
    """Take over the ids that a callback has and the call does not know yet."""
    return replace(
        call,
        connection_id=call.connection_id or event.call_connection_id,
        server_call_id=call.server_call_id or event.server_call_id,
        correlation_id=call.correlation_id or event.correlation_id,
    )


def answered(call: Call, event: Answered, now: Ms) -> Call:
    """Note that ACS accepted the answer, the dial or the joining: its ids are known from then on.

    A call that was dialled rings on until somebody answers it.
    """
    known = replace(
        call,
        connection_id=event.connection_id,
        server_call_id=event.server_call_id or call.server_call_id,
        correlation_id=event.correlation_id or call.correlation_id,
    )
    if is_certain_end(call):
        return known
    if call.direction is not Direction.INBOUND:
        waits = State.DIALING if call.direction is Direction.OUTBOUND else State.CONNECTING
        return _reopened(known, waits) if call.terminal else known
    known = replace(known, answered_at=call.answered_at or event.at or now)
    if call.state is State.ANSWERING:
        return replace(known, state=State.CONNECTING)
    return _reopened(known, State.CONNECTING) if call.terminal else known


def refused(call: Call, event: Refused, now: Ms) -> Call:
    """Note that ACS refused to have the call answered, to dial it, or to join it."""
    placed = call.direction in (Direction.OUTBOUND, Direction.JOINED)
    if not (call.state is State.ANSWERING or (placed and call.state in _PLACED)):
        return call
    remedy = judge(event.code, event.sub_code, event.message, Of.SET_UP).remedy
    reason = Reason(event.message, event.code, event.sub_code, remedy)
    failed = placed or event.code in _NOT_ALLOWED
    # An inference: a service that answers an error may have done all the same what it was asked.
    return closed(call, State.FAILED if failed else State.MISSED, now, EndedBy.INFERRED, reason)


def rejected(call: Call, now: Ms) -> Call:
    """Note that the call was rejected, as its route says."""
    if call.state is not State.ANSWERING:
        return call
    return closed(call, State.REJECTED, now, EndedBy.HANGUP, None)


def ring_over(call: Call, now: Ms) -> Call:
    """Note that the phone stopped ringing, and nobody has had the call answered."""
    if call.state is not State.ANSWERING:
        return call
    reason = Reason("The call was not answered while it rang.")
    return closed(call, State.MISSED, now, EndedBy.INFERRED, reason)


def connected(call: Call, moment: Ms) -> Call:
    """Note any sign that the call is up, seen at that moment."""
    if is_certain_end(call):
        return call
    up = _reopened(call, State.CONNECTED) if call.terminal else replace(call, state=State.CONNECTED)
    up = with_line(up, replace(up.line, unknown_at=None, stream_closed=False, left_at=None))
    return replace(
        up,
        answered_at=call.answered_at or moment,
        connected_at=call.connected_at or moment,
    )


def disconnected(call: Call, event: CallEvent, now: Ms) -> Call:
    """Note CallDisconnected: only a call that was up gets it, and it tells the true reason."""
    if is_certain_end(call):
        return call
    by = EndedBy.HANGUP if call.hang_up else EndedBy.CALLBACK
    reason = reason_of(event.message, event.code, event.sub_code)
    return closed(call, State.ENDED, event.time or now, by, reason)


def not_connected(call: Call, event: CallEvent, now: Ms) -> Call:
    """Note AnswerFailed, CreateCallFailed or ConnectFailed."""
    # A connected call did not fail to connect: ACS means a request that was repeated.
    if call.state is State.CONNECTED or is_certain_end(call):
        return call
    moment, reason = event.time or now, _reason(event)
    if event.type == "AnswerFailed":
        if call.terminal:
            return call
        return closed(call, State.MISSED, moment, EndedBy.INFERRED, reason)
    nobody = event.type == "CreateCallFailed" and is_unanswered(event.code, event.sub_code)
    state = State.UNANSWERED if nobody else State.FAILED
    by = EndedBy.HANGUP if call.hang_up else EndedBy.CALLBACK
    return closed(call, state, moment, by, reason)


def stream_closed(call: Call, at: Ms | None = None) -> Call:
    """Note that a stream was closed: a call that ACS then does not know is over at once.

    It was over `at` that moment, if the stream was not cut.
    """
    if call.terminal:
        return call
    return with_line(call, replace(call.line, stream_closed=True, left_at=at))


def not_known(call: Call, event: NotKnown, now: Ms) -> Call:
    """Note that ACS does not know the call: twice, or after a stream was closed, it is over."""
    if call.terminal:
        return call
    since = call.line.unknown_at
    first = since is None or elapsed(since, now) < 0
    too_soon = since is not None and 0 <= elapsed(since, now) < NOT_KNOWN_AGAIN
    if not call.line.stream_closed and (first or too_soon):
        return with_line(call, replace(call.line, unknown_at=now if first else since))
    reason = Reason("ACS no longer knows the call.")
    ended_at = event.last_up or call.line.left_at or now
    return closed(call, State.ENDED, ended_at, EndedBy.INFERRED, reason)


def gone(call: Call, now: Ms) -> Call:
    """Note that ACS says `disconnected`: the call is over, though no callback has told so."""
    if call.terminal:
        return call
    reason = Reason("ACS says that it is over.")
    return closed(call, State.ENDED, call.line.left_at or now, EndedBy.INFERRED, reason)


def not_told(call: Call, event: NotTold, now: Ms, longest: Seconds) -> Call:
    """Note that ACS would not tell about a call: one that is older than any can be is over."""
    if call.terminal or not too_old(call, now, longest):
        return call
    remedy = ACCESS if event.status in _NOT_ALLOWED else None
    reason = Reason("ACS would not tell how the call ended.", event.status, remedy=remedy)
    return closed(call, State.ENDED, event.last_up or now, EndedBy.LIMIT, reason)


def sign_due(call: Call) -> Ms | None:
    """Return by when a call that was dialled or joined shows a sign of life; None for others."""
    waits = call.state is State.DIALING or (
        call.state is State.CONNECTING and call.direction is Direction.JOINED
    )
    return later(call.begun_at, SIGN_OF_LIFE) if waits else None


def without_sign(call: Call, now: Ms) -> Call:
    """Give up a call that was dialled or joined and shows no sign of life."""
    if sign_due(call) is None or 0 <= elapsed(call.begun_at, now) < SIGN_OF_LIFE:
        return call
    reason = Reason("ACS gave no sign of the call.")
    return closed(call, State.FAILED, now, EndedBy.INFERRED, reason)


def too_old(call: Call, now: Ms, longest: Seconds) -> bool:
    """Tell whether a call is older than our limit."""
    return elapsed(call.begun_at, now) > longest


def asked_to_hang_up(call: Call, now: Ms) -> Call:
    """Note that ACS is asked to hang up, and when that is tried again."""
    tries = call.line.tries + 1
    again = later(now, delay(f"{call.id}/hangup", tries))
    return with_line(call, replace(call.line, asked=now, tries=tries, next_at=again))


def wants_to_leave(call: Call, how: HangUp) -> Call:
    """Note that the call is to be hung up; a wish to end it for everyone stays."""
    if call.terminal or call.hang_up in (how, HangUp.EVERYONE):
        return call
    return with_line(replace(call, hang_up=how), replace(call.line, asked=None, next_at=None))


def is_certain_end(call: Call) -> bool:
    """Tell whether the call is over for certain, or erased: nothing opens it again."""
    return call.terminal and not call.inferred


def closed(call: Call, state: State, moment: Ms, by: EndedBy, reason: Reason | None) -> Call:
    """Return the call as it is over. What was observed of its transcription stays as it is."""
    return replace(
        with_line(call, Line(roster=call.line.roster)),
        state=state,
        ended_at=moment,
        ended_by=by,
        reason=reason,
    )


def _reopened(call: Call, state: State) -> Call:
    return replace(
        call,
        state=state,
        ended_at=None,
        ended_by=None,
        finished_at=None,
        closed_at=None,
        reason=None,
    )


def _reason(event: CallEvent) -> Reason | None:
    remedy = judge(event.code, event.sub_code, event.message, Of.SET_UP).remedy
    return reason_of(event.message, event.code, event.sub_code, remedy)
