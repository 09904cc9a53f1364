"""How a call begins, which lease it is under, and how it is shown."""

from dataclasses import replace

import pytest

from callscribe.calls.call import (
    UP,
    Call,
    Consent,
    Direction,
    EndedBy,
    Line,
    Machine,
    Own,
    Report,
    State,
    Transcription,
    acquire,
    held_by_other,
    renew,
    with_line,
    with_transcribing,
)
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    Looking,
    Operation,
    OperationKind,
    Running,
    Transcribing,
    at_setup,
)
from callscribe.calls.wish import Why
from callscribe.foundation.moments import Ms, Seconds
from tests.calls.deciding import a_call, after, out
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH, GERMAN, OFF, ON

RANG = START
WHY = Reason("why", 400, 8565, "mend it")
RUNS = Transcribing(runs=Running(ENGLISH, RANG, by=1), number=1, good=ENGLISH)
RAN = Transcribing(number=1, good=ENGLISH)


def ringing() -> Call:
    return Call("id", Direction.INBOUND, State.ANSWERING, UNKNOWN, UNKNOWN, RANG, ON)


class TestOwn:
    """Of a call that another application keeps, only its streams are seen."""

    @pytest.mark.parametrize(
        ("state", "connected", "silent", "shown"),
        [
            (State.CONNECTING, False, False, Transcription.OFF),
            (State.MISSED, False, False, Transcription.OFF),
            (State.CONNECTED, True, False, Transcription.ACTIVE),
            (State.CONNECTED, True, True, Transcription.STOPPED),
            (State.ENDED, True, False, Transcription.STOPPED),
        ],
    )
    def test_its_transcription_is_shown_by_its_streams(
        self, state: State, shown: Transcription, *, connected: bool, silent: bool
    ) -> None:
        own = Own(Seconds(60), Seconds(30), silent=RANG if silent else None)
        call = Call("id", Direction.OWN, state, UNKNOWN, UNKNOWN, RANG, OFF, Machine(own=own))
        call = replace(call, connected_at=RANG if connected else None)
        assert call.is_own
        assert call.transcription is shown


class TestLease:
    def test_every_claim_counts_as_a_drive(self) -> None:
        once = acquire(ringing(), "a", Ms(RANG + 8000))
        twice = acquire(once, "b", Ms(RANG + 9000))
        assert (once.lease_id, once.lease_until, once.drives) == ("a", RANG + 8000, 1)
        assert (twice.lease_id, twice.drives) == ("b", 2)

    def test_a_claim_that_is_renewed_is_the_same_drive(self) -> None:
        renewed = renew(acquire(ringing(), "a", Ms(RANG + 8000)), Ms(RANG + 9000))
        assert (renewed.lease_id, renewed.lease_until, renewed.drives) == ("a", RANG + 9000, 1)

    def test_a_claim_keeps_others_off_until_it_expires(self) -> None:
        call = acquire(ringing(), "a", Ms(RANG + 8000))
        assert held_by_other(call, "b", Ms(RANG + 7999))
        assert not held_by_other(call, "b", Ms(RANG + 8000))
        assert not held_by_other(call, "a", RANG)
        assert not held_by_other(ringing(), "b", RANG)

    def test_a_claim_by_a_clock_that_was_ahead_by_an_hour_has_expired(self) -> None:
        call = acquire(ringing(), "a", Ms(RANG + 8000))
        assert not held_by_other(call, "b", Ms(RANG - 3_600_000))


class TestStanding:
    @pytest.mark.parametrize("state", State)
    def test_the_states_in_which_a_call_is_over(self, state: State) -> None:
        call = Call("id", Direction.OUTBOUND, state, UNKNOWN, UNKNOWN, RANG, OFF)
        assert call.terminal == (state not in UP)
        up = {State.ANSWERING, State.DIALING, State.CONNECTING, State.CONNECTED}
        assert call.terminal == (state not in up)

    @pytest.mark.parametrize("by", [None, *EndedBy])
    @pytest.mark.parametrize("state", State)
    def test_an_end_may_be_inferred(self, state: State, by: EndedBy | None) -> None:
        call = a_call(state, ended_by=by)
        inferred = call.terminal and by in (EndedBy.INFERRED, EndedBy.LIMIT)
        assert call.inferred == (inferred or state is State.MISSED)

    def test_a_part_of_the_machine_is_changed_alone(self) -> None:
        line, part = Line(tries=3), Transcribing(number=7)
        call = with_transcribing(with_line(a_call(), line), part)
        assert call.machine == Machine(line, part)
        assert (call.line, call.transcribing) == (line, part)

    def test_nobody_was_asked_for_consent_at_first(self) -> None:
        assert a_call().consent is Consent.NONE

    def test_a_report_has_counted_nothing_at_first(self) -> None:
        assert Report() == Report(0, 0, 0, 0, 0, 0, 0, Seconds(0), Seconds(0))


