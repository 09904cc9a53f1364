import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.domain.call import Call, Direction, Reason, Report, State, Transcription
from callscribe.domain.moments import parse_iso
from callscribe.domain.rendering import (
    call_json,
    in_order,
    live_json,
    report_json,
    row_json,
    segment_json,
    speaker_name,
    state_json,
    transcript_json,
    transcript_text,
)
from callscribe.domain.segments import Segment

RANG = parse_iso("2026-11-22T18:54:00Z")
CALLER, CALLEE = "4:+14255550111", "8:acs:resource_user"
CALL = Call("id", Direction.INBOUND, State.ENDED, CALLER, CALLEE, RANG)
HELLO = Segment(
    row_key="s-1",
    text="Hello.",
    speaker_id=CALLER,
    start_time="2026-11-22T18:54:03.000Z",
    end_time="2026-11-22T18:54:03.500Z",
    duration_ms=500,
    confidence=0.9,
    locale="en-US",
    words=(("hello", 0, 500), ("you", None, None)),
    duplicate_of=None,
)
BARE = Segment("s-2", "Hi.", "", "2026-11-22T18:54:04.000Z", None, None, None, None, (), None)
REPORT = Report(9, 1, 5, 2, 1, 1, 3, 2.5)


class TestSpeakers:
    @pytest.mark.parametrize(
        ("speaker", "name"),
        [
            (CALLER, "caller"),
            (CALLEE, "callee"),
            ("", "unknown"),
            ("4:+4930123456", "+•••3456"),
            ("8:acs:resource_other", "8:acs:resource_other"),
        ],
    )
    def test_are_named_where_they_are_known(self, speaker: str, name: str) -> None:
        assert speaker_name(CALL, speaker) == name

    def test_the_caller_has_a_display_name_unless_it_is_a_number(self) -> None:
        assert speaker_name(replace(CALL, caller_name="John Doe"), CALLER) == "John Doe"
        assert speaker_name(replace(CALL, caller_name="+14255550111"), CALLER) == "+•••0111"


class TestJson:
    def test_a_segment_has_its_columns_in_camel_case(self) -> None:
        assert segment_json(CALL, HELLO) == {
            "rowKey": "s-1",
            "text": "Hello.",
            "speaker": "caller",
            "speakerId": CALLER,
            "startTime": "2026-11-22T18:54:03.000Z",
            "endTime": "2026-11-22T18:54:03.500Z",
            "durationMs": 500,
            "confidence": 0.9,
            "locale": "en-US",
            "words": [["hello", 0, 500], ["you", None, None]],
        }

    def test_what_is_unknown_is_left_out(self) -> None:
        assert segment_json(CALL, BARE) == {
            "rowKey": "s-2",
            "text": "Hi.",
            "speaker": "unknown",
            "startTime": "2026-11-22T18:54:04.000Z",
        }

    def test_a_transcript_says_whose_it_is_and_is_json(self) -> None:
        transcript = transcript_json(CALL, [BARE, HELLO])
        assert json.loads(json.dumps(transcript)) == {
            "callId": "id",
            "state": "ended",
            "transcription": "off",
            "segments": [segment_json(CALL, HELLO), segment_json(CALL, BARE)],
        }

    def test_the_live_feed_shows_nobodys_number(self) -> None:
        assert live_json(HELLO) == {
            "rowKey": "s-1",
            "text": "Hello.",
            "speaker": "+•••0111",
            "startTime": "2026-11-22T18:54:03.000Z",
            "endTime": "2026-11-22T18:54:03.500Z",
            "locale": "en-US",
        }
        assert live_json(BARE)["speaker"] == "unknown"

    def test_the_live_feed_tells_how_a_call_stands(self) -> None:
        message = {"type": "state", "state": "ended", "transcription": "off"}
        assert json.loads(json.dumps(state_json(CALL))) == message

    def test_a_new_call_shows_what_is_known(self) -> None:
        assert call_json(CALL) == {
            "callId": "id",
            "direction": "inbound",
            "state": "ended",
            "transcription": "off",
            "from": CALLER,
            "to": CALLEE,
            "rangAt": "2026-11-22T18:54:00.000Z",
        }

    def test_a_failed_call_shows_why_and_what_helps(self) -> None:
        call = replace(
            CALL,
            transcription=Transcription.FAILED,
            ended_at=RANG + 1,
            reason=Reason("No.", 403, 8565, "Ask."),
        )
        shown = call_json(call)
        assert (shown["reason"], shown["remedy"]) == ("No.", "Ask.")
        assert (shown["reasonCode"], shown["reasonSubCode"]) == (403, 8565)
        assert shown["endedAt"] == "2026-11-22T18:54:00.001Z"

    def test_the_context_of_a_claim_is_nobodys_business(self) -> None:
        shown = call_json(replace(CALL, claim_id="secret", claim_until=RANG, drives=1))
        assert shown == call_json(CALL)

    def test_a_report_shows_all_its_counts(self) -> None:
        assert report_json(REPORT) == {
            "frames": 9,
            "metadata": 1,
            "intermediates": 5,
            "finals": 2,
            "quarantined": 1,
            "duplicates": 1,
            "suspectedMissing": 3,
            "secondsWithoutStream": 2.5,
        }

    def test_a_row_of_the_timeline_has_its_columns_in_camel_case(self) -> None:
        assert row_json({"Type": "CallConnected", "SubCode": 0}) == {
            "type": "CallConnected",
            "subCode": 0,
        }


class TestOrder:
    def test_is_by_start_then_by_key(self) -> None:
        late = replace(HELLO, row_key="s-0", start_time="2026-11-22T18:54:09.000Z")
        same = replace(HELLO, row_key="s-3")
        assert in_order([late, same, HELLO]) == [HELLO, same, late]

    def test_what_was_said_again_is_left_out(self) -> None:
        assert in_order([HELLO, replace(BARE, duplicate_of="s-1")]) == [HELLO]

    @given(st.permutations([HELLO, BARE, replace(HELLO, row_key="s-9", duplicate_of="s-1")]))
    def test_rows_in_any_order_are_one_transcript(self, segments: list[Segment]) -> None:
        expected = "[18:54:03] caller: Hello.\n[18:54:04] unknown: Hi.\n"
        assert transcript_text(CALL, segments) == expected


class TestText:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("one\n[18:54:04] callee: two", "one [18:54:04] callee: two"),
            ("a\r\nb\x0bc\x0cd\x85e\u2028f\u2029g", "a b c d e f g"),
            ("\x1b[31mred\x00\x7f\x9b", "[31mred"),
            ("\u202etxet\u202c \u2066x\u2069", "txet x"),
            ("\U0001f600 caf\xe9 \u05e9\u05dc\u05d5\u05dd\ttab", None),
            ("", ""),
        ],
    )
    def test_an_utterance_is_one_line_whatever_it_holds(self, text: str, line: str | None) -> None:
        shown = transcript_text(CALL, [replace(HELLO, text=text)])
        assert shown == f"[18:54:03] caller: {text if line is None else line}\n"

    def test_neither_can_a_name_pretend_to_be_a_line(self) -> None:
        call = replace(CALL, caller_name="Eve\n[00:00:00] callee")
        assert transcript_text(call, [HELLO]) == "[18:54:03] Eve [00:00:00] callee: Hello.\n"

    def test_without_segments_it_is_empty(self) -> None:
        assert transcript_text(CALL, []) == ""
