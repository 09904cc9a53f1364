from dataclasses import replace
from functools import cache
from itertools import product, starmap

import pytest

from callscribe.domain.call import Call, Direction, Reason, State, Transcription
from callscribe.domain.call_events import CallEvent
from callscribe.domain.decisions import decide, is_of
from callscribe.domain.events import (
    Answered,
    Decision,
    Effect,
    EffectKind,
    Event,
    Looked,
    Refused,
    RingOver,
    StartFailed,
)
from callscribe.domain.restarts import MOST_ATTEMPTS

NOW = 1_795_373_643_000
RANG = NOW - 20_000
CALL = Call("id", Direction.INBOUND, State.ANSWERING, "4:+14255550111", "8:acs:a_b", RANG)
FINISH = Effect(EffectKind.FINISH)
START = Effect(EffectKind.START)
REOPEN = Effect(EffectKind.REOPEN)
TIMEOUT = "Action failed due to a request to Cognitive Services timing out."
FORBIDDEN = "Action failed due to a forbidden request to Cognitive Services."
GONE = "Action is invalid, call already terminated."


def a_call(
    state: State = State.CONNECTED,
    transcription: Transcription = Transcription.OFF,
    attempts: int = 1,
    at: int | None = NOW - 10_000,
) -> Call:
    return replace(
        CALL,
        state=state,
        transcription=transcription,
        transcription_attempts=attempts,
        transcription_at=at,
        connection_id="connection",
        answered_at=NOW - 15_000,
        ended_at=NOW - 5000 if state in {State.ENDED, State.MISSED, State.FAILED} else None,
    )


def an_event(
    name: str, code: int = 200, sub_code: int = 0, message: str = "", time: int | None = NOW
) -> CallEvent:
    return CallEvent(
        "event", name, time, "connection", "server", "correlation", code, sub_code, message
    )


def kinds(decision: Decision) -> list[EffectKind]:
    return [effect.kind for effect in decision.effects]


