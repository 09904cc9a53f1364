"""One name for one person, and no name for two."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from callscribe.foundation.columns import Value
from callscribe.foundation.identifiers import person_key
from callscribe.transcripts.names import Names, names_of
from tests.transcripts.said import BARE, CALL, CALLEE, CALLER, HELLO, OTHER

ANN, BOB = "8:acs:a_ann", "8:acs:a_bob"

Rows = dict[str, Mapping[str, Value]]


def row(raw_id: str, joined: str | None = None, **columns: Value) -> Rows:
    known: dict[str, Value] = {"RawId": raw_id}
    known |= {} if joined is None else {"JoinedAt": joined}
    return {person_key(raw_id): known | columns}


def named(rows: Rows, *speakers: str | None, **call: Any) -> Names:
    said = [replace(BARE, speaker_id=speaker) for speaker in speakers]
    return names_of(replace(CALL, **call), rows, said)


@pytest.mark.parametrize(
    ("speaker", "name"),
    [
        (CALLER, "caller"),
        (CALLER.replace("+", ""), "caller"),
        (CALLEE, "callee"),
        (OTHER, "+•••3456"),
        (ANN, ANN),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_people_without_a_name_have_a_role_or_a_raw_id(speaker: str | None, name: str) -> None:
    assert named({}, speaker).of(speaker) == name


def test_a_row_tells_the_name_and_the_role() -> None:
    rows = row(ANN, Name="Ann", Role="agent") | row(BOB, Role="agent") | row(CALLEE, Name="Shop")
    names = named(rows, ANN, BOB, CALLEE)
    assert [names.of(raw_id) for raw_id in (ANN, BOB, CALLEE)] == ["Ann", "agent", "Shop"]
    assert set(names.there) == {("Ann", "agent"), ("agent", "agent"), ("Shop", "callee")}


def test_the_caller_has_a_display_name_and_one_that_was_given_later_counts() -> None:
    assert named({}, CALLER, caller_name="Front desk").of(CALLER) == "Front desk"
    rows = row(CALLER, Name="Billing")
    assert named(rows, CALLER, caller_name="Front desk").of(CALLER) == "Billing"


@pytest.mark.parametrize("name", ["+14255550111", "Ann 14255550111", "sip:+14255550111@x"])
def test_no_name_has_a_number(name: str) -> None:
    rows = row(ANN, Name=name) | row(BOB, Role=name)
    names = named(rows, ANN, BOB, CALLER, caller_name=name)
    shown = {names.of(raw_id) for raw_id in (ANN, BOB, CALLER)}
    assert not any("5550111" in each for each in shown)
    assert len(shown) == 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Eve\n[00:00:00] callee", "Eve [00:00:00] callee"),
        ("\u202eevE\u202c ", "evE"),
        ("\x00 ", "caller"),
        ("", "caller"),
        ("\u200b", "caller"),
    ],
)
def test_a_name_is_one_line_and_never_empty(name: str, shown: str) -> None:
    assert named({}, CALLER, caller_name=name).of(CALLER) == shown
    assert named(row(CALLER, Name=name), CALLER).of(CALLER) == shown


def test_a_raw_id_that_shows_nothing_is_unknown() -> None:
    assert named({}, "\u200b").of("\u200b") == "unknown (2)"


def test_who_has_the_name_of_another_has_a_number() -> None:
    rows = row(ANN, "1", Name="Ann") | row(BOB, "2", Name="ANN\u200b") | row(OTHER, "3", Name="Ánn")
    names = named(rows, OTHER, BOB, ANN)
    shown = [names.of(raw_id) for raw_id in (ANN, BOB, OTHER)]
    assert shown == ["Ann", "ANN\u200b (2)", "Ánn (3)"]


def test_numbers_with_the_same_end_are_told_apart() -> None:
    others = (OTHER, "4:+4930993456", f"{OTHER}_1")
    names = named({}, *others)
    assert [names.of(raw_id) for raw_id in others] == ["+•••3456", "+•••3456 (2)", "+•••3456 (3)"]


@pytest.mark.parametrize("name", ["callee", "Callee", "unknown", "+•••3456"])
def test_nobody_takes_a_name_that_says_who_another_is(name: str) -> None:
    names = named({}, CALLER, CALLEE, OTHER, None, caller_name=name)
    assert names.of(CALLER) == f"{name} (2)"
    assert (names.of(CALLEE), names.of(OTHER), names.of(None)) == ("callee", "+•••3456", "unknown")


def test_a_number_that_is_taken_too_is_not_given() -> None:
    rows = row(ANN, "1", Name="Ann (2)") | row(BOB, "2", Name="Ann") | row(OTHER, "3", Name="Ann")
    names = named(rows, ANN, BOB, OTHER)
    assert [names.of(raw_id) for raw_id in (ANN, BOB, OTHER)] == ["Ann (2)", "Ann", "Ann (3)"]


def test_who_joined_or_spoke_was_there() -> None:
    rows = row(BOB, "2") | row(ANN, "1") | row(CALLEE, Name="rang, and did not answer")
    names = named(rows, OTHER, CALLER)
    assert [name for name, _ in names.there] == [ANN, BOB, "+•••3456", "caller"]


def test_a_row_that_another_hand_spoilt_names_nobody() -> None:
    rows: Rows = {
        "p-1": {"JoinedAt": "1", "Name": "Nobody"},
        person_key(ANN): {"RawId": 5, "Name": "\x00", "Role": "", "JoinedAt": True},
    }
    names = named(rows, ANN)
    assert names.there == ((ANN, None),)
    assert names.of(HELLO.speaker_id) == "unknown"