class TestAround:
    @pytest.mark.parametrize("state", State)
    def test_transcription_is_controlled_while_the_call_is_connected(self, state: State) -> None:
        call = a_call(state)
        expected = Looking("id", ON, RANG, connected=state is State.CONNECTED)
        assert call.around(RANG) == expected

    @pytest.mark.parametrize("direction", Direction)
    def test_a_joined_call_cannot_change_its_language_at_once(self, direction: Direction) -> None:
        around = a_call(direction=direction).around(RANG)
        assert around.may_update == (direction is not Direction.JOINED)


STOP = out(OperationKind.STOP, 2)
BLOCKED = replace(RAN, blocked=1, reason=WHY)
SHOWN: list[tuple[str, Call, Transcription]] = [
    ("not wanted", a_call(part=Transcribing(), on=False), Transcription.OFF),
    ("not wanted any more", a_call(part=RAN, on=False), Transcription.STOPPED),
    ("not wanted, and runs", a_call(part=RUNS, on=False), Transcription.STOPPING),
    (
        "not wanted, and stops",
        a_call(part=replace(RUNS, out=STOP), on=False),
        Transcription.STOPPING,
    ),
    ("not wanted, and starts", a_call(part=at_setup(ENGLISH), on=False), Transcription.STOPPING),
    (
        "consent is pending",
        a_call(part=Transcribing(), wish=replace(OFF, why=Why.CONSENT_PENDING)),
        Transcription.WAITING,
    ),
    ("rings", a_call(State.ANSWERING, at_setup(ENGLISH)), Transcription.STARTING),
    ("starts", a_call(part=Transcribing(out=out())), Transcription.STARTING),
    ("is tried again", a_call(part=replace(RAN, reason=WHY)), Transcription.STARTING),
    ("runs", a_call(part=RUNS), Transcription.ACTIVE),
    (
        "changes",
        a_call(part=replace(RUNS, out=out(OperationKind.UPDATE, 2, GERMAN))),
        Transcription.ACTIVE,
    ),
    (
        "runs in the language that was good",
        a_call(part=replace(RUNS, blocked=1, fallback=True, reason=WHY)),
        Transcription.ACTIVE,
    ),
    ("stops to change", a_call(part=replace(RUNS, out=STOP)), Transcription.STOPPING),
    ("people must mend it", a_call(part=BLOCKED), Transcription.FAILED),
    (
        "the language that was good is started",
        a_call(part=replace(BLOCKED, fallback=True)),
        Transcription.STARTING,
    ),
    (
        "people had to mend an earlier revision",
        a_call(part=BLOCKED, wish=replace(ON, revision=2)),
        Transcription.STARTING,
    ),
    ("over, and ran", a_call(State.ENDED, RUNS), Transcription.STOPPED),
    ("over, and ran before it failed", a_call(State.ENDED, BLOCKED), Transcription.STOPPED),
    ("over, and never ran", a_call(State.ENDED, Transcribing(reason=WHY)), Transcription.FAILED),
    ("over, and was not wanted", a_call(State.ENDED, Transcribing(), on=False), Transcription.OFF),
    ("missed", a_call(State.MISSED, at_setup(ENGLISH)), Transcription.OFF),
]


class TestShown:
    @pytest.mark.parametrize(
        ("call", "shown"), [pytest.param(call, shown, id=name) for name, call, shown in SHOWN]
    )
    def test_how_transcription_stands(self, call: Call, shown: Transcription) -> None:
        assert call.transcription is shown

    def test_every_state_is_shown_of_some_call(self) -> None:
        assert {shown for *_, shown in SHOWN} == set(Transcription)

    @pytest.mark.parametrize(
        ("part", "locale"),
        [
            (Transcribing(), None),
            (Transcribing(good=GERMAN), "de-DE"),
            (RUNS, "en-US"),
            (replace(RUNS, good=GERMAN), "en-US"),
        ],
    )
    def test_the_locale_that_runs_or_ran_last(self, part: Transcribing, locale: str | None) -> None:
        assert a_call(part=part).locale == locale

    def test_the_problem_is_why_it_does_not_run_as_wanted(self) -> None:
        assert a_call(part=BLOCKED).problem == WHY
        assert a_call().problem is None

    def test_the_next_try_is_shown_while_it_is_waited_for(self) -> None:
        waits = replace(RAN, reason=WHY, next_at=after(4))
        assert a_call(part=waits).transcription_next_at == after(4)
        wants_another = replace(RUNS, reason=WHY, next_at=after(4))
        german = replace(ON, language=GERMAN)
        assert a_call(part=wants_another, wish=german).transcription_next_at == after(4)

    @pytest.mark.parametrize(
        "call",
        [
            a_call(part=replace(RAN, next_at=after(4))),
            a_call(part=replace(RAN, reason=WHY, next_at=after(4)), on=False),
            a_call(State.ENDED, replace(RAN, reason=WHY, next_at=after(4))),
            a_call(part=replace(RAN, reason=WHY, next_at=after(4), out=out())),
            a_call(part=replace(RUNS, reason=WHY, next_at=after(-9), blocked=1, fallback=True)),
        ],
    )
    def test_no_try_is_shown_where_none_is_waited_for(self, call: Call) -> None:
        assert call.transcription_next_at is None


def test_an_operation_says_what_is_asked_for() -> None:
    assert Operation(OperationKind.START, 1, ENGLISH, RANG).looked is None
