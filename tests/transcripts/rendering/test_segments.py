import json
from dataclasses import replace

from callscribe.transcripts.rendering.segments import segment_json, transcript_json
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, of


class TestJson:
    def test_a_segment_has_its_columns_in_camel_case(self) -> None:
        assert json.loads(json.dumps(segment_json(of(CALL, [HELLO, BARE]), HELLO))) == {
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
        assert segment_json(of(CALL, [HELLO, BARE]), BARE) == {
            "rowKey": "s-2",
            "text": "Hi.",
            "speaker": "unknown",
            "startTime": "2026-11-22T18:54:04.000Z",
        }

    def test_a_start_is_shown_though_a_row_does_not_tell_it(self) -> None:
        assert (
            segment_json(of(CALL, [HELLO, BARE]), replace(BARE, start_time=None))["startTime"] == ""
        )

    def test_a_transcript_says_whose_it_is_and_is_json(self) -> None:
        transcript = json.loads(json.dumps(transcript_json(of(CALL, [BARE, HELLO]))))
        assert [segment.pop("text") for segment in transcript["segments"]] == ["Hello.", "Hi."]
        del transcript["segments"]
        assert transcript == {"callId": CALL.id, "state": "ended", "transcription": "off"}

    def test_where_something_is_sought_its_places_are_told(self) -> None:
        said = replace(HELLO, text="𝒳 cafe\u0301, Café")
        transcript = of(CALL, [said, BARE], sought="CAFÉ")
        [segment] = json.loads(json.dumps(transcript_json(transcript)))["segments"]
        assert segment["found"] == [[3, 8], [10, 14]]
        plain = of(CALL, [HELLO, BARE], sought="hello")
        assert segment_json(plain, HELLO)["found"] == [(0, 5)]
