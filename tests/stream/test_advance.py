"""What each frame of a stream comes to: the new state, rows in their order, and all else."""

import json

import pytest

from callscribe.foundation.identifiers import is_row_of_stream, new_call_id
from callscribe.stream.advance import Step, advance, displaced, refused
from callscribe.stream.connections import connection, heard
from callscribe.stream.frames import Unreadable
from callscribe.stream.quarantine import quarantine
from callscribe.stream.segments import keep
from callscribe.stream.state import hear, mark_written, opened
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.stream.streaming import NOW, STREAM_ID, at, parse_frame
from tests.wire_samples import sample

OPEN = opened(NOW, "connection", written=True)
UNSEEN = opened(NOW, "connection", written=False)
FINAL, HYPOTHESIS = sample("frames", "final"), sample("frames", "intermediate")
METADATA = sample("frames", "metadata")
NO_FRAME = b"no frame"
TOO_LARGE = json.dumps(
    {"kind": "TranscriptionData", "transcriptionData": {"text": "x" * 500_000}}
).encode()


def message(body: bytes, number: int = 2) -> UpstreamEvent:
    return UpstreamEvent(
        kind=Kind.MESSAGE,
        call_id=new_call_id(NOW, "call"),
        connection_id="connection",
        number=number,
        sequence=f"{number:010d}",
        at=at(0),
        state=OPEN,
        body=body,
    )


def kinds(step: Step) -> list[str]:
    """Return the kinds of a step's rows (`s`, `q`, `c`), in the order of writing."""
    return [row.key[0] for row in step.rows]


def noted(step: Step) -> list[str]:
    """Return the kinds of a step's rows with the one that is not needed, if any, in brackets."""
    return kinds(step) + ([f"({step.note.key[0]})"] if step.note else [])


class TestFrames:
    def test_a_final_is_one_row_and_a_live_message(self) -> None:
        step = advance(OPEN, message(FINAL), NOW)
        placed = hear(OPEN, parse_frame(FINAL), 2, at(0))
        kept = keep(message(FINAL), parse_frame(FINAL), placed, NOW)
        assert kept.row is not None
        assert kept.live is not None
        assert step == Step(placed.state, (kept.row,), (kept.live,))
        assert step.rows[0].key == f"s-{at(0) // 1000}-{STREAM_ID}-0000000002"

    def test_a_hypothesis_is_a_live_message_alone(self) -> None:
        step = advance(OPEN, message(HYPOTHESIS), NOW)
        assert (step.rows, step.quarantined) == ((), None)
        assert [shown["type"] for shown in step.live] == ["intermediate"]
        assert step.state.intermediates == 1

    def test_metadata_is_the_connections_row_with_its_language(self) -> None:
        step = advance(OPEN, message(METADATA), NOW)
        metadata = parse_frame(METADATA)
        state = hear(OPEN, metadata, 2, at(0)).state
        assert step == Step(state, (heard(state, message(METADATA), metadata, NOW),))
        assert step.state.locale == "en-US"

    def test_what_cannot_be_read_is_put_aside_with_its_bytes(self) -> None:
        step = advance(OPEN, message(NO_FRAME), NOW)
        assert (step.live, step.quarantined) == ((), "not JSON")
        assert step.rows == (quarantine(message(NO_FRAME), "not JSON", step.state, NOW),)
        assert step.state.quarantined == 1

    def test_what_is_too_large_for_a_row_is_shown_and_put_aside(self) -> None:
        step = advance(OPEN, message(TOO_LARGE), NOW)
        assert (kinds(step), step.quarantined) == (["q"], "too large for an entity")
        assert [shown["type"] for shown in step.live] == ["segment"]

    def test_what_is_missing_before_a_frame_is_in_its_own_row(self) -> None:
        step = advance(OPEN, message(FINAL, 5), NOW)
        assert step.rows[0].columns["Missing"] == step.state.missing == 3

    def test_the_same_frame_in_the_same_state_is_the_same_step(self) -> None:
        assert advance(OPEN, message(FINAL), NOW) == advance(OPEN, message(FINAL), NOW)

    def test_a_redelivered_frame_goes_to_the_same_row_and_is_counted_once(self) -> None:
        first = advance(OPEN, message(FINAL), NOW)
        again = advance(first.state, message(FINAL), at(5))
        assert again.state == first.state
        assert [row.key for row in again.rows] == [row.key for row in first.rows]


