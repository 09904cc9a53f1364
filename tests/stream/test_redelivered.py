"""What is under a frame's key says the same, or is another row."""

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import ConflictError, StorageUnavailableError
from callscribe.stream.redelivered import expect_the_same, says_the_same
from callscribe.stream.segments import Row
from tests.fakes.transcripts import FakeTranscriptStore

SEGMENT: Columns = {
    "Text": "hel",
    "Text_2": "lo",
    "SpeakerId": "4:+14255550123",
    "WireOffset": 7,
    "DurationMs": 500,
    "Seen": 3,
}
QUARANTINED: Columns = {"Sha256": "00", "Body": b"\x00", "Why": "not JSON"}


@pytest.mark.parametrize(
    "changes",
    [
        {"Seen": 4, "Missing": 1, "Kept": 2},
        {"ReceivedAt": "later", "Sequence": 5},
        {"DuplicateOf": "s-1"},
        {"StartTime": "another zero", "Locale": "en-GB", "Repaired": "words"},
    ],
    ids=str,
)
def test_how_an_event_came_and_what_a_report_added_changes_nothing(changes: Columns) -> None:
    assert says_the_same(SEGMENT | changes, SEGMENT)
    assert says_the_same(QUARANTINED | changes, QUARANTINED)


@pytest.mark.parametrize(
    "changes",
    [
        {"Text": "hal"},
        {"Text_2": ""},
        {"Text_3": "!"},
        {"SpeakerId": "4:+1"},
        {"WireOffset": 8},
        {"DurationMs": 501},
        {"Sha256": "01"},
    ],
    ids=str,
)
def test_other_words_another_speaker_or_another_time_are_another_row(changes: Columns) -> None:
    assert not says_the_same(SEGMENT | changes, SEGMENT)


def test_what_is_left_out_is_another_row() -> None:
    for name in ("Text", "Text_2", "SpeakerId", "WireOffset", "DurationMs"):
        assert not says_the_same({key: SEGMENT[key] for key in SEGMENT if key != name}, SEGMENT)
    assert not says_the_same(QUARANTINED, QUARANTINED | {"Sha256": "01"})


def test_a_frames_bytes_may_be_missing_but_not_another_frames() -> None:
    assert says_the_same({"Sha256": "00"}, QUARANTINED)


async def test_the_row_under_the_key_is_compared_and_no_other() -> None:
    store = FakeTranscriptStore()
    await store.put("call", "s-1", SEGMENT | {"DuplicateOf": "s-0"})
    await store.put("call", "s-1x", SEGMENT | {"Text": "another hand's"})
    await expect_the_same(store, "call", Row("s-1", SEGMENT))
    with pytest.raises(ConflictError):
        await expect_the_same(store, "call", Row("s-1", SEGMENT | {"Text": "hal"}))


async def test_a_row_that_is_gone_is_to_be_written_again() -> None:
    store = FakeTranscriptStore()
    await store.put("call", "s-1x", SEGMENT)
    with pytest.raises(StorageUnavailableError):
        await expect_the_same(store, "call", Row("s-1", SEGMENT))
