import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.segments import in_order, segment_json, transcript_json
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, SILENT


class TestJson:
    def test_a_segment_has_its_columns_in_camel_case(self) -> None:
        assert json.loads(json.dumps(segment_json(CALL, HELLO))) == {
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

    def test_a_start_is_shown_though_a_row_does_not_tell_it(self) -> None:
        assert segment_json(CALL, replace(BARE, start_time=None))["startTime"] == ""

    def test_a_transcript_says_whose_it_is_and_is_json(self) -> None:
        transcript = json.loads(json.dumps(transcript_json(CALL, [BARE, HELLO])))
        assert [segment.pop("text") for segment in transcript["segments"]] == ["Hello.", "Hi."]
        del transcript["segments"]
        assert transcript == {"callId": CALL.id, "state": "ended", "transcription": "off"}


class TestOrder:
    def test_is_by_start_then_by_key(self) -> None:
        late = replace(HELLO, row_key="s-0", start_time="2026-11-22T18:54:09.000Z")
        same = replace(HELLO, row_key="s-3")
        assert in_order([late, same, HELLO]) == [HELLO, same, late]

    def test_what_has_no_start_comes_first(self) -> None:
        unknown = replace(BARE, start_time=None)
        assert in_order([HELLO, unknown]) == [unknown, HELLO]

    def test_what_was_said_again_is_left_out(self) -> None:
        assert in_order([HELLO, replace(BARE, duplicate_of="s-1")]) == [HELLO]

    @pytest.mark.parametrize("silent", SILENT)
    def test_what_shows_nothing_is_left_out(self, silent: str) -> None:
        assert in_order([replace(HELLO, text=silent), BARE]) == [BARE]

    @given(st.permutations([HELLO, BARE, replace(HELLO, row_key="s-9", duplicate_of="s-1")]))
    def test_rows_in_any_order_are_one_transcript(self, segments: list[Segment]) -> None:
        assert in_order(segments) == [HELLO, BARE]
