"""A pause of a call's transcription: stopped by wish, and started again by itself; pure.

It is for what must not be kept, such as the digits of a payment card.
"""

from dataclasses import replace

from callscribe.calls import transcription
from callscribe.calls.call import Call, Pause, with_transcribing
from callscribe.calls.wish import Change, revised
from callscribe.foundation.moments import Ms, elapsed, later


def begun(call: Call, change: Change, now: Ms) -> Call:
    """Return the call after a wish: with the pause that was asked for, and without any before.

    Another language ends no pause.
    """
    if call.terminal or change.on is None:
        return call
    span = change.pause
    return _with(call, None if span is None else Pause(now, span))


def over(call: Call, now: Ms) -> Call:
    """Start the transcription of a call again whose pause is over.

    A pause that began in the future was begun by another clock: it begins anew, for it must not
    end too early.
    """
    pause = call.machine.pause
    if pause is None or call.terminal:
        return call
    since = min(pause.since, now)
    if elapsed(since, now) < pause.span:
        return _with(call, Pause(since, pause.span))
    wish = revised(call.wish, Change(on=True), call.wish.by, now)
    started = with_transcribing(call, transcription.wanted(call.transcribing, now))
    return replace(_with(started, None), wish=wish)


def ends(call: Call) -> Ms | None:
    """Return when a pause is over; None where there is none."""
    pause = call.machine.pause
    return None if pause is None else later(pause.since, pause.span)


def _with(call: Call, pause: Pause | None) -> Call:
    if call.machine.pause == pause:
        return call
    return replace(call, machine=replace(call.machine, pause=pause))
