"""Transcription that is wanted and does not run: since when, and when that is told; pure.

It is told once a minute and call, so that an alert can be built on it: docs/operating.md.
"""

from dataclasses import replace

from callscribe.calls.call import Call, State
from callscribe.calls.transcription import SETTLED
from callscribe.foundation.moments import Ms, Seconds, elapsed, later

# A shorter outage is told to nobody, a longer one at each full minute.
MINUTE = Seconds(60)
# Somebody looks at the call within this after a full minute: the watch comes by every 15 seconds.
MOMENT = Seconds(20)


def noted(before: Call, after: Call, now: Ms) -> Call:
    """Return a call, as an event left it, with the moment since when its transcription is out.

    That counts from when the call was connected, something else was wanted, or what ran broke. A
    run that was too short to count ends no outage. All of it is by our own clock: a moment ahead
    is of before the clock was set.
    """
    since, ran = before.machine.idle_since, before.transcribing.runs
    begins = (
        _is_up(after) > _is_up(before)
        or after.wish.revision != before.wish.revision
        or (since is not None and elapsed(since, now) < 0)
    )
    if ran is not None and after.transcribing.runs is None:
        begins |= since is None or elapsed(ran.since, now) > SETTLED
    if after.terminal or not begins:
        return after
    return replace(after, machine=replace(after.machine, idle_since=now))


def next_told(call: Call, now: Ms) -> Ms | None:
    """Return the next full minute of an outage; None where there is none."""
    seconds = out_for(call, now)
    return None if seconds is None else later(now, Seconds(MINUTE - seconds % MINUTE))


def to_tell(call: Call, now: Ms) -> Seconds | None:
    """Return how long the outage lasts, if that is to be told now."""
    seconds = out_for(call, now)
    told = seconds is not None and seconds >= MINUTE and seconds % MINUTE < MOMENT
    return seconds if told else None


def out_for(call: Call, now: Ms) -> Seconds | None:
    """Return for how long transcription has been wanted and not running; None where it is not so.

    A call that is to be hung up needs none.
    """
    since = call.machine.idle_since
    misses = call.wish.on and call.transcribing.runs is None and call.hang_up is None
    if since is None or not misses or not _is_up(call):
        return None
    return max(elapsed(since, now), Seconds(0))


def _is_up(call: Call) -> bool:
    return call.state is State.CONNECTED
