import pytest

from callscribe.calls.call import State, Transcription
from callscribe.calls.events import Decision, Effect, EffectKind, Event, StartFailed
from callscribe.calls.line import decide
from callscribe.foundation.moments import Ms, Seconds, later
from tests.calls.deciding import (
    CALL,
    FINISH,
    FORBIDDEN,
    GONE,
    MOST_ATTEMPTS,
    NOW,
    a_call,
    an_event,
)

TIMEOUT = "Action failed due to a request to Cognitive Services timing out."


class TestTranscribing:
    @pytest.mark.parametrize(
        "name", ["TranscriptionStarted", "TranscriptionUpdated", "TranscriptionResumed"]
    )
    def test_a_start_that_is_confirmed_is_active(self, name: str) -> None:
        waiting = a_call(transcription=Transcription.STARTING)
        call = decide(waiting, an_event(name, time=Ms(NOW - 50)), NOW).call
        assert (call.transcription, call.transcription_at) == (Transcription.ACTIVE, NOW - 50)

    def test_a_stop_that_was_asked_for_is_one(self) -> None:
        stopping = a_call(transcription=Transcription.STOPPING)
        decision = decide(stopping, an_event("TranscriptionStopped", time=Ms(NOW - 50)), NOW)
        assert decision.effects == ()
        assert decision.call.transcription is Transcription.STOPPED
        assert decision.call.transcription_at == NOW - 50

    @pytest.mark.parametrize(
        "event",
        [
            an_event("TranscriptionStopped"),
            an_event("TranscriptionFailed", 400, 8565, TIMEOUT),
            an_event("TranscriptionFailed", 500, 8578),
            StartFailed(503, None, "ACS answered 503"),
            StartFailed(400, 8501, "not Established"),
        ],
    )
    @pytest.mark.parametrize("during", [Transcription.STARTING, Transcription.ACTIVE])
    def test_what_may_pass_is_tried_again_after_a_while(
        self, during: Transcription, event: Event
    ) -> None:
        decision = decide(a_call(transcription=during), event, NOW)
        assert decision.effects == (Effect(EffectKind.START_LATER, Seconds(1)),)
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
        reason = decision.call.reason
        assert reason
        assert (reason.code, reason.sub_code) == (403, 8565)
        assert reason.remedy

    def test_nothing_fails_that_is_not_wanted(self) -> None:
        stopped = a_call(transcription=Transcription.STOPPED)
        event = StartFailed(403, 8565, FORBIDDEN)
        assert decide(stopped, event, NOW) == Decision(stopped)

    @pytest.mark.parametrize(
        "event", [StartFailed(400, 8528, GONE), StartFailed(404, None, "gone")]
    )
    def test_a_call_that_is_gone_has_ended(self, event: Event) -> None:
        decision = decide(a_call(transcription=Transcription.STARTING), event, NOW)
        assert decision.effects == (FINISH,)
        assert decision.call.state is State.ENDED

    def test_a_failure_that_is_none_changes_nothing(self) -> None:
        call = a_call(transcription=Transcription.STARTING)
        assert decide(call, StartFailed(200, None, ""), NOW) == Decision(call)

    def test_events_in_the_wrong_order_start_nothing_twice(self) -> None:
        call = a_call(transcription=Transcription.STARTING)
        failed = an_event("TranscriptionFailed", 500, 8580, time=Ms(NOW - 100))
        again = decide(call, failed, NOW).call
        earlier = an_event("TranscriptionStarted", time=Ms(NOW - 200))
        assert decide(again, earlier, Ms(NOW + 10)).call.transcription is Transcription.STARTING
        stopped = an_event("TranscriptionStopped", time=Ms(NOW - 100))
        assert decide(again, stopped, Ms(NOW + 5000)).effects == ()

    def test_a_failure_from_before_a_restart_that_runs_is_over(self) -> None:
        running = a_call(transcription=Transcription.ACTIVE, attempts=2, at=NOW)
        event = an_event("TranscriptionFailed", 403, 8565, FORBIDDEN, time=Ms(NOW - 2000))
        assert decide(running, event, Ms(NOW + 100)).call.transcription is Transcription.ACTIVE

    def test_a_transcription_that_keeps_stopping_is_given_up(self) -> None:
        call, now, starts = decide(CALL, an_event("CallConnected"), NOW).call, NOW, 1
        while call.transcription is Transcription.STARTING:
            now = later(now, Seconds(10))
            call = decide(call, an_event("TranscriptionStarted", time=now), now).call
            assert call.transcription is Transcription.ACTIVE
            now = later(now, Seconds(10))
            decision = decide(call, an_event("TranscriptionStopped", time=now), now)
            call, starts = decision.call, starts + len(decision.effects)
        assert starts == MOST_ATTEMPTS
        assert call.transcription is Transcription.FAILED
        assert call.reason
        assert call.reason.text == "Transcription stopped unasked."