class TestAnswering:
    def test_an_answer_connects_the_call(self) -> None:
        decision = decide(CALL, Answered("connection", "server", "correlation"), NOW)
        assert decision.effects == ()
        assert decision.call == replace(
            CALL,
            state=State.CONNECTING,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
            answered_at=NOW,
        )

    def test_an_answer_that_something_else_tells_of_was_then(self) -> None:
        event = Answered("connection", "", "", at=NOW - 60_000)
        assert decide(CALL, event, NOW).call.answered_at == NOW - 60_000

    def test_an_answer_without_ids_keeps_those_that_are_known(self) -> None:
        known = decide(a_call(State.CONNECTING), Answered("", "", ""), NOW).call
        assert (known.connection_id, known.answered_at) == ("connection", NOW - 15_000)

    def test_an_answer_that_comes_after_the_connection_takes_nothing_back(self) -> None:
        decision = decide(a_call(State.CONNECTED), Answered("connection", "", ""), NOW)
        assert decision == Decision(a_call(State.CONNECTED))

    def test_our_own_answer_shows_that_the_call_was_not_missed(self) -> None:
        missed = replace(CALL, state=State.MISSED, ended_at=NOW, reason=Reason("Not answered."))
        decision = decide(missed, Answered("connection", "", ""), NOW)
        assert decision.effects == (REOPEN,)
        assert decision.call.state is State.CONNECTING
        assert (decision.call.ended_at, decision.call.reason) == (None, Reason())

    @pytest.mark.parametrize("state", [State.ENDED, State.FAILED])
    def test_an_answer_after_the_end_only_tells_ids(self, state: State) -> None:
        over = replace(CALL, state=state, ended_at=NOW)
        decision = decide(over, Answered("connection", "", ""), NOW + 1)
        assert decision == Decision(replace(over, connection_id="connection"))

    @pytest.mark.parametrize(
        ("code", "state"),
        [
            (401, State.FAILED),
            (403, State.FAILED),
            (400, State.MISSED),
            (404, State.MISSED),
            (410, State.MISSED),
        ],
    )
    def test_a_refusal_ends_the_call_as_missed_unless_the_mistake_is_ours(
        self, code: int, state: State
    ) -> None:
        decision = decide(CALL, Refused(code, "no"), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (state, NOW)
        assert (decision.call.reason.text, decision.call.reason.code) == ("no", code)
        assert ("ACS_ACCESS_KEY" in decision.call.reason.remedy) == (state is State.FAILED)

    def test_a_ring_that_is_over_ends_the_call_as_missed(self) -> None:
        decision = decide(CALL, RingOver(), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.MISSED, NOW)

    @pytest.mark.parametrize("event", [Refused(400, "no"), RingOver()])
    @pytest.mark.parametrize("state", set(State) - {State.ANSWERING})
    def test_neither_matters_once_the_call_is_further(self, state: State, event: Event) -> None:
        assert decide(a_call(state), event, NOW) == Decision(a_call(state))


class TestConnecting:
    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING])
    def test_a_connected_call_is_transcribed(self, state: State) -> None:
        call = replace(CALL, state=state)
        decision = decide(call, an_event("CallConnected", time=NOW - 50), NOW)
        assert decision.effects == (START,)
        assert decision.call == replace(
            call,
            state=State.CONNECTED,
            connection_id="connection",
            server_call_id="server",
            correlation_id="correlation",
            answered_at=NOW - 50,
            connected_at=NOW - 50,
            transcription=Transcription.STARTING,
            transcription_at=NOW,
            transcription_attempts=1,
        )

    def test_one_that_was_asked_to_start_with_the_answer_is_not_started_again(self) -> None:
        call = a_call(State.CONNECTING, Transcription.STARTING)
        assert decide(call, an_event("CallConnected"), NOW).effects == ()

    def test_an_event_without_a_time_happens_now(self) -> None:
        call = decide(CALL, an_event("CallConnected", time=None), NOW).call
        assert call.connected_at == NOW

    def test_a_missed_call_yields_to_its_connection(self) -> None:
        missed = replace(CALL, state=State.MISSED, ended_at=NOW, reason=Reason("Not answered."))
        decision = decide(missed, an_event("CallConnected"), NOW)
        assert decision.effects == (REOPEN, START)
        assert decision.call.state is State.CONNECTED
        assert (decision.call.ended_at, decision.call.reason) == (None, Reason())

    def test_what_it_was_asked_to_start_with_the_answer_still_stands(self) -> None:
        call = decide(a_call(State.ANSWERING, Transcription.STARTING), RingOver(), NOW).call
        decision = decide(call, an_event("CallConnected"), NOW)
        assert decision.effects == (REOPEN,)
        assert decision.call.transcription is Transcription.STARTING

    def test_why_its_words_are_missing_is_not_forgotten_over_that(self) -> None:
        missed = replace(
            a_call(State.MISSED, Transcription.FAILED), reason=Reason(FORBIDDEN, 403, 8565)
        )
        call = decide(missed, an_event("CallConnected"), NOW).call
        assert call.reason == Reason(FORBIDDEN, 403, 8565)

    @pytest.mark.parametrize("name", ["AnswerFailed", "CreateCallFailed", "ConnectFailed"])
    def test_a_call_that_fails_to_connect_has_failed(self, name: str) -> None:
        event = an_event(name, 403, 8565, FORBIDDEN)
        decision = decide(a_call(State.CONNECTING), event, NOW)
        assert decision.effects == (FINISH,)
        assert decision.call.state is State.FAILED
        assert decision.call.reason.remedy

    def test_a_repeated_request_that_failed_does_not_end_a_connected_call(self) -> None:
        assert decide(a_call(), an_event("AnswerFailed", 400), NOW).call.state is State.CONNECTED

    @pytest.mark.parametrize("state", [State.ANSWERING, State.CONNECTING, State.CONNECTED])
    def test_a_disconnected_call_has_ended(self, state: State) -> None:
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=NOW - 50)
        decision = decide(a_call(state), event, NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW - 50)
        assert decision.call.reason == Reason("Hung up.", 200, 7000)

    def test_a_missed_call_that_is_disconnected_had_been_up(self) -> None:
        """CallConnected was lost, and nobody lived to save the answer."""
        missed = replace(
            a_call(State.MISSED, Transcription.STARTING),
            ended_at=NOW - 5000,
            reason=Reason("Not answered."),
        )
        event = an_event("CallDisconnected", 200, 7000, "Hung up.", time=NOW - 50)
        decision = decide(missed, event, NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW - 50)
        assert decision.call.reason == Reason("Hung up.", 200, 7000)
        assert decision.call.transcription is Transcription.STOPPED

    @pytest.mark.parametrize(
        ("during", "after"),
        [
            (Transcription.OFF, Transcription.OFF),
            (Transcription.STARTING, Transcription.STOPPED),
            (Transcription.ACTIVE, Transcription.STOPPED),
            (Transcription.STOPPING, Transcription.STOPPED),
            (Transcription.FAILED, Transcription.FAILED),
        ],
    )
    def test_transcription_ends_with_the_call(
        self, during: Transcription, after: Transcription
    ) -> None:
        call = decide(a_call(transcription=during), an_event("CallDisconnected"), NOW).call
        assert call.transcription is after

    def test_why_the_words_are_missing_stays_the_reason_of_a_call_that_ends(self) -> None:
        failed = replace(a_call(transcription=Transcription.FAILED), reason=Reason(FORBIDDEN))
        assert decide(failed, an_event("CallDisconnected"), NOW).call.reason == Reason(FORBIDDEN)

    def test_an_event_of_a_type_that_says_nothing_tells_ids_alone(self) -> None:
        decision = decide(CALL, an_event("ParticipantsUpdated"), NOW)
        assert decision.effects == ()
        assert decision.call == replace(
            CALL, connection_id="connection", server_call_id="server", correlation_id="correlation"
        )


