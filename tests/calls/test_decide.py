"""What an event makes of a call as a whole: which part hears of it, and what is asked for."""

from dataclasses import replace

import pytest

from callscribe.calls.call import (
    Call,
    Direction,
    EndedBy,
    HangUp,
    State,
    Transcription,
)
from callscribe.calls.decide import LONGEST_CALL, decide
from callscribe.calls.events import (
    Answered,
    Ask,
    Decision,
    HungUp,
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
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    Failure,
    OperationKind,
    Transcribing,
    at_setup,
    delay,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change
from callscribe.foundation.moments import later
from tests.calls.deciding import (
    CALL,
    FORBIDDEN,
    GONE,
    NOW,
    RUNNING,
    STARTING,
    STARTS,
    WHY,
    a_call,
    after,
    an_event,
    out,
    started,
)
from tests.fakes.wishes import ENGLISH, GERMAN, ON


class TestConnecting:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING])
    def test_a_call_that_is_connected_is_transcribed(self, state: State) -> None:
        call = a_call(state, Transcribing(), connection_id=None, server_call_id=None)
        decision = decide(call, an_event("CallConnected", time=after(-1)), NOW)
        assert decision.steps == (STARTS,)
        assert decision.call.transcribing.out == STARTS
        assert (decision.call.state, decision.call.connected_at) == (State.CONNECTED, after(-1))
        assert (decision.call.connection_id, decision.call.server_call_id) == (
            "connection",
            "server",
        )
        assert decision.next_at == after(10)
        assert decision.soon is None

    def test_an_event_without_a_time_happens_now(self) -> None:
        call = decide(CALL, an_event("CallConnected", time=None), NOW).call
        assert call.connected_at == NOW

    def test_one_that_was_asked_to_start_with_the_answer_is_not_started_again(self) -> None:
        call = a_call(State.CONNECTING, at_setup(ENGLISH))
        decision = decide(call, an_event("CallConnected"), NOW)
        assert decision.steps == ()
        assert decision.call.transcribing.out == replace(STARTS, asked=NOW)

    def test_one_whose_transcription_is_not_wanted_is_left_alone(self) -> None:
        call = a_call(State.CONNECTING, Transcribing(), on=False)
        decision = decide(call, an_event("CallConnected"), NOW)
        assert decision.steps == ()
        assert decision.next_at is None

    def test_before_that_nothing_is_asked_for(self) -> None:
        decision = decide(replace(CALL, wish=ON), Answered("connection", None, None), NOW)
        assert decision.call.state is State.CONNECTING
        assert decision.steps == ()

    def test_a_missed_call_that_is_connected_is_listed_again_and_asked_about(self) -> None:
        missed = a_call(State.MISSED, at_setup(ENGLISH))
        decision = decide(missed, an_event("CallConnected"), NOW)
        assert decision.reopened
        assert decision.call.state is State.CONNECTED
        assert decision.steps == (Look(1),)

    def test_an_answer_that_comes_late_opens_it_again(self) -> None:
        decision = decide(a_call(State.MISSED), Answered("connection", None, None), NOW)
        assert decision.reopened
        assert decision.call.state is State.CONNECTING

    def test_one_that_its_route_rejects_is_reported_on(self) -> None:
        decision = decide(CALL, Rejected(), NOW)
        assert (decision.call.state, decision.steps) == (State.REJECTED, (Ask.FINISH,))

    @pytest.mark.parametrize("event", [Refused(400, "no"), RingOver(), an_event("AnswerFailed")])
    def test_one_that_is_not_answered_is_reported_on(self, event: Refused | RingOver) -> None:
        decision = decide(CALL, event, NOW)
        assert decision.call.state is State.MISSED
        assert decision.steps == (Ask.FINISH,)

    @pytest.mark.parametrize("name", ["CreateCallFailed", "ConnectFailed"])
    def test_one_that_fails_to_connect_is_reported_on(self, name: str) -> None:
        decision = decide(a_call(State.DIALING), an_event(name, 403, 8565, FORBIDDEN), NOW)
        assert decision.call.state is State.FAILED
        assert decision.steps == (Ask.FINISH,)

    def test_one_that_gives_no_sign_is_given_up_and_that_is_waited_for(self) -> None:
        call = a_call(State.DIALING, Transcribing(), begun_at=after(-100))
        assert decide(call, Woken(), NOW).next_at == after(50)
        late = decide(replace(call, begun_at=after(-151)), Woken(), NOW)
        assert late.call.state is State.FAILED