class TestOtherForms:
    """What comes beside transcription, or in another form, on the same stream."""

    def test_media_streaming_is_counted_and_nothing_else(self) -> None:
        step = advance(OPEN, message(b'{"kind": "AudioData", "audioData": {}}'), NOW)
        assert (noted(step), step.live, step.quarantined) == ([], (), None)
        assert (step.state.media, step.state.seen, step.state.last) == (1, 0, 2)

    def test_a_list_is_one_row_for_each_final_with_keys_of_its_own(self) -> None:
        body = b"[" + b",".join((METADATA, FINAL, HYPOTHESIS, FINAL)) + b"]"
        step = advance(OPEN, message(body), NOW)
        assert kinds(step) == ["c", "s", "s"]
        assert [shown["type"] for shown in step.live] == ["segment", "intermediate", "segment"]
        assert (step.state.seen, step.state.finals, step.state.missing) == (4, 2, 0)
        keys = {row.key for row in step.rows[1:]}
        assert len(keys) == 2
        assert all(is_row_of_stream(key) for key in keys)
        again = advance(OPEN, message(body), at(5))
        assert [row.key for row in again.rows] == [row.key for row in step.rows]

    def test_what_is_too_large_in_a_list_is_put_aside_and_the_rest_kept(self) -> None:
        step = advance(OPEN, message(b"[" + TOO_LARGE + b"," + FINAL + b"]"), NOW)
        assert (kinds(step), step.quarantined) == (["q", "s"], "too large for an entity")

    def test_a_list_of_one_has_the_key_of_its_event(self) -> None:
        step = advance(OPEN, message(b"[" + FINAL + b"]"), NOW)
        assert [row.key for row in step.rows] == [
            row.key for row in advance(OPEN, message(FINAL), NOW).rows
        ]

    def test_it_brings_the_connections_row_once(self) -> None:
        step = advance(UNSEEN, message(b"[" + FINAL + b"," + FINAL + b"]"), NOW)
        assert noted(step) == ["s", "s", "(c)"]


class TestWhereConnectWasNotStored:
    """The first frame that comes brings the connection's own row with it."""

    @pytest.mark.parametrize(
        ("body", "rows"),
        [
            (FINAL, ["s", "(c)"]),
            (HYPOTHESIS, ["(c)"]),
            (METADATA, ["c"]),
            (NO_FRAME, ["q", "(c)"]),
            (TOO_LARGE, ["q", "(c)"]),
        ],
    )
    def test_any_frame_writes_the_connections_row_behind_its_own(
        self, body: bytes, rows: list[str]
    ) -> None:
        step = advance(UNSEEN, message(body), NOW)
        assert noted(step) == rows
        assert step.state.written == (step.note is None)
        written = advance(OPEN, message(body), NOW)
        assert mark_written(step.state) == written.state
        assert (step.live, step.quarantined) == (written.live, written.quarantined)

    def test_the_row_counts_the_frame_that_brings_it(self) -> None:
        step = advance(UNSEEN, message(FINAL), NOW)
        state = hear(UNSEEN, parse_frame(FINAL), 2, at(0)).state
        assert step.note == connection(state, message(FINAL), NOW)

    def test_the_next_frame_writes_it_again_only_where_it_could_not_be_written(self) -> None:
        first = advance(UNSEEN, message(HYPOTHESIS), NOW)
        assert noted(advance(first.state, message(FINAL, 3), NOW)) == ["s", "(c)"]
        written = mark_written(first.state)
        assert noted(advance(written, message(FINAL, 3), NOW)) == ["s"]


class TestRefused:
    @pytest.mark.parametrize("body", [FINAL, HYPOTHESIS, METADATA, NO_FRAME])
    def test_a_frame_that_storage_refuses_is_put_aside_whatever_it_is(self, body: bytes) -> None:
        step = refused(OPEN, message(body), NOW)
        assert (kinds(step), step.live) == (["q"], ())
        assert step.quarantined == step.rows[0].columns["Why"] == "refused by storage"
        assert step.rows[0].columns["Body"] == body
        assert step.state == hear(OPEN, Unreadable("refused"), 2, at(0)).state

    def test_it_brings_the_connections_row_where_connect_was_not_stored(self) -> None:
        step = refused(UNSEEN, message(FINAL), NOW)
        assert noted(step) == ["q", "(c)"]


class TestDisplaced:
    @pytest.mark.parametrize("body", [FINAL, NO_FRAME])
    def test_a_frame_whose_key_another_row_has_is_put_aside_under_one_of_its_own(
        self, body: bytes
    ) -> None:
        step = displaced(OPEN, message(body), NOW)
        assert (kinds(step), step.live) == (["q"], ())
        (row,) = step.rows
        assert step.quarantined == row.columns["Why"] == "another row has its key"
        assert row.columns["Body"] == body
        assert is_row_of_stream(row.key)
        assert row.key != refused(OPEN, message(body), NOW).rows[0].key
        assert row.key != displaced(OPEN, message(body + b" "), NOW).rows[0].key
        assert row.key == displaced(step.state, message(body), at(5)).rows[0].key
        assert step.state == hear(OPEN, Unreadable("displaced"), 2, at(0)).state