class TestTranscribing:
    @pytest.mark.parametrize(
        "name", ["TranscriptionStarted", "TranscriptionUpdated", "TranscriptionResumed"]
    )
    def test_a_start_that_is_confirmed_is_active(self, name: str) -> None:
        waiting = a_call(transcription=Transcription.STARTING)
        call = decide(waiting, an_event(name, time=NOW - 50), NOW).call
        assert (call.transcription, call.transcription_at) == (Transcription.ACTIVE, NOW - 50)

    def test_a_stop_that_was_asked_for_is_one(self) -> None:
        stopping = a_call(transcription=Transcription.STOPPING)
        decision = decide(stopping, an_event("TranscriptionStopped", time=NOW - 50), NOW)
        assert decision.effects == ()
        assert decision.call.transcription is Transcription.STOPPED
        assert decision.call.transcription_at == NOW - 50

    @pytest.mark.parametrize(
        "event",
        [
            an_event("TranscriptionStopped"),
            an_event("TranscriptionFailed", 400, 8565, TIMEOUT),
            an_event("TranscriptionFailed", 500, 8578),
            StartFailed(503, 0, "ACS answered 503"),
            StartFailed(400, 8501, "not Established"),
        ],
    )
    @pytest.mark.parametrize("during", [Transcription.STARTING, Transcription.ACTIVE])
    def test_what_may_pass_is_tried_again_after_a_while(
        self, during: Transcription, event: Event
    ) -> None:
        decision = decide(a_call(transcription=during), event, NOW)
        assert decision.effects == (Effect(EffectKind.START_LATER, 1),)
        assert decision.call.transcription is Transcription.STARTING
        assert decision.call.transcription_attempts == 2

    @pytest.mark.parametrize(
        "event",
        [an_event("TranscriptionFailed", 403, 8565, FORBIDDEN), StartFailed(403, 8565, FORBIDDEN)],
    )
    def test_what_a_person_must_mend_has_failed_with_its_remedy(self, event: Event) -> None:
        decision = decide(a_call(transcription=Transcription.STARTING), event, NOW)
        assert decision.effects == ()
        assert decision.call.transcription is Transcription.FAILED
        assert decision.call.state is State.CONNECTED
        assert (decision.call.reason.code, decision.call.reason.sub_code) == (403, 8565)
        assert decision.call.reason.remedy

    def test_nothing_fails_that_is_not_wanted(self) -> None:
        stopped = a_call(transcription=Transcription.STOPPED)
        event = StartFailed(403, 8565, FORBIDDEN)
        assert decide(stopped, event, NOW) == Decision(stopped)

    @pytest.mark.parametrize("event", [StartFailed(400, 8528, GONE), StartFailed(404, 0, "gone")])
    def test_a_call_that_is_gone_has_ended(self, event: Event) -> None:
        decision = decide(a_call(transcription=Transcription.STARTING), event, NOW)
        assert decision.effects == (FINISH,)
        assert decision.call.state is State.ENDED

    def test_a_failure_that_is_none_changes_nothing(self) -> None:
        call = a_call(transcription=Transcription.STARTING)
        assert decide(call, StartFailed(200, 0, ""), NOW) == Decision(call)

    def test_events_in_the_wrong_order_start_nothing_twice(self) -> None:
        call = a_call(transcription=Transcription.STARTING)
        failed = an_event("TranscriptionFailed", 500, 8580, time=NOW - 100)
        again = decide(call, failed, NOW).call
        earlier = an_event("TranscriptionStarted", time=NOW - 200)
        assert decide(again, earlier, NOW + 10).call.transcription is Transcription.STARTING
        stopped = an_event("TranscriptionStopped", time=NOW - 100)
        assert decide(again, stopped, NOW + 5000).effects == ()

    def test_a_failure_from_before_a_restart_that_runs_is_over(self) -> None:
        running = a_call(transcription=Transcription.ACTIVE, attempts=2, at=NOW)
        event = an_event("TranscriptionFailed", 403, 8565, FORBIDDEN, time=NOW - 2000)
        assert decide(running, event, NOW + 100).call.transcription is Transcription.ACTIVE

    def test_a_transcription_that_keeps_stopping_is_given_up(self) -> None:
        call, now, starts = decide(CALL, an_event("CallConnected"), NOW).call, NOW, 1
        while call.transcription is Transcription.STARTING:
            now += 10_000
            call = decide(call, an_event("TranscriptionStarted", time=now), now).call
            assert call.transcription is Transcription.ACTIVE
            now += 10_000
            decision = decide(call, an_event("TranscriptionStopped", time=now), now)
            call, starts = decision.call, starts + len(decision.effects)
        assert starts == MOST_ATTEMPTS
        assert call.transcription is Transcription.FAILED
        assert call.reason.text == "Transcription stopped unasked."


