"""What became of what was said on a call, and whether its report adds up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drills.account import Account, account, report_errors, total
from tests.e2e.evidence import MESSAGE, Evidence, Json

START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def gap(begin: float, seconds: float, kind: str = "lost", stream: str = "1" * 19) -> Json:
    return {"RowKey": f"g-1-{stream}", "From": at(begin), "Seconds": seconds, "Kind": kind}


def evidence(
    said: dict[float, bool], stored: list[float], gaps: list[Json], **report: Any
) -> Evidence:
    """Return a call's evidence: what was said when, and whether acknowledged; which is stored.

    Its only stream is known as it was before Web PubSub was killed.
    """
    events = [
        {"id": number, "type": MESSAGE, "at": at(each), "status": 204 if heard else None}
        for number, (each, heard) in enumerate(said.items(), 2)
    ]
    finals = [
        {"text": f"at {each}", "at": at(each), "connection": 1, "frame": number, "replays": []}
        for number, each in enumerate(said)
    ]
    rows: list[Json] = [{"RowKey": f"s-{each}", "Text": f"at {each}"} for each in stored]
    row = {
        "Frames": len(stored) + 1,
        "Metadata": 1,
        "Intermediates": 0,
        "Finals": len(stored),
        "Quarantined": 0,
        "Duplicates": 0,
        "SecondsWithoutStream": sum(each["Seconds"] for each in gaps if each["Kind"] == "lost"),
    }
    return Evidence(
        {"finals": finals, "connections": 1},
        [{"id": "one", "state": "open", "openedAt": at(0), "events": events}],
        row | report,
        rows + gaps,
    )


def test_what_is_stored_or_in_a_gap_is_told() -> None:
    found = account(evidence({0: True, 30: False, 60: True}, [0, 60], [gap(20, 20)]), None)

    assert found == Account(said=3, stored=2, in_gaps=1, kinds=frozenset({"lost"}))


@pytest.mark.parametrize(("begin", "told"), [(36, True), (37, False)])
def test_who_was_speaking_when_a_gap_began_is_in_it(begin: float, *, told: bool) -> None:
    """A sentence takes 2.2 s, and the edges of a gap are exact to 1.5 s."""
    found = account(evidence({33: False}, [], [gap(begin, 20)]), None)

    assert (found.in_gaps, found.untold) == ((1, 0) if told else (0, 1))


def test_what_was_acknowledged_is_lost_also_in_a_gap() -> None:
    found = account(evidence({30: True}, [], [gap(20, 20)]), None)

    assert found.acknowledged_lost == 1


def test_what_is_said_after_the_return_has_to_be_stored() -> None:
    """Who had begun to speak when the stream was opened was not heard."""
    said = {50.5: False, 52: False, 54: True}

    found = account(evidence(said, [54], [gap(20, 33)]), START + timedelta(seconds=50))

    assert found.unheard_later == 1


def test_the_gap_before_the_first_stream_is_no_outage() -> None:
    found = account(evidence({}, [], [gap(0, 3, "lost", "0" * 19), gap(9, 1, "ownApp")]), None)

    assert found.kinds == {"ownApp"}


def test_accounts_are_added() -> None:
    one = Account(1, 2, 3, 4, 5, 6, frozenset({"lost"}), ("wrong",))

    assert total([]) == Account()
    assert total([one, replace(one, kinds=frozenset({"ownApp"}))]) == Account(
        2, 4, 6, 8, 10, 12, frozenset({"lost", "ownApp"}), ("wrong", "wrong")
    )


def test_a_report_that_adds_up_has_no_errors() -> None:
    assert report_errors(evidence({0: True, 60: True}, [0, 60], [gap(20, 20)])) == []


@pytest.mark.parametrize(
    "name", ["Frames", "Finals", "Quarantined", "Duplicates", "SecondsWithoutStream"]
)
def test_a_number_of_the_report_that_is_wrong_is_named(name: str) -> None:
    found = report_errors(evidence({0: True}, [0], [gap(20, 20)], **{name: 7}))

    assert any(each.startswith(f"{name} is 7, and should be ") for each in found)


def test_a_report_without_a_number_does_not_add_up() -> None:
    unfinished = evidence({}, [], [])
    del unfinished.row["Duplicates"]

    assert report_errors(unfinished) == ["Duplicates is None, and should be 0"]


def test_a_sentence_that_is_stored_twice_is_an_error() -> None:
    assert report_errors(evidence({0: True}, [0, 0], [])) == ["2 rows of 'at 0'"]


def test_a_gap_over_what_is_stored_is_an_error() -> None:
    assert report_errors(evidence({30: True}, [30], [gap(20, 20)])) == [
        "'at 30' is stored, and in a gap"
    ]


def test_a_call_whose_streams_are_all_known_is_held_against_every_rule() -> None:
    """Web PubSub was not killed, so that the end of each stream is known."""
    known = evidence({0: True}, [0], [], State="connected")
    assert report_errors(known) == []
    known.connections[0]["state"] = "closed"

    assert "'State': 'connected'" in report_errors(known)[0]
