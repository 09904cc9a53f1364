"""The states of a call, drawn from the code: which event leads from which state to which.

`python -m tests.docs.states` prints the diagram for docs/architecture.md.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass, replace

from callscribe.calls.call import Call, Direction, EndedBy, Machine, Own, State
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Answered,
    End,
    Event,
    NotKnown,
    NotTold,
    Polled,
    Refused,
    Rejected,
    RingOver,
    StreamOpened,
    Woken,
)
from callscribe.calls.line import stream_closed
from callscribe.calls.transcription import Transcribing
from callscribe.foundation.moments import Seconds, later
from tests.calls.deciding import NOW, a_call, an_event

LONG_AGO = later(NOW, Seconds(-100 * 3_600))
UP = "a sign that it is up"


@dataclass(frozen=True)
class Case:
    """Something that can happen to calls of a direction, in the words of the diagram."""

    words: str
    event: Event
    old: bool = False


# CallConnected, a poll and a stream say the same.
SIGNS = (
    Case(UP, an_event("CallConnected")),
    Case(UP, StreamOpened("connection")),
    Case(UP, Polled("connected", transcribing=False, locale=None, asked_after=0)),
)
ENDS = (
    Case("CallDisconnected", an_event("CallDisconnected")),
    Case(
        "ACS knows it no more",
        Polled("disconnected", transcribing=False, locale=None, asked_after=0),
    ),
    Case("ACS knows it no more", NotKnown()),
    Case("too old, and ACS tells nothing", NotTold(), old=True),
)
REFUSED = Case("ACS refused the request", Refused(400, ""))
LATE = Case("no sign for 150 s", Woken(), old=True)
FIRST = {
    Direction.INBOUND: State.ANSWERING,
    Direction.OUTBOUND: State.DIALING,
    Direction.JOINED: State.CONNECTING,
    Direction.OWN: State.CONNECTING,
}
CASES: dict[Direction, tuple[Case, ...]] = {
    Direction.INBOUND: (
        Case("ACS accepted the answer", Answered("connection", None, None)),
        Case("ACS refused (4xx)", Refused(400, "")),
        Case("ACS refused us (401, 403)", Refused(401, "")),
        Case("its route rejects it", Rejected()),
        Case("nobody answers any more", RingOver()),
        Case("AnswerFailed", an_event("AnswerFailed", 500)),
    ),
    Direction.OUTBOUND: (
        Case("busy, declined, no answer", an_event("CreateCallFailed", 486)),
        Case("CreateCallFailed", an_event("CreateCallFailed", 404)),
        REFUSED,
        LATE,
    ),
    Direction.JOINED: (Case("ConnectFailed", an_event("ConnectFailed", 404)), REFUSED, LATE),
    Direction.OWN: (
        Case("nothing is heard for too long", Woken(), old=True),
        Case("its application says so", End()),
    ),
}
SILENT = Own(wait=Seconds(3_600), idle=Seconds(60), silent=NOW, ask_at=NOW)


def diagram() -> str:
    """Return the diagram, as Mermaid has it."""
    words: dict[tuple[State, State], list[str]] = defaultdict(list)
    for direction, cases in CASES.items():
        for before in _reached(direction):
            for case in (*cases, *SIGNS, *ENDS):
                after = _after(before, case)
                if after is not before.state and case.words not in words[before.state, after]:
                    words[before.state, after].append(case.words)
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {way}" for way, state in FIRST.items()]
    lines += [f"    {a} --> {b}: {', '.join(each)}" for (a, b), each in words.items() if each]
    return "\n".join(lines) + "\n"


def _reached(direction: Direction) -> list[Call]:
    """Return a call in each state that calls of the direction get into, in order."""
    first = _call(FIRST[direction], direction)
    found = {(first.state, first.ended_by): first}
    waiting = [first]
    while waiting:
        before = waiting.pop(0)
        for case in (*CASES[direction], *SIGNS, *ENDS):
            after = decide(_ready(before, case), case.event, NOW).call
            key = (after.state, after.ended_by if after.terminal else None)
            if key not in found:
                found[key] = _call(after.state, direction, after.ended_by)
                waiting.append(found[key])
    return sorted(found.values(), key=lambda call: list(State).index(call.state))


def _call(state: State, direction: Direction, by: EndedBy | None = None) -> Call:
    call = a_call(state, Transcribing(), on=False, direction=direction)
    if direction is Direction.OWN:
        call = replace(call, machine=Machine(own=SILENT))
    return replace(call, ended_by=by if call.terminal else None)


def _ready(call: Call, case: Case) -> Call:
    """Return the call such that one event of the case is enough."""
    ready = call if call.terminal else stream_closed(call)
    return replace(ready, begun_at=LONG_AGO) if case.old else ready


def _after(before: Call, case: Case) -> State:
    return decide(_ready(before, case), case.event, NOW).call.state


if __name__ == "__main__":
    sys.stdout.write(diagram())