class TestLooking:
    def test_a_call_that_acs_does_not_know_has_ended(self) -> None:
        decision = decide(a_call(), Looked(found=False), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW)

    def test_it_ended_when_it_was_last_known_to_be_up(self) -> None:
        assert (
            decide(a_call(), Looked(found=False, over_at=NOW - 99), NOW).call.ended_at == NOW - 99
        )

    @pytest.mark.parametrize(("status", "ours"), [(0, False), (401, True), (503, False)])
    def test_one_that_acs_tells_nothing_of_has_ended_with_that_reason(
        self, status: int, *, ours: bool
    ) -> None:
        looked = Looked(found=False, over_at=NOW - 9000, untold=status)
        call = decide(a_call(), looked, NOW).call
        assert (call.state, call.ended_at) == (State.ENDED, NOW - 9000)
        assert (call.reason.code, bool(call.reason.remedy)) == (status, ours)

    def test_a_connection_that_was_never_told_is_one(self) -> None:
        decision = decide(a_call(State.CONNECTING), Looked(found=True, connected=True), NOW)
        assert decision.effects == (START,)
        assert decision.call.state is State.CONNECTED

    def test_neither_is_a_start_that_was_never_told(self) -> None:
        call = a_call(State.CONNECTING, Transcription.STARTING)
        looked = Looked(found=True, connected=True, transcribing=True, overdue=True)
        decision = decide(call, looked, NOW)
        assert decision.effects == ()
        assert decision.call.state is State.CONNECTED
        assert decision.call.transcription is Transcription.ACTIVE

    @pytest.mark.parametrize("during", [Transcription.STARTING, Transcription.ACTIVE])
    def test_what_does_not_run_for_too_long_is_started_again(self, during: Transcription) -> None:
        looked = Looked(found=True, connected=True, overdue=True)
        decision = decide(a_call(transcription=during), looked, NOW)
        assert decision.effects == (START,)

    @pytest.mark.parametrize(
        ("state", "at", "looked"),
        [
            (State.CONNECTED, NOW - 9000, Looked(found=True, connected=True)),
            (State.CONNECTED, NOW + 1000, Looked(found=True, connected=True, overdue=True)),
            (State.CONNECTED, NOW - 100, Looked(found=True, connected=True, overdue=True)),
            (State.CONNECTED, NOW - 9000, Looked(found=True, overdue=True)),
            (State.CONNECTING, NOW - 9000, Looked(found=True, overdue=True)),
        ],
    )
    def test_anything_else_is_waited_for(self, state: State, at: int, looked: Looked) -> None:
        call = a_call(state, Transcription.STARTING, at=at)
        assert decide(call, looked, NOW) == Decision(call)


