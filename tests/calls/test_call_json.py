import json
from dataclasses import fields, replace

from callscribe.calls.call import Call, Direction, Machine, Report, State
from callscribe.calls.call_columns import CALL_COLUMNS
from callscribe.calls.call_json import call_json, report_json, row_json, state_json
from callscribe.calls.results import Reason
from callscribe.calls.transcription import Transcribing
from callscribe.foundation.moments import Ms, Seconds
from tests.calls.full import FULL
from tests.fakes.clock import START
from tests.fakes.wishes import OFF

CALLER, CALLEE = "4:+14255550111", "8:acs:resource_user"
CALL = Call("01KB5Z", Direction.INBOUND, State.ENDED, CALLER, CALLEE, START, OFF)
REPORT = Report(9, 1, 5, 2, 1, 1, 3, Seconds(2.5), Seconds(4.0))


def test_the_live_feed_tells_how_a_call_stands() -> None:
    message = {"type": "state", "state": "ended", "transcription": "off"}
    assert json.loads(json.dumps(state_json(CALL))) == message


def test_a_new_call_shows_what_is_known() -> None:
    assert call_json(CALL) == {
        "callId": CALL.id,
        "direction": "inbound",
        "state": "ended",
        "transcription": "off",
        "from": CALLER,
        "to": CALLEE,
        "begunAt": "2026-11-22T18:54:03.000Z",
        "wantedOn": False,
        "wantedLocale": "en-US",
        "wantedRevision": 1,
        "wantedWhy": "asked",
        "wantedAt": "2026-11-22T18:54:03.000Z",
        "wantedBy": "setting",
        "consent": "none",
    }


def test_a_failed_call_shows_why_and_what_helps() -> None:
    call = replace(CALL, ended_at=Ms(START + 1), reason=Reason("No.", 403, 8565, "Ask."))
    shown = call_json(call)
    assert (shown["reason"], shown["remedy"]) == ("No.", "Ask.")
    assert (shown["reasonCode"], shown["reasonSubCode"]) == (403, 8565)
    assert shown["endedAt"] == "2026-11-22T18:54:03.001Z"


def test_a_transcription_that_fails_shows_why_what_helps_and_when_it_is_tried_again() -> None:
    part = Transcribing(reason=Reason("Busy.", 429, 8565, "Wait."), next_at=Ms(START + 4_000))
    wish = replace(OFF, on=True)
    call = replace(CALL, state=State.CONNECTED, wish=wish, machine=Machine(transcribing=part))
    shown = call_json(call)
    assert (shown["transcription"], shown["transcriptionReason"]) == ("starting", "Busy.")
    assert (shown["transcriptionCode"], shown["transcriptionSubCode"]) == (429, 8565)
    assert shown["transcriptionRemedy"] == "Wait."
    assert shown["transcriptionNextAt"] == "2026-11-22T18:54:07.000Z"
    assert "reason" not in shown


def test_what_is_the_apps_own_is_not_shown() -> None:
    own = {column.name for column in CALL_COLUMNS if column.shown is None}
    assert own == {
        *("Deployment", "Route", "Machine", "Tickets", "RequestKey", "ClosedAt"),
        *("ClaimId", "ClaimUntil", "Drives"),
    }
    assert len(call_json(FULL)) == len(CALL_COLUMNS) - len(own) - len(fields(Report))


def test_the_context_of_a_claim_is_nobodys_business() -> None:
    shown = call_json(replace(CALL, lease_id="secret", lease_until=START, drives=1))
    assert shown == call_json(CALL)


def test_a_report_shows_all_its_counts() -> None:
    assert report_json(REPORT) == {
        "frames": 9,
        "metadata": 1,
        "intermediates": 5,
        "finals": 2,
        "quarantined": 1,
        "duplicates": 1,
        "suspectedMissing": 3,
        "secondsWithoutStream": 2.5,
        "secondsNotWanted": 4.0,
    }


def test_a_row_of_the_timeline_has_its_columns_in_camel_case() -> None:
    assert row_json({"Type": "CallConnected", "SubCode": 0}) == {
        "type": "CallConnected",
        "subCode": 0,
    }


def test_a_column_that_json_has_no_form_for_is_not_shown() -> None:
    assert row_json({"Seconds": 1.5, "Odd": float("nan"), "Raw": b"x"}) == {"seconds": 1.5}


def test_labels_are_a_list() -> None:
    assert call_json(FULL)["labels"] == ["order-4711", "vip"]