class TestTheEnd:
    def test_a_call_that_is_disconnected_is_reported_on(self) -> None:
        decision = decide(a_call(), an_event("CallDisconnected"), NOW)
        assert (decision.call.state, decision.steps) == (State.ENDED, (Ask.FINISH,))
        assert decision.call.transcription is Transcription.STOPPED
        assert (decision.next_at, decision.soon) == (None, None)

    def test_the_true_reason_is_reported_on_once_more(self) -> None:
        over = a_call(State.ENDED, ended_by=EndedBy.INFERRED)
        decision = decide(over, an_event("CallDisconnected", 200, 7000, "Hung up."), NOW)
        assert decision.call.reason == Reason("Hung up.", 200, 7000)
        assert decision.steps == (Ask.FINISH,)
        assert not decision.reopened

    @pytest.mark.parametrize(
        "event",
        [
            an_event("CallConnected"),
            an_event("CallDisconnected"),
            an_event("TranscriptionStarted"),
            an_event("TranscriptionStopped"),
            an_event("TranscriptionFailed", 400, 8528, GONE),
            Polled("connected", transcribing=True, locale=None, asked_after=1),
            Polled("disconnected", transcribing=False, locale=None, asked_after=1),
            NotKnown(),
            NotTold(503),
            RingOver(),
            Refused(400, "no"),
            StreamOpened("connection"),
            StreamClosed(),
            Replied(1, None),
            Replied(1, Failure(WHY, Advice.CLOSE)),
            Want(Change(on=True, language=GERMAN)),
            HungUp(),
            Woken(),
        ],
    )
    def test_once_it_is_over_for_certain_nothing_changes_it(self, event: RingOver) -> None:
        over = a_call(State.ENDED, RUNNING)
        assert decide(over, event, NOW) == Decision(over)

    def test_what_is_erased_is_left_alone_altogether(self) -> None:
        erased = a_call(State.ERASED, connection_id=None)
        for event in (an_event("CallDisconnected"), StreamOpened("c"), Answered("c", None, None)):
            assert decide(erased, event, NOW) == Decision(erased)


class TestPolling:
    def test_a_call_that_acs_says_is_over_is(self) -> None:
        polled = Polled("disconnected", transcribing=False, locale=None, asked_after=1)
        decision = decide(a_call(), polled, NOW)
        assert (decision.call.state, decision.call.ended_by) == (State.ENDED, EndedBy.INFERRED)
        assert decision.steps == (Ask.FINISH,)

    @pytest.mark.parametrize("state", ["connecting", "unknown"])
    def test_a_call_that_is_not_up_yet_is_waited_for(self, state: str) -> None:
        polled = Polled(state, transcribing=False, locale=None, asked_after=0)
        call = a_call(State.CONNECTING, Transcribing())
        assert decide(call, polled, NOW).call == call

    @pytest.mark.parametrize("state", ["connected", "transferring", "something new"])
    def test_a_lost_call_connected_is_made_good(self, state: str) -> None:
        polled = Polled(state, transcribing=False, locale=None, asked_after=0)
        decision = decide(a_call(State.CONNECTING, Transcribing()), polled, NOW)
        assert decision.call.state is State.CONNECTED
        assert started(decision)

    def test_what_is_transcribed_is_up(self) -> None:
        polled = Polled("unknown", transcribing=True, locale="de-DE", asked_after=1)
        call = decide(a_call(State.CONNECTING, at_setup(ENGLISH)), polled, NOW).call
        assert (call.state, call.locale) == (State.CONNECTED, "de-DE")

    def test_transcription_that_is_found_lost_is_tried_again(self) -> None:
        polled = Polled("connected", transcribing=False, locale=None, asked_after=1)
        decision = decide(a_call(), polled, NOW)
        assert decision.call.transcription is Transcription.STARTING
        assert decision.soon == decision.next_at == later(NOW, delay("id", 1))

    def test_a_call_that_acs_does_not_know_is_asked_about_once_more(self) -> None:
        decision = decide(a_call(), NotKnown(), NOW)
        assert decision.call.line.unknown_at == NOW
        assert decision.next_at == after(10)
        again = decide(decision.call, NotKnown(after(-2)), after(10))
        assert (again.call.state, again.call.ended_at) == (State.ENDED, after(-2))
        assert again.steps == (Ask.FINISH,)

    def test_a_call_that_acs_does_not_tell_of_goes_on_until_it_is_older_than_any(self) -> None:
        old = a_call(begun_at=after(-LONGEST_CALL))
        assert decide(old, NotTold(503), NOW).call == old
        assert decide(old, NotTold(503), after(1)).call.ended_by is EndedBy.LIMIT

    @pytest.mark.parametrize(
        ("direction", "how"),
        [
            (Direction.INBOUND, HangUp.EVERYONE),
            (Direction.OUTBOUND, HangUp.EVERYONE),
            (Direction.JOINED, HangUp.LEAVE),
        ],
    )
    def test_a_call_that_is_up_longer_than_any_is_hung_up(
        self, direction: Direction, how: HangUp
    ) -> None:
        """Others may go on in a call that we only joined."""
        old = a_call(begun_at=after(-LONGEST_CALL), direction=direction)
        polled = Polled("connected", transcribing=True, locale=None, asked_after=1)
        assert decide(old, polled, NOW).call.hang_up is None
        decision = decide(old, polled, after(1))
        assert decision.call.hang_up is how
        assert decision.steps == (Ask.HANG_UP,)


