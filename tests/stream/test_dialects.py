import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.moments import Ticks
from callscribe.stream.dialects import MOST_PARTS, Part, undocumented
from callscribe.stream.frames import LONGEST, Media, Metadata, Speech, Unreadable, Word
from tests.stream.streaming import parse_frame
from tests.wire_strategies import ANY_TEXT, FRAMES


def frame(**changes: object) -> bytes:
    """Return the documented frame with fields changed; Ellipsis leaves one out."""
    fields: dict[str, object] = {
        "text": "Hello everyone.",
        "format": "display",
        "confidence": 0.9,
        "offset": 212483227,
        "duration": 9600000,
        "words": [{"text": "hello", "offset": 212483227, "duration": 2800000}],
        "participantRawID": "4:+000000000000",
        "resultStatus": "Final",
    } | changes
    fields = {name: value for name, value in fields.items() if value is not ...}
    return json.dumps({"kind": "TranscriptionData", "transcriptionData": fields}).encode()


def speech(body: bytes) -> Speech:
    parsed = parse_frame(body)
    assert isinstance(parsed, Speech)
    return parsed


UNUSABLE: dict[str, tuple[object, ...]] = {
    "offset": (-1, 2**63, 10**30, 1.5, "1", True, None, ...),
    "duration": (-1, LONGEST + 1, 2**63, 1.0, "1", None, ...),
    "confidence": (-0.1, 7, float("nan"), float("inf"), "1", True, None, ...),
    "participantRawID": ("", 7, {}, None, ..., "8:" + "a" * 999),
    "resultStatus": ("", 7, None, ...),
    "words": ({}, "hello", [7], [{"text": 7}], [{}], None, ...),
}


class TestWhateverComes:
    @given(st.binary())
    def test_any_bytes_are_a_frame(self, body: bytes) -> None:
        assert isinstance(parse_frame(body), Metadata | Speech | Media | Unreadable)

    @given(FRAMES)
    def test_any_json_is_a_frame_whose_values_are_in_range(self, document: object) -> None:
        found = parse_frame(json.dumps(document).encode())
        if isinstance(found, Speech):
            assert found.offset is None or 0 <= found.offset < 2**63
            assert found.duration is None or 0 <= found.duration <= LONGEST
            assert found.confidence is None or 0 <= found.confidence <= 1
            assert found.speaker is None or 0 < len(found.speaker) <= 1000
            found.text.encode()

    @given(ANY_TEXT, st.text())
    def test_readable_text_is_never_lost(self, text: str, status: str) -> None:
        found = speech(frame(text=text, resultStatus=status, offset=None, words=7))
        assert found.text == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "not JSON"),
            (b"hello 4:+14255550111", "not JSON"),
            (b"[" * 100_000, "not acceptable JSON"),
            (b"[" * 3000 + b"]" * 3000, "not acceptable JSON"),
            (b"[]", "expected a JSON object, got list"),
            (b"null", "expected a JSON object, got NoneType"),
            (b"{}", "unknown kind of frame"),
            (b'{"kind": 7}', "unknown kind of frame"),
            (b'{"Kind": 7, "kind": "TranscriptionDatum"}', "unknown kind of frame"),
            (b'{"Kind": "Other"}', "unknown kind of frame"),
            (b'{"kind": "TranscriptionData"}', "transcriptionData: expected an object"),
            (frame(text=...), "transcriptionData.text: expected text"),
            (frame(text=7), "transcriptionData.text: expected text"),
        ],
    )
    def test_without_readable_text_the_reason_is_told_without_the_content(
        self, body: bytes, reason: str
    ) -> None:
        assert parse_frame(body) == Unreadable(reason)


class TestMetadata:
    @pytest.mark.parametrize(
        "fields",
        ["", *(f', "transcriptionMetadata": {{"locale": {each}}}' for each in ("7", '""'))],
    )
    def test_missing_fields_are_none(self, fields: str) -> None:
        body = f'{{"kind": "transcriptionMetadata"{fields}}}'.encode()
        assert parse_frame(body) == Metadata(locale=None, subscription_id=None)


