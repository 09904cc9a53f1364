"""What an event makes of a call: `decide(call, event, now) -> Decision(call, steps, next_at)`.

The event is told to every part of the call, then each part says what it wants next: first the line,
then the transcription. The caller saves the call first, then performs the steps. Deciding again on
a call that already shows the outcome changes nothing and asks for nothing.
"""

from dataclasses import replace

from callscribe.calls import line, outage, own, pause, transcription
from callscribe.calls.call import Call, Direction, HangUp, Own, State, with_transcribing
from callscribe.calls.call_events import CallEvent
from callscribe.calls.events import (
    Answered,
    Ask,
    Decision,
    End,
    Event,
    HungUp,
    Leave,
    NotKnown,
    NotTold,
    Polled,
    Refused,
    Rejected,
    Replied,
    RingOver,
    StreamClosed,
    StreamOpened,
    Want,
    Woken,
)
from callscribe.calls.result_table import Advice
from callscribe.calls.transcription import Operation, Transcribing
from callscribe.calls.transcription_steps import Look, Next, next_step
from callscribe.calls.wish import revised
from callscribe.foundation.moments import Ms, Seconds, later

LONGEST_CALL = Seconds(30 * 3600)
# By then ACS has the answer to its dial: before, it waits for us, and nothing runs there yet.
AFTER_OPEN = Seconds(1)
_STARTED = frozenset({"TranscriptionStarted", "TranscriptionResumed"})
# The call may be over, or its transcription may run all the same: ACS is asked at once.
_LOOKED_INTO = frozenset({Advice.CLOSE, Advice.IGNORE})
_NOT_CONNECTED = frozenset({"AnswerFailed", "CreateCallFailed", "ConnectFailed"})


def decide(call: Call, event: Event, now: Ms, longest: Seconds = LONGEST_CALL) -> Decision:
    """Return the call as `event`, seen at `now`, leaves it, and what is to be done about it.

    `longest` is how old a call may become that ACS will not tell about.
    """
    if call.state is State.ERASED:
        return Decision(call)
    if call.machine.own is not None:
        seen = _observed_own(call, call.machine.own, event, now, longest)
    else:
        observed = pause.over(_observed(call, event, now, longest), now)
        seen = outage.noted(call, observed, now)
    if seen.terminal:
        steps = () if call.terminal and seen == call else (Ask.FINISH,)
        return Decision(seen, steps)
    settled = _settled(seen, now)
    if isinstance(event, Polled | NotKnown | NotTold):
        # ACS was asked a moment ago: where its answer did not help it is asked again later.
        settled = replace(
            settled, steps=tuple(each for each in settled.steps if not isinstance(each, Look))
        )
    if isinstance(event, StreamOpened) and settled.steps:
        soon = later(now, AFTER_OPEN)
        settled = Decision(seen, next_at=soon, soon=soon)
    return replace(settled, reopened=call.terminal)


def _observed(call: Call, event: Event, now: Ms, longest: Seconds) -> Call:
    match event:
        case CallEvent():
            return _callback(line.identified(call, event), event, now)
        case Answered() | Refused() | Rejected() | RingOver():
            return _answering(call, event, now)
        case Polled() | NotKnown() | NotTold():
            return _looked(call, event, now, longest)
        case StreamOpened() | StreamClosed():
            return _streaming(call, event, now)
        case Want() | Leave() | End():
            return _asked_for(call, event, now)
        case Replied() | HungUp() | Woken():
            return _ours(call, event, now)


def _observed_own(call: Call, part: Own, event: Event, now: Ms, longest: Seconds) -> Call:
    match event:
        case StreamOpened():
            seen = own.opened(call, part, event, now)
        case StreamClosed():
            seen = own.left(call, part, event, now)
        case Polled() | NotKnown() | NotTold():
            seen = own.looked(call, part, event, now)
        case End():
            seen = own.ended(call, now)
        case _:
            seen = call
    return own.unseen(seen, seen.machine.own or part, now, longest)


def _answering(call: Call, event: Answered | Refused | Rejected | RingOver, now: Ms) -> Call:
    match event:
        case Answered():
            return line.answered(call, event, now)
        case Refused():
            return line.refused(call, event, now)
        case Rejected():
            return line.rejected(call, now)
        case RingOver():
            return line.ring_over(call, now)


def _looked(call: Call, event: Polled | NotKnown | NotTold, now: Ms, longest: Seconds) -> Call:
    match event:
        case Polled():
            seen = _polled(call, event, now, longest)
        case NotKnown():
            seen = line.not_known(call, event, now)
        case NotTold():
            seen = line.not_told(call, event, now, longest)
    return line.without_sign(seen, now)


def _streaming(call: Call, event: StreamOpened | StreamClosed, now: Ms) -> Call:
    match event:
        case StreamOpened():
            return _stream_opened(call, event, now)
        case StreamClosed():
            left = line.stream_closed(call, event.at)
            return _part(left, transcription.closed(call.transcribing, now))


def _asked_for(call: Call, event: Want | Leave | End, now: Ms) -> Call:
    match event:
        case Want():
            return _wanted(call, event, now)
        case Leave():
            return line.wants_to_leave(call, event.how)
    return call  # only the application that keeps a call may say that it is over


def _ours(call: Call, event: Replied | HungUp | Woken, now: Ms) -> Call:
    match event:
        case Replied():
            return _replied(call, event, now)
        case HungUp():
            looking = replace(call.transcribing, look_at=now)
            return _part(call, looking) if call.hang_up else call
        case Woken():
            return line.without_sign(call, now)