class TestWhoseEvent:
    def test_it_is_the_calls_own_by_its_connection(self) -> None:
        assert is_of(a_call(), an_event("CallConnected"))
        assert not is_of(replace(a_call(), connection_id="other"), an_event("CallConnected"))

    @pytest.mark.parametrize("state", State)
    def test_before_that_is_known_it_may_tell_it(self, state: State) -> None:
        early = {State.ANSWERING, State.CONNECTING, State.MISSED}
        assert is_of(replace(CALL, state=state), an_event("CallConnected")) == (state in early)


EVENTS: tuple[Event, ...] = (
    *(
        an_event(name, time=time)
        for name in (
            "CallConnected",
            "CallDisconnected",
            "AnswerFailed",
            "CreateCallFailed",
            "ConnectFailed",
            "ParticipantsUpdated",
            "TranscriptionStarted",
            "TranscriptionUpdated",
            "TranscriptionResumed",
            "TranscriptionStopped",
        )
        for time in (NOW, NOW - 3000, None)
    ),
    an_event("TranscriptionFailed", 500, 8580),
    an_event("TranscriptionFailed", 403, 8565, FORBIDDEN),
    an_event("TranscriptionFailed", 400, 8528, GONE),
    an_event("TranscriptionFailed", 500, 9999, time=None),
    an_event("TranscriptionFailed", 202),
    Answered("connection", "server", "correlation"),
    Refused(400, "no"),
    Refused(401, "no"),
    RingOver(),
    StartFailed(503, 0, "busy"),
    StartFailed(404, 0, "gone"),
    StartFailed(403, 8565, FORBIDDEN),
    Looked(found=False),
    Looked(found=False, untold=403),
    Looked(found=True),
    Looked(found=True, connected=True),
    Looked(found=True, connected=True, overdue=True),
    Looked(found=True, connected=True, transcribing=True),
)
CORRECTING = ("CallConnected", "CallDisconnected", Answered)


@cache
def every_case() -> list[tuple[Call, Event, Decision]]:
    """Return every kind of call with every kind of event, and what is decided."""
    moments = (None, NOW - 120_000, NOW - 1000, NOW + 1000)
    calls = product(State, Transcription, (1, 2, MOST_ATTEMPTS), moments)
    return [
        (call, event, decide(call, event, NOW))
        for call in starmap(a_call, calls)
        for event in EVENTS
    ]


def test_deciding_again_on_the_outcome_changes_nothing_and_asks_for_nothing() -> None:
    for call, event, decision in every_case():
        again = decide(decision.call, event, NOW)
        assert again == Decision(decision.call), (call, event)


def test_terminal_states_absorb_but_that_a_call_was_missed_is_a_guess() -> None:
    for call, event, decision in every_case():
        if call.terminal and decision.call.state is not call.state:
            assert call.state is State.MISSED
            assert getattr(event, "type", type(event)) in CORRECTING
        elif call.terminal:
            assert decision.effects == ()
            assert decision.call.transcription is call.transcription


def test_effects_go_with_what_they_are_for() -> None:
    for call, event, decision in every_case():
        found, after = kinds(decision), decision.call
        case = (call, event)
        over = after.terminal and after.state is not call.state
        assert (EffectKind.FINISH in found) == over, case
        assert (EffectKind.REOPEN in found) == (call.terminal and not after.terminal), case
        starts = EffectKind.START in found or EffectKind.START_LATER in found
        assert not starts or after.transcription is Transcription.STARTING, case
        at_once = call.transcription is Transcription.OFF or isinstance(event, Looked)
        assert EffectKind.START not in found or at_once, case
        assert after.transcription_attempts <= MOST_ATTEMPTS, case
