"""The language of what was said, where the stream did not say that it had changed."""

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import lost_stream_id, new_stream_id, segment_key
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.reports.languages import Languages
from tests.fakes.clock import START

FIRST = new_stream_id(START, "first")
SECOND = new_stream_id(Ms(START + 60_000), "second")


def at(seconds: float) -> Ms:
    return later(START, Seconds(seconds))


def told(*changes: tuple[float, str], stream: str = FIRST, begun: str = "en-US") -> Languages:
    """Return the languages of a call that was changed so, seconds after its start."""
    found = Languages()
    for seconds, locale in changes:
        row: Columns = {
            "Type": "TranscriptionUpdated",
            "ReceivedAt": iso(at(seconds)),
            "Locale": locale,
        }
        found.add_event(row)
    found.add_stream(stream, {"Locale": begun})
    return found


def said(
    found: Languages, seconds: float, locale: str | None = "en-US", stream: str = FIRST
) -> str:
    """Add a segment; return its key."""
    key = segment_key(at(seconds), stream, f"{int(seconds):010d}")
    row: Columns = {"StartTime": iso(at(seconds))}
    found.add_segment(key, row if locale is None else row | {"Locale": locale})
    return key


def test_what_was_said_after_a_change_is_of_the_new_language() -> None:
    found = told((10, "de-DE"), (20, "fr-FR"))
    said(found, 5)
    german, french = said(found, 10), said(found, 25)
    assert found.corrections() == {german: "de-DE", french: "fr-FR"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    found = told((20, "fr-FR"), (10, "de-DE"))
    assert found.corrections() == {}
    assert list(found.corrections().values()) == []
    key = said(found, 15)
    assert found.corrections() == {key: "de-DE"}


def test_a_stream_that_said_so_itself_is_right() -> None:
    found = told((10, "de-DE"))
    said(found, 15, "de-DE")
    assert found.corrections() == {}


def test_a_language_that_acs_recognised_by_itself_stays() -> None:
    found = told((10, "de-DE"))
    said(found, 15, "es-ES")
    assert found.corrections() == {}


def test_a_stream_that_was_opened_after_the_change_began_so() -> None:
    found = told((10, "de-DE"), stream=SECOND, begun="de-DE")
    said(found, 70, "de-DE", SECOND)
    assert found.corrections() == {}


def test_of_a_stream_whose_opening_is_not_known_nothing_is_changed() -> None:
    found = told((10, "de-DE"))
    said(found, 15, "en-US", lost_stream_id("lost"))
    assert found.corrections() == {}


PLACED: Columns = {"StartTime": iso(at(9.2)), "Locale": "en-US"}


@pytest.mark.parametrize(
    ("received", "length", "locale"),
    [(10.5, 400, "de-DE"), (10.5, 600, None), (16, 400, None), (10.5, None, "de-DE")],
)
def test_our_own_clock_is_more_exact_than_the_streams_unless_a_segment_came_late(
    received: float, length: int | None, locale: str | None
) -> None:
    found = told((10, "de-DE"))
    key = segment_key(at(9), FIRST, "0000000001")
    row: Columns = PLACED | {"ReceivedAt": iso(at(received))}
    found.add_segment(key, row if length is None else row | {"DurationMs": length})
    assert found.corrections() == ({} if locale is None else {key: locale})


@pytest.mark.parametrize(
    "row",
    [
        {"Type": "TranscriptionUpdated", "Locale": "de-DE"},
        {"Type": "TranscriptionUpdated", "ReceivedAt": "soon", "Locale": "de-DE"},
        {"Type": "TranscriptionUpdated", "ReceivedAt": iso(START)},
        {"Type": "TranscriptionStarted", "ReceivedAt": iso(START), "Locale": "de-DE"},
    ],
)
def test_other_events_change_nothing(row: Columns) -> None:
    found = told()
    found.add_event(row)
    said(found, 5)
    assert found.corrections() == {}


def test_rows_that_lack_what_is_needed_are_left_alone() -> None:
    found = told((10, "de-DE"))
    found.add_stream(FIRST, {})
    found.add_segment(segment_key(at(15), FIRST, "0000000001"), {"Locale": "en-US"})
    said(found, 15, None)
    assert found.corrections() == {}
