"""What holds of every decision, whatever the call and whatever the event."""

from dataclasses import replace
from functools import cache
from itertools import product

from callscribe.calls.call import Call, Direction, EndedBy, HangUp, Line, State, with_line
from callscribe.calls.call_events import CallEvent
from callscribe.calls.decide import decide
from callscribe.calls.events import (
    Answered,
    Ask,
    Decision,
    Event,
    HungUp,
    NotKnown,
    NotTold,
    Polled,
    Refused,
    Replied,
    RingOver,
    StreamClosed,
    StreamOpened,
    Want,
    Woken,
)
from callscribe.calls.result_table import Advice
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    LONGEST_WAIT,
    Failure,
    Operation,
    OperationKind,
    Transcribing,
    at_setup,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change
from callscribe.foundation.moments import elapsed
from tests.calls.deciding import FORBIDDEN, NOW, RUNNING, a_call, after, an_event, out
from tests.fakes.wishes import ENGLISH, GERMAN, ON

WHY = Reason("why", 500)
PARTS = (
    Transcribing(),
    at_setup(ENGLISH),
    Transcribing(number=1, out=out()),
    Transcribing(number=1, out=out(ago=20)),
    Transcribing(number=1, out=out(ago=20, unknown=True, looked=after(-5)), look_at=after(5)),
    RUNNING,
    replace(RUNNING, look_at=NOW),
    replace(RUNNING, number=2, out=out(OperationKind.UPDATE, 2, GERMAN)),
    replace(RUNNING, number=2, out=out(OperationKind.STOP, 2)),
    Transcribing(number=3, tries=2, next_at=after(4), good=ENGLISH, reason=WHY),
    Transcribing(number=3, tries=2, next_at=after(3_600), blocked=1, reason=WHY),
)
LINES = (Line(), Line(unknown_at=after(-20)), Line(unknown_at=after(-1), stream_closed=True))
EVENTS: tuple[Event, ...] = (
    *(
        an_event(name, code, sub_code, time=time, context=context)
        for name, code, sub_code in (
            ("CallConnected", 200, None),
            ("CallDisconnected", 200, 7000),
            ("AnswerFailed", 500, 9999),
            ("CreateCallFailed", 486, None),
            ("ConnectFailed", 404, None),
            ("ParticipantsUpdated", 200, None),
            ("TranscriptionStarted", 200, None),
            ("TranscriptionUpdated", 200, None),
            ("TranscriptionResumed", 200, None),
            ("TranscriptionStopped", 200, None),
            ("TranscriptionFailed", 500, 8580),
            ("TranscriptionFailed", 400, 8528),
            ("TranscriptionFailed", 202, None),
        )
        for time, context in ((NOW, "t1"), (after(-3), "t2"), (None, None))
    ),
    an_event("TranscriptionFailed", 403, 8565, FORBIDDEN, context="t1"),
    Answered("connection", "server", "correlation"),
    Refused(400, "no"),
    Refused(401, "no"),
    RingOver(),
    Replied(1, None),
    Replied(1, Failure(WHY)),
    Replied(2, Failure(WHY, Advice.FIX)),
    Replied(1, Failure(WHY, Advice.CLOSE)),
    *(
        Polled(state, transcribing, locale, asked_after)
        for state in ("connected", "connecting", "disconnected")
        for transcribing, locale in ((True, "en-US"), (True, "de-DE"), (False, None))
        for asked_after in (0, 1, 2)
    ),
    NotKnown(),
    NotKnown(after(-9)),
    NotTold(),
    NotTold(403),
    StreamOpened("connection", "correlation"),
    StreamOpened(),
    StreamClosed(),
    Want(Change(on=True)),
    Want(Change(on=False)),
    Want(Change(language=GERMAN)),
    HungUp(),
    Woken(),
)


def calls() -> list[Call]:
    """Return every kind of call."""
    kinds = product(State, PARTS, LINES, (True, False), (None, HangUp.LEAVE))
    found = [
        with_line(a_call(state, part, on=on, hang_up=hang_up), line)
        for state, part, line, on, hang_up in kinds
    ]
    found += [replace(call, ended_by=EndedBy.INFERRED) for call in found if call.terminal]
    german = replace(ON, language=GERMAN)
    joined = [a_call(part=part, direction=Direction.JOINED, wish=german) for part in PARTS]
    return found + joined