class TestStreams:
    def test_one_that_is_opened_tells_ids_and_that_the_call_is_up(self) -> None:
        ringing = replace(CALL, wish=ON)
        decision = decide(ringing, StreamOpened("connection", "correlation"), NOW)
        call = decision.call
        assert (call.state, call.connection_id, call.correlation_id) == (
            State.CONNECTED,
            "connection",
            "correlation",
        )

    def test_one_that_names_no_call_of_acs_does_not_connect(self) -> None:
        call = decide(replace(CALL, wish=ON), StreamOpened(), NOW).call
        assert call.state is State.ANSWERING

    def test_one_that_is_opened_tells_that_transcription_at_setup_runs(self) -> None:
        call = decide(a_call(State.CONNECTING, at_setup(ENGLISH)), StreamOpened(), NOW).call
        assert (call.state, call.transcription) == (State.CONNECTED, Transcription.ACTIVE)

    @pytest.mark.parametrize(
        "call",
        [
            a_call(part=STARTING, on=False),
            a_call(part=STARTING, wish=replace(ON, language=GERMAN)),
            a_call(part=Transcribing()),
            a_call(part=STARTING, hang_up=HangUp.EVERYONE),
            a_call(State.ENDED, ended_by=EndedBy.INFERRED),
        ],
        ids=["wanted no more", "in another language", "not known to run", "hung up", "over"],
    )
    def test_acs_is_asked_for_nothing_while_it_waits_for_a_stream_to_open(self, call: Call) -> None:
        """Until the dial is answered no stream is open; what is due is due a second later."""
        opened = decide(call, StreamOpened("connection"), NOW)
        assert opened.steps == ()
        assert (opened.next_at, opened.soon) == (after(1), after(1))
        assert opened.call.transcribing.number == call.transcribing.number
        assert decide(opened.call, Woken(), after(1)).steps != ()

    def test_one_that_is_opened_as_it_is_wanted_has_nothing_done(self) -> None:
        opened = decide(a_call(part=STARTING), StreamOpened("connection"), NOW)
        assert (opened.steps, opened.next_at, opened.soon) == ((), None, None)

    def test_one_that_is_closed_has_acs_asked_a_moment_later(self) -> None:
        decision = decide(a_call(), StreamClosed(), NOW)
        assert decision.steps == ()
        assert decision.soon == after(3)
        assert decision.call.line.stream_closed
        assert decide(decision.call, Woken(), after(3)).steps == (Look(1),)


