from callscribe.stream.segments import Segment, live_json

HELLO = Segment(
    row_key="s-1",
    text="Hello.",
    speaker_id="4:+14255550111",
    start_time="2026-11-22T18:54:03.000Z",
    end_time="2026-11-22T18:54:03.500Z",
    duration_ms=500,
    confidence=0.9,
    locale="en-US",
    words=(("hello", 0, 500), ("you", None, None)),
    duplicate_of=None,
)
BARE = Segment("s-2", "Hi.", None, None, None, None, None, None, (), None)


def test_the_live_feed_shows_nobodys_number() -> None:
    assert live_json(HELLO) == {
        "rowKey": "s-1",
        "text": "Hello.",
        "speaker": "+•••0111",
        "startTime": "2026-11-22T18:54:03.000Z",
        "endTime": "2026-11-22T18:54:03.500Z",
        "locale": "en-US",
    }
    assert live_json(BARE)["speaker"] == "unknown"


def test_the_live_feed_leaves_out_what_is_unknown() -> None:
    shown = {"rowKey": "s-2", "text": "Hi.", "speaker": "unknown", "startTime": ""}
    assert live_json(BARE) == shown
