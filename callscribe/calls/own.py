"""A call that another application keeps: only its streams are seen, and none of it is ours to do.

It is up from its first stream on. Silence ends nothing by itself: after a while without a stream
ACS is asked, and where it will not tell, Web PubSub.
"""

from dataclasses import replace

from callscribe.calls import line
from callscribe.calls.call import Call, EndedBy, Own, State
from callscribe.calls.events import NotKnown, NotTold, Polled, StreamClosed, StreamOpened
from callscribe.calls.line import closed, is_certain_end
from callscribe.calls.results import Reason
from callscribe.calls.transcription import CONFIRM
from callscribe.foundation.moments import Ms, Seconds, elapsed, later

type Seen = Polled | NotKnown | NotTold


def opened(call: Call, own: Own, event: StreamOpened, now: Ms) -> Call:
    """Note that a stream was opened: the call is up, and nobody has to be asked."""
    if is_certain_end(call):
        return call
    known = replace(
        call,
        connection_id=call.connection_id or event.connection_id,
        correlation_id=call.correlation_id or event.correlation_id,
    )
    return with_own(line.connected(known, now), replace(own, silent=None, ask_at=None))


def left(call: Call, own: Own, event: StreamClosed, now: Ms) -> Call:
    """Note that a stream was closed: after a while of silence it is asked what became of it."""
    if call.terminal:
        return call
    silent = replace(own, silent=now, ask_at=later(now, own.idle))
    return with_own(line.stream_closed(call, event.at), silent)


def looked(call: Call, own: Own, event: Seen, now: Ms) -> Call:
    """Note what was said of a call that fell silent; of one that has a stream nothing is believed.

    The application may be of another ACS resource than ours, which does not know its calls.
    """
    if call.terminal or own.silent is None:
        return call
    match event:
        case NotKnown():
            return line.not_known(call, event, now)
        case Polled(state=line.DISCONNECTED):
            return line.gone(call, now)
        case NotTold(streams=False):
            reason = Reason("No stream was open any more, and ACS would not tell about the call.")
            ended_at = call.line.left_at or own.silent
            return closed(call, State.ENDED, ended_at, EndedBy.INFERRED, reason)
        case _:
            return with_own(call, replace(own, ask_at=later(now, own.idle)))


def ended(call: Call, now: Ms) -> Call:
    """Note that the application says that its call is over."""
    if is_certain_end(call):
        return call
    return closed(call, State.ENDED, call.ended_at or now, EndedBy.END, None)


def unseen(call: Call, own: Own, now: Ms, longest: Seconds) -> Call:
    """Close a call whose first stream did not come in time, or that is older than any may be."""
    if call.terminal:
        return call
    age = elapsed(call.begun_at, now)
    if call.state is State.CONNECTING and age >= own.wait:
        reason = Reason("No stream was opened in time.")
        return closed(call, State.MISSED, now, EndedBy.INFERRED, reason)
    if age > longest:
        reason = Reason("The call is older than LONGEST_CALL_HOURS.")
        return closed(call, State.ENDED, own.silent or now, EndedBy.LIMIT, reason)
    return call


def asking(call: Call, own: Own, now: Ms) -> tuple[Call, bool]:
    """Return the call and whether it is asked about now; where nobody answers it is asked again."""
    if not _has_come(own, now):
        return call, False
    return with_own(call, replace(own, ask_at=later(now, CONFIRM))), True


def wake(call: Call, own: Own) -> Ms | None:
    """Return when something is due of the call."""
    if call.state is State.CONNECTING:
        return later(call.begun_at, own.wait)
    return own.ask_at


def with_own(call: Call, own: Own) -> Call:
    """Return the call with another observation of its streams."""
    return replace(call, machine=replace(call.machine, own=own))


def _has_come(own: Own, now: Ms) -> bool:
    # Nobody asks later than the silence allows: such a moment was made by another clock.
    return own.ask_at is not None and (
        own.ask_at <= now or elapsed(now, own.ask_at) > max(own.idle, CONFIRM)
    )