class TestTranscribing:
    @pytest.mark.parametrize("name", ["TranscriptionStarted", "TranscriptionResumed"])
    def test_a_start_is_confirmed(self, name: str) -> None:
        decision = decide(a_call(part=STARTING), an_event(name, context="t1"), NOW)
        assert decision.call.transcription is Transcription.ACTIVE
        assert decision.steps == ()

    def test_an_update_is_confirmed(self) -> None:
        part = replace(RUNNING, number=2, out=out(OperationKind.UPDATE, 2, GERMAN))
        call = a_call(part=part, wish=replace(ON, language=GERMAN))
        found = decide(call, an_event("TranscriptionUpdated", context="t2"), NOW).call
        assert found.locale == "de-DE"

    def test_a_stop_that_was_asked_for_is_one(self) -> None:
        part = replace(RUNNING, number=2, out=out(OperationKind.STOP, 2))
        decision = decide(
            a_call(part=part, on=False), an_event("TranscriptionStopped", context="t2"), NOW
        )
        assert decision.call.transcription is Transcription.STOPPED
        assert decision.steps == ()

    @pytest.mark.parametrize(("code", "sub_code"), [(500, 8626), (202, None)])
    def test_a_failure_that_is_none_of_it_is_looked_into(
        self, code: int, sub_code: int | None
    ) -> None:
        event = an_event("TranscriptionFailed", code, sub_code, context="t1")
        decision = decide(a_call(), event, NOW)
        assert decision.call.transcription is Transcription.ACTIVE
        assert [type(step) for step in decision.steps] == [Look]

    @pytest.mark.parametrize(
        ("name", "code", "sub_code"),
        [
            ("TranscriptionStopped", 200, 0),
            ("TranscriptionFailed", 500, 8578),
            ("TranscriptionFailed", None, None),
        ],
    )
    def test_what_may_pass_is_tried_again_after_a_while(
        self, name: str, code: int | None, sub_code: int | None
    ) -> None:
        decision = decide(a_call(), an_event(name, code, sub_code, context="t1"), NOW)
        assert decision.call.transcription is Transcription.STARTING
        assert decision.steps == ()
        assert decision.soon == later(NOW, delay("id", 1))
        assert decision.call.problem
        assert started(decide(decision.call, Woken(), decision.soon))

    def test_what_people_must_mend_has_failed_and_is_tried_again_much_later(self) -> None:
        event = an_event("TranscriptionFailed", 403, 8565, FORBIDDEN, context="t1")
        decision = decide(a_call(part=STARTING), event, NOW)
        assert decision.call.transcription is Transcription.FAILED
        assert decision.call.problem
        assert (decision.call.problem.code, decision.call.problem.sub_code) == (403, 8565)
        assert decision.call.problem.remedy
        assert decision.soon == after(300)

    def test_a_failure_that_says_that_the_call_is_gone_has_acs_asked(self) -> None:
        event = an_event("TranscriptionFailed", 400, 8528, GONE, context="t1")
        assert decide(a_call(part=STARTING), event, NOW).steps == (Look(1),)

    @pytest.mark.parametrize(
        "context", [None, "", "t", "tx", "m1", "1", "t-1", "t٣", "t1234567890", "t 1"]
    )
    def test_a_context_that_is_not_ours_is_of_the_latest_operation(
        self, context: str | None
    ) -> None:
        event = an_event("TranscriptionStarted", context=context)
        assert decide(a_call(part=STARTING), event, NOW).call.locale == "en-US"

    def test_an_event_of_an_earlier_operation_is_history(self) -> None:
        part = replace(RUNNING, number=7, runs=replace(RUNNING.runs, by=7))  # type: ignore[type-var] # it runs
        call = a_call(part=part)
        event = an_event("TranscriptionFailed", 403, 8565, FORBIDDEN, context="t6")
        assert decide(call, event, NOW).call == call

    def test_any_other_event_says_nothing(self) -> None:
        assert decide(a_call(), an_event("ParticipantsUpdated"), NOW) == Decision(a_call())


class TestConnectionOfAPoll:
    def test_a_call_whose_worker_died_before_it_saved_its_connection_learns_it(self) -> None:
        """Its row of active calls knew it: that is written before the record is."""
        call = a_call(State.DIALING, Transcribing(), connection_id=None)
        polled = Polled("connecting", transcribing=False, locale=None, asked_after=0)
        seen = decide(call, replace(polled, connection_id="connection"), NOW).call
        assert (seen.state, seen.connection_id) == (State.DIALING, "connection")
        other = decide(a_call(), replace(polled, connection_id="other"), NOW).call
        assert other.connection_id == "connection"