class TestSpeech:
    @pytest.mark.parametrize("offset", [0, 2**53 + 1, 2**63 - 1])
    def test_every_64_bit_offset_is_exact(self, offset: int) -> None:
        assert speech(frame(offset=offset)).offset == offset
        assert speech(frame(offset=offset, duration=...)).offset == offset

    @pytest.mark.parametrize("status", ["Intermediate", "intermediate", "INTERMEDIATE"])
    def test_only_what_says_so_is_a_hypothesis(self, status: str) -> None:
        assert not speech(frame(resultStatus=status)).final

    @pytest.mark.parametrize("status", ["Final", "final", "", "Later", None, 7, ...])
    def test_everything_else_is_kept_as_final(self, status: object) -> None:
        assert speech(frame(resultStatus=status)).final

    def test_the_sdks_names_of_fields_are_understood_too(self) -> None:
        found = speech(
            frame(
                participantRawID=...,
                participantRawId="8:acs:a_b",
                resultStatus=...,
                resultState="Intermediate",
            )
        )
        assert (found.speaker, found.final, found.repaired) == ("8:acs:a_b", False, ())

    @pytest.mark.parametrize(
        ("field", "value"),
        [(field, value) for field, values in UNUSABLE.items() for value in values],
    )
    def test_an_unusable_field_is_left_out_and_named(self, field: str, value: object) -> None:
        found = speech(frame(**{field: value}))
        assert found.text == "Hello everyone."
        assert found.repaired == (field,)

    @pytest.mark.parametrize("number", ["1" * 5000, "1e999"])
    def test_a_number_beyond_all_bounds_costs_only_its_field(self, number: str) -> None:
        body = frame(offset="HERE").replace(b'"HERE"', number.encode())
        assert speech(body).repaired == ("offset",)

    def test_usable_fields_beside_an_unusable_one_are_kept(self) -> None:
        found = speech(frame(offset=-1, confidence=1))
        assert (found.duration, found.confidence, len(found.words)) == (9600000, 1.0, 1)

    def test_times_of_words_that_cannot_be_are_left_out(self) -> None:
        words = [{"text": "a", "offset": -1, "duration": 1}, {"text": "b", "offset": 2**63}]
        found = speech(frame(words=words, duration=...))
        assert found.words == (Word("a", None, Ticks(1)), Word("b", None, None))

    @pytest.mark.parametrize(
        ("wire", "text"),
        [
            (b"caf\xe9", "caf\ufffd"),
            (rb"\ud800!", "\ufffd!"),
            (rb"\u0000", "\0"),
            (rb"\u202etxet", "\u202etxet"),
            (rb"\ud83d\ude00", "\U0001f600"),
            (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
            (b"a" * 200_000, "a" * 200_000),
            (b"", ""),
        ],
    )
    def test_difficult_text_is_read(self, wire: bytes, text: str) -> None:
        found = speech(frame(text="HERE").replace(b"HERE", wire))
        assert (found.text, found.repaired) == (text, ())

    def test_a_byte_order_mark_is_no_trouble(self) -> None:
        assert speech(b"\xef\xbb\xbf" + frame()) == speech(frame())

    def test_unknown_fields_are_ignored(self) -> None:
        assert speech(frame(more={"much": ["more"]})) == speech(frame())


class TestOtherNames:
    """What SDKs, their betas and relays call the same things."""

    def test_those_of_a_beta_are_read(self) -> None:
        words = [{"text": "hello", "offsetInTicks": 212483227, "durationInTicks": 2800000}]
        fields = {"offsetInTicks": 212483227, "durationInTicks": 9600000, "words": words}
        assert speech(frame(offset=..., duration=..., **fields)) == speech(frame())

    @pytest.mark.parametrize(
        "participant",
        [
            "4:+000000000000",
            {"rawId": "4:+000000000000"},
            {"kind": "phoneNumber", "rawId": "4:+000000000000", "phoneNumber": {"value": "+0"}},
        ],
    )
    def test_a_participant_in_place_of_a_raw_id_is_read(self, participant: object) -> None:
        assert speech(frame(participantRawID=..., participant=participant)) == speech(frame())

    @pytest.mark.parametrize(
        "participant", ["Ann", "", 7, None, [], {}, {"rawId": 7}, {"rawId": "Ann"}, {"id": "4:+1"}]
    )
    def test_a_participant_who_is_no_raw_id_is_unknown(self, participant: object) -> None:
        found = speech(frame(participantRawID=..., participant=participant))
        assert (found.speaker, found.repaired) == (None, ("participantRawID",))

    def test_a_raw_id_goes_before_a_participant(self) -> None:
        assert speech(frame(participant="8:acs:a_b", more=1)).speaker == "4:+000000000000"

    @pytest.mark.parametrize("language", ["", 7, None])
    def test_a_language_that_is_none_is_left_out(self, language: object) -> None:
        found = speech(frame(languageIdentified=language))
        assert (found.language, found.repaired) == (None, ())

    def test_a_language_that_is_far_too_long_is_cut(self) -> None:
        assert speech(frame(languageIdentified="x" * 200)).language == "x" * 100

    def test_names_in_pascal_case_are_read(self) -> None:
        body = frame()
        for name in ("kind", "transcriptionData", "text", "offset", "duration", "confidence"):
            body = body.replace(f'"{name}"'.encode(), f'"{name[0].upper()}{name[1:]}"'.encode())
        body = body.replace(b'"participantRawID"', b'"ParticipantRawID"')
        body = body.replace(b'"words"', b'"Words"').replace(b'"resultStatus"', b'"ResultStatus"')
        assert speech(body) == speech(frame())

    @pytest.mark.parametrize("kind", ["AudioData", "audioMetadata", "DtmfData", "MarkData"])
    def test_media_streaming_says_nothing(self, kind: str) -> None:
        assert parse_frame(json.dumps({"kind": kind, "data": "AAAA"}).encode()) == Media()


class TestSeveralFrames:
    def test_a_list_of_frames_is_read_one_by_one(self) -> None:
        one, other = json.loads(frame()), json.loads(frame(text="Goodbye."))
        media = {"kind": "AudioData"}
        parts = undocumented(json.dumps([one, other, media]).encode())
        assert [part.frame for part in parts] == [
            speech(frame()),
            speech(frame(text="Goodbye.")),
            Media(),
        ]
        assert [json.loads(part.body) for part in parts] == [one, other, media]

    def test_a_list_with_anything_else_is_kept_whole(self) -> None:
        for wrong in (7, {}, [json.loads(frame())], {"kind": "TranscriptionData"}):
            body = json.dumps([json.loads(frame()), wrong]).encode()
            whole = Part(Unreadable("expected a JSON object, got list"), body)
            assert undocumented(body) == (whole,)

    def test_a_list_that_is_longer_than_any_is_kept_whole(self) -> None:
        media = {"kind": "AudioData"}
        assert len(undocumented(json.dumps([media] * MOST_PARTS).encode())) == MOST_PARTS
        assert len(undocumented(json.dumps([media] * (MOST_PARTS + 1)).encode())) == 1
