import pytest

from callscribe.calls.call import State, Transcription
from callscribe.calls.events import Decision, Polled
from callscribe.calls.line import decide
from callscribe.foundation.moments import Ms
from tests.calls.deciding import FINISH, NOW, START, a_call


class TestLooking:
    def test_a_call_that_acs_does_not_know_has_ended(self) -> None:
        decision = decide(a_call(), Polled(found=False), NOW)
        assert decision.effects == (FINISH,)
        assert (decision.call.state, decision.call.ended_at) == (State.ENDED, NOW)

    def test_it_ended_when_it_was_last_known_to_be_up(self) -> None:
        polled = Polled(found=False, over_at=Ms(NOW - 99))
        assert decide(a_call(), polled, NOW).call.ended_at == NOW - 99

    @pytest.mark.parametrize(("status", "ours"), [(None, False), (401, True), (503, False)])
    def test_one_that_acs_tells_nothing_of_has_ended_with_that_reason(
        self, status: int | None, *, ours: bool
    ) -> None:
        polled = Polled(
            found=False,
            over_at=Ms(NOW - 9000),
            error_status=status,
            no_answer=status is None,
        )
        call = decide(a_call(), polled, NOW).call
        assert (call.state, call.ended_at) == (State.ENDED, NOW - 9000)
        assert call.reason
        assert call.reason.text == "ACS would not tell how the call ended."
        assert (call.reason.code, bool(call.reason.remedy)) == (status, ours)

    def test_a_connection_that_was_never_told_is_one(self) -> None:
        decision = decide(a_call(State.CONNECTING), Polled(found=True, connected=True), NOW)
        assert decision.effects == (START,)
        assert decision.call.state is State.CONNECTED

    def test_neither_is_a_start_that_was_never_told(self) -> None:
        call = a_call(State.CONNECTING, Transcription.STARTING)
        polled = Polled(found=True, connected=True, transcribing=True, overdue=True)
        decision = decide(call, polled, NOW)
        assert decision.effects == ()
        assert decision.call.state is State.CONNECTED
        assert decision.call.transcription is Transcription.ACTIVE

    @pytest.mark.parametrize("during", [Transcription.STARTING, Transcription.ACTIVE])
    def test_what_does_not_run_for_too_long_is_started_again(self, during: Transcription) -> None:
        polled = Polled(found=True, connected=True, overdue=True)
        decision = decide(a_call(transcription=during), polled, NOW)
        assert decision.effects == (START,)

    @pytest.mark.parametrize(
        ("state", "at", "polled"),
        [
            (State.CONNECTED, Ms(NOW - 9000), Polled(found=True, connected=True)),
            (State.CONNECTED, Ms(NOW + 1000), Polled(found=True, connected=True, overdue=True)),
            (State.CONNECTED, Ms(NOW - 100), Polled(found=True, connected=True, overdue=True)),
            (State.CONNECTED, Ms(NOW - 9000), Polled(found=True, overdue=True)),
            (State.CONNECTING, Ms(NOW - 9000), Polled(found=True, overdue=True)),
        ],
    )
    def test_anything_else_is_waited_for(self, state: State, at: Ms, polled: Polled) -> None:
        call = a_call(state, Transcription.STARTING, at=at)
        assert decide(call, polled, NOW) == Decision(call)
