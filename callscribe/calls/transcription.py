"""Where a call's transcription stands: started, lost, started again a bounded number of times.

Events may come late, twice or in the wrong order: what happened before the attempt that the call
now waits for, or runs on, changes nothing.
"""

from dataclasses import replace

from callscribe.calls.call import Call, Reason, Transcription
from callscribe.calls.events import Decision, Effect, EffectKind

MOST_ATTEMPTS = 5
SETTLED_MS = 60_000
"""A transcription that ran this long had started well: its attempts are counted anew."""
CLOCKS_APART_MS = 500
"""How far ACS's clock and ours may be apart; shorter than the shortest delay before an attempt."""

_WANTED = (Transcription.STARTING, Transcription.ACTIVE)


def wanted(call: Call) -> bool:
    """Tell whether the call is to be transcribed."""
    return not call.terminal and call.transcription in _WANTED


def outdated(call: Call, moment: int) -> bool:
    """Tell whether something happened before the attempt that the call waits for or runs on."""
    if call.transcription_attempts <= 1 or call.transcription_at is None:
        return False
    return moment < call.transcription_at - CLOCKS_APART_MS


def just_asked(call: Call, now: int) -> bool:
    """Tell whether an attempt is so young, or yet to come, that nobody can have missed it."""
    return now - (call.transcription_at or 0) < CLOCKS_APART_MS


def starting(call: Call, attempts: int, moment: int) -> Call:
    """Note the intent to start at that moment."""
    return replace(
        call,
        transcription=Transcription.STARTING,
        transcription_at=moment,
        transcription_attempts=attempts,
    )


def started(call: Call, moment: int) -> Call:
    """Note that transcription runs, where that was asked for."""
    if call.terminal or call.transcription is not Transcription.STARTING:
        return call
    return replace(call, transcription=Transcription.ACTIVE, transcription_at=moment)


def stopped(call: Call, moment: int) -> Call:
    """Note that transcription ended as it should."""
    return replace(call, transcription=Transcription.STOPPED, transcription_at=moment)


def given_up(call: Call, reason: Reason, moment: int) -> Call:
    """Note that transcription ended for good, and why."""
    failed = Transcription.FAILED
    return replace(call, transcription=failed, transcription_at=moment, reason=reason)


def start_again(call: Call, reason: Reason, now: int, *, at_once: bool = False) -> Decision:
    """Start transcription once more after a growing delay, a bounded number of times.

    `at_once` is for who has waited long enough: a queue that is late costs no further attempt then.
    """
    if not wanted(call):
        return Decision(call)
    running_since = call.transcription_at or now
    settled = call.transcription is Transcription.ACTIVE and now - running_since >= SETTLED_MS
    attempts = 1 if settled else call.transcription_attempts
    if attempts >= MOST_ATTEMPTS:
        return Decision(given_up(call, reason, now))
    if at_once:
        return Decision(starting(call, attempts + 1, now), (Effect(EffectKind.START),))
    delay = 2.0 ** (attempts - 1)
    again = starting(call, attempts + 1, now + int(delay * 1000))
    return Decision(again, (Effect(EffectKind.START_LATER, delay),))
