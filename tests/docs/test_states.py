"""The page on architecture shows the states as the code has them, and forgets no event."""

import re
from inspect import getsource
from typing import get_args

import pytest

from callscribe.calls import decide, events
from callscribe.calls.call_events import CallEvent
from tests.docs.markdown import ROOT, blocks, section
from tests.docs.states import diagram

PAGE = ROOT / "docs/architecture.md"
STATES = section(PAGE, "The states of a call")
TRANSCRIPTION = section(PAGE, "Transcription: wanted and observed")
# By which words the page tells of each event.
WORDS: dict[type, str] = {
    CallEvent: "| TranscriptionStarted, ",
    events.Answered: "ACS accepted the answer",
    events.Refused: "ACS refused (4xx)",
    events.Rejected: "its route rejects it",
    events.RingOver: "nobody answers any more",
    events.Replied: "| ACS refused a request |",
    events.Polled: "| ACS says that it runs |",
    events.NotKnown: "ACS knows it no more",
    events.NotTold: "too old, and ACS tells nothing",
    events.StreamOpened: "| a stream is opened |",
    events.StreamClosed: "| a stream is closed |",
    events.Want: "| something else is wanted |",
    events.Leave: "Hanging up is asked for until the call is over",
    events.End: "its application says so",
    events.HungUp: "where ACS refused to hang up, or did not answer",
    events.Woken: "| time has passed |",
}


def test_the_diagram_is_that_of_the_code() -> None:
    """`python -m tests.docs.states` prints it."""
    [drawn] = [each.code for each in blocks(PAGE) if each.code.startswith("stateDiagram")]
    assert drawn == diagram()


def test_every_event_has_words() -> None:
    assert set(WORDS) == set(get_args(events.Event))


@pytest.mark.parametrize("event", WORDS, ids=lambda event: event.__name__)
def test_the_page_tells_of_every_event(event: type) -> None:
    assert WORDS[event] in STATES + TRANSCRIPTION + diagram()


def test_the_page_tells_of_every_callback_that_changes_a_call() -> None:
    names = set(re.findall(r'"((?:[A-Z][a-z]+){2,})"', getsource(decide)))
    assert "TranscriptionResumed" in names
    assert [each for each in names if each not in STATES + TRANSCRIPTION + diagram()] == []
