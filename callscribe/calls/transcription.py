"""Where a call's transcription stands: started, lost, started again a bounded number of times.

Events may come late, twice or in the wrong order: what happened before the attempt that the call
now waits for, or runs on, changes nothing.
"""

from dataclasses import replace

from callscribe.calls.call import Call, Reason, Transcription
from callscribe.calls.events import Decision, Effect, EffectKind
from callscribe.foundation.errors import TelephonyUnavailableError
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.foundation.retry import Retry

# Attempts to start that follow each other: a job in the queue makes each but the first.
RESTART = Retry(TelephonyUnavailableError, first=Seconds(1), longest=Seconds(8), attempts=5)
# Transcription that ran this long had started well: its attempts are counted anew.
SETTLED = Seconds(60)
# How far ACS's clock and ours may be apart; shorter than the shortest pause before an attempt.
CLOCKS_APART = Seconds(0.5)

_WANTED = (Transcription.STARTING, Transcription.ACTIVE)


def wanted(call: Call) -> bool:
    """Tell whether the call is to be transcribed."""
    return not call.terminal and call.transcription in _WANTED


def outdated(call: Call, moment: Ms) -> bool:
    """Tell whether something happened before the attempt that the call waits for or runs on."""
    if call.transcription_attempts <= 1 or call.transcription_at is None:
        return False
    return later(moment, CLOCKS_APART) < call.transcription_at


def just_asked(call: Call, now: Ms) -> bool:
    """Tell whether the attempt is yet to come, or too young for ACS to show its effect."""
    since = call.transcription_at
    return since is not None and elapsed(since, now) < CLOCKS_APART


def starting(call: Call, attempts: int, moment: Ms) -> Call:
    """Note the intent to start at that moment; of `attempts` in a row this is the last."""
    return replace(
        call,
        transcription=Transcription.STARTING,
        transcription_at=moment,
        transcription_attempts=attempts,
    )


def started(call: Call, moment: Ms) -> Call:
    """Note that transcription runs, where that was asked for."""
    if call.terminal or call.transcription is not Transcription.STARTING:
        return call
    return replace(call, transcription=Transcription.ACTIVE, transcription_at=moment)


def stopped(call: Call, moment: Ms) -> Call:
    """Note that transcription ended as it should."""
    return replace(call, transcription=Transcription.STOPPED, transcription_at=moment)


def given_up(call: Call, reason: Reason | None, moment: Ms) -> Call:
    """Note that transcription ended for good, and why."""
    failed = Transcription.FAILED
    return replace(call, transcription=failed, transcription_at=moment, reason=reason)


def start_again(call: Call, reason: Reason | None, now: Ms, *, at_once: bool = False) -> Decision:
    """Start transcription once more, after a delay that doubles; give up after the last attempt.

    With `at_once` there is no delay: where the queue is late, its delay must not cost an attempt.
    """
    if not wanted(call):
        return Decision(call)
    attempts = 1 if _settled(call, now) else call.transcription_attempts
    if RESTART.spent(attempts):
        return Decision(given_up(call, reason, now))
    if at_once:
        return Decision(starting(call, attempts + 1, now), (Effect(EffectKind.START),))
    delay = RESTART.pause(attempts)
    again = starting(call, attempts + 1, later(now, delay))
    return Decision(again, (Effect(EffectKind.START_LATER, delay),))


def _settled(call: Call, now: Ms) -> bool:
    since = call.transcription_at
    ran = since is not None and elapsed(since, now) >= SETTLED
    return call.transcription is Transcription.ACTIVE and ran