@cache
def every_case() -> list[tuple[Call, Event, Decision]]:
    """Return every kind of call with every kind of event, and what is decided."""
    cases = ((call, event) for call in calls() for event in EVENTS if is_possible(call, event))
    return [(call, event, decide(call, event, NOW)) for call, event in cases]


def is_possible(call: Call, event: Event) -> bool:
    """Tell whether an event can happen: none is of an operation that is yet to come."""
    match event:
        case Polled():
            number = event.asked_after
        case CallEvent(context="t2"):
            number = 2
        case _:
            number = 0
    return number <= call.transcribing.number


def operations(decision: Decision) -> list[Operation]:
    return [step for step in decision.steps if isinstance(step, Operation)]


def test_deciding_again_on_the_outcome_asks_for_no_operation_again() -> None:
    for call, event, decision in every_case():
        again = decide(decision.call, event, NOW)
        case = (call, event)
        wished = isinstance(event, Want)  # a second wish is one, where the first does not run yet
        # What a look finds is waited for.
        looks = any(isinstance(step, Look) for step in decision.steps)
        looks = looks or decision.reopened or call.transcribing.look_at is not None
        assert wished or looks or operations(again) == [], case
        assert Ask.HANG_UP not in again.steps, case
        assert wished or again.call.state is decision.call.state, case
        assert Ask.FINISH not in again.steps, case


def test_an_operation_is_saved_as_it_is_asked_for_and_is_alone() -> None:
    for call, event, decision in every_case():
        found, part = operations(decision), decision.call.transcribing
        case = (call, event)
        assert found in ([], [part.out]), case
        assert part.number == call.transcribing.number + len(found), case
        assert not found or decision.call.state is State.CONNECTED, case
        assert len(decision.steps) == len(set(decision.steps)), case


def test_who_leaves_asks_for_nothing_else() -> None:
    for call, event, decision in every_case():
        assert decision.call.hang_up is None or operations(decision) == [], (call, event)


def test_what_acs_has_just_said_or_refused_to_say_is_not_asked_for_again_at_once() -> None:
    """Else one look would follow the other, for as long as ACS has nothing new to say."""
    for call, event, decision in every_case():
        if isinstance(event, Polled | NotKnown | NotTold):
            assert not any(isinstance(step, Look) for step in decision.steps), (call, event)
            out = decision.call.transcribing.out
            assert out is None or decision.next_at is not None or not is_up(decision.call)


def is_up(call: Call) -> bool:
    return call.state is State.CONNECTED


def test_what_is_over_for_certain_absorbs() -> None:
    for call, event, decision in every_case():
        if call.terminal and not call.inferred:
            assert decision == Decision(call), (call, event)


def test_who_opens_a_call_again_says_so() -> None:
    for call, event, decision in every_case():
        opened = call.terminal and not decision.call.terminal
        assert decision.reopened is opened, (call, event)
        assert not opened or call.inferred


def test_a_call_is_reported_on_as_it_ends_and_as_its_end_becomes_certain() -> None:
    for call, event, decision in every_case():
        over = decision.call.terminal and decision.call != call
        assert (Ask.FINISH in decision.steps) is over, (call, event)
        assert not decision.call.terminal or decision.call.ended_at is not None


def test_nothing_is_waited_for_longer_than_the_longest_wait() -> None:
    for call, event, decision in every_case():
        for moment in (decision.next_at, decision.soon):
            assert moment is None or elapsed(NOW, moment) <= LONGEST_WAIT, (call, event)
        assert decision.soon is None or decision.next_at is not None
        assert not decision.call.terminal or decision.next_at is None


def test_a_wish_is_changed_by_people_alone() -> None:
    for call, event, decision in every_case():
        changed = decision.call.wish != call.wish
        assert not changed or isinstance(event, Want), (call, event)
        assert decision.call.wish.revision == call.wish.revision + changed