def _callback(call: Call, event: CallEvent, now: Ms) -> Call:
    if event.type == "CallConnected":
        return _up(call, event.time or now, now)
    if event.type == "CallDisconnected":
        return line.disconnected(call, event, now)
    if event.type in _NOT_CONNECTED:
        return line.not_connected(call, event, now)
    return _part(call, _transcription_callback(call, event, now))


def _transcription_callback(call: Call, event: CallEvent, now: Ms) -> Transcribing:
    part, around = call.transcribing, call.around(now)
    number = _number(event.context)
    if event.type in _STARTED:
        return transcription.started(part, number, None, now)
    if event.type == "TranscriptionUpdated":
        return transcription.updated(part, number, None, now)
    if event.type == "TranscriptionStopped":
        return transcription.stopped(part, number, around)
    if event.type == "TranscriptionFailed":
        failure = transcription.failure_of(event.code, event.sub_code, event.message)
        if failure.advice is not Advice.IGNORE:
            part = transcription.failed(part, number, failure, around)
        return replace(part, look_at=now) if failure.advice in _LOOKED_INTO else part
    return part


def _polled(call: Call, event: Polled, now: Ms, longest: Seconds) -> Call:
    call = replace(call, connection_id=call.connection_id or event.connection_id)
    if event.state == line.DISCONNECTED:
        return line.gone(call, now)
    if event.state in line.NOT_UP and not event.transcribing:
        return call
    up = _up(call, now, now)
    if up.terminal:
        return up
    if line.too_old(up, now, longest):
        # Others may go on in a call that we only joined.
        joined = up.direction is Direction.JOINED
        up = line.wants_to_leave(up, HangUp.LEAVE if joined else HangUp.EVERYONE)
    part = transcription.polled(
        up.transcribing, event.locale, event.asked_after, up.around(now), running=event.transcribing
    )
    return with_transcribing(up, part)


def _stream_opened(call: Call, event: StreamOpened, now: Ms) -> Call:
    known = replace(
        call,
        connection_id=call.connection_id or event.connection_id,
        correlation_id=call.correlation_id or event.correlation_id,
    )
    # Without a connection id ACS cannot be asked about it: its callback will bring one.
    up = _up(known, now, now) if known.connection_id else known
    return _part(up, transcription.opened(up.transcribing, now))


def _up(call: Call, moment: Ms, now: Ms) -> Call:
    """Note a sign that the call is up; where it was over by inference, ACS is polled at once."""
    up = line.connected(call, moment)
    if up.terminal:
        return up
    part = transcription.connected(up.transcribing, now)
    return with_transcribing(up, replace(part, look_at=now) if call.terminal else part)


def _replied(call: Call, event: Replied, now: Ms) -> Call:
    part = transcription.replied(call.transcribing, event.number, event.failure, call.around(now))
    gone = event.failure is not None and event.failure.advice is Advice.CLOSE
    return _part(call, replace(part, look_at=now) if gone else part)


def _wanted(call: Call, event: Want, now: Ms) -> Call:
    change, wish, part = event.change, call.wish, call.transcribing
    on = wish.on if change.on is None else change.on
    language = change.language or wish.language
    runs_so = part.runs is not None and part.runs.language == language
    same = (on, language, change.why) == (wish.on, wish.language, wish.why)
    if call.terminal or (same and (not on or runs_so)):
        return pause.begun(call, change, now)
    wished = replace(call, wish=revised(wish, change, event.by, now))
    return pause.begun(with_transcribing(wished, transcription.wanted(part, now)), change, now)


def _part(call: Call, part: Transcribing) -> Call:
    return call if call.terminal else with_transcribing(call, part)


def _number(context: str | None) -> int | None:
    """Return the number of the operation that a callback answers; None for another context."""
    digits = (context or "").removeprefix("t")
    usable = (context or "").startswith("t") and digits.isascii() and digits.isdecimal()
    return int(digits) if usable and len(digits) < 10 else None  # noqa: PLR2004 - as many as fit


def _settled_own(call: Call, part: Own, now: Ms) -> Decision:
    asking, due = own.asking(call, part, now)
    steps = (Look(call.transcribing.number),) if due else ()
    return Decision(asking, steps, own.wake(asking, asking.machine.own or part))


def _settled(call: Call, now: Ms) -> Decision:
    if call.machine.own is not None:
        return _settled_own(call, call.machine.own, now)
    leaving, hang_up_at = _leaving(call, now)
    following = next_step(leaving.transcribing, leaving.around(now))
    if leaving.hang_up is not None and isinstance(following.step, Operation):
        following = Next(leaving.transcribing)  # it ends with the call
    steps = (
        *((Ask.HANG_UP,) if leaving is not call else ()),
        *(() if following.step is None else (following.step,)),
    )
    soon = [following.soon, hang_up_at, pause.ends(leaving)]
    moments = [*soon, following.wake, _unknown_again(call), line.sign_due(call)]
    moments.append(outage.next_told(leaving, now))
    due = [moment for moment in moments if moment is not None]
    return Decision(
        call=with_transcribing(leaving, following.part),
        steps=steps,
        next_at=min(due, default=None),
        soon=min((each for each in soon if each is not None), default=None),
    )


def _leaving(call: Call, now: Ms) -> tuple[Call, Ms | None]:
    if call.hang_up is None or call.connection_id is None:
        return call, None
    if call.line.next_at is not None and not transcription.is_due(call.line.next_at, now):
        return call, call.line.next_at
    asked = line.asked_to_hang_up(call, now)
    return asked, asked.line.next_at


def _unknown_again(call: Call) -> Ms | None:
    since = call.line.unknown_at
    return None if since is None else later(since, line.NOT_KNOWN_AGAIN)
