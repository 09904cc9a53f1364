"""Whether a stream of a call is let in: one rule for every door; pure."""

from callscribe.calls.call import Call, State
from callscribe.foundation.moments import Ms, Seconds, elapsed

# Frames may come late, and ACS may open a stream again; a call that has been over for longer
# than this gets no stream.
LATE = Seconds(600)


def admit(call: Call, now: Ms) -> bool:
    """Tell whether a stream of the call is let in: it may be up, or was until a moment ago."""
    if call.state is State.ERASED:
        return False
    if not call.terminal or call.inferred:
        return True
    return elapsed(call.ended_at or call.begun_at, now) <= LATE
