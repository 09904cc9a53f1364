"""A call's columns are declared once, with the types of its attributes, and survive a row."""

from dataclasses import fields, replace
from types import NoneType
from typing import get_args, get_type_hints

import pytest

from callscribe.calls.call import Call, Direction, Reason, Report, State
from callscribe.calls.call_columns import CALL_COLUMNS, call_columns, call_of
from callscribe.calls.incoming import UNKNOWN
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import Ms
from tests.calls.full import FULL
from tests.fakes.clock import START

CALL = Call(FULL.id, Direction.INBOUND, State.ENDED, "4:+1", "4:+2", START)
SPOILT: Columns = {
    "TranscriptionAt": "yesterday",
    "AnsweredAt": 7,
    "EndedAt": b"2026",
    "Drives": "many",
    "ReasonCode": 1.5,
    "Frames": "some",
    "SecondsWithoutStream": "long",
}


def test_every_attribute_of_a_call_is_a_column_of_its_type() -> None:
    declared = {column.path: column.kind for column in CALL_COLUMNS}
    expected = {
        f"{prefix}{name}": kind
        for prefix, part in (("", Call), ("reason.", Reason), ("report.", Report))
        for name, kind in kinds_of(part).items()
        if kind not in (Reason, Report)
    }
    assert declared == expected


def test_every_column_has_a_name_of_its_own() -> None:
    assert len({column.name for column in CALL_COLUMNS}) == len(CALL_COLUMNS)


def test_the_api_shows_a_column_under_its_own_name() -> None:
    for column in CALL_COLUMNS:
        assert column.shown in (None, column.name[0].lower() + column.name[1:])


@pytest.mark.parametrize("call", [CALL, FULL, replace(FULL, reason=Reason("", 500))])
def test_a_call_survives_its_row(call: Call) -> None:
    assert call_of(call_columns(call)) == call


def test_all_columns_of_a_call_of_which_all_is_known_are_written() -> None:
    assert all(getattr(FULL, one.name) is not None for one in fields(Call))
    assert call_columns(FULL).keys() == {column.name for column in CALL_COLUMNS}


def test_a_row_has_no_column_for_what_is_not_known() -> None:
    assert call_columns(replace(CALL, reason=Reason("", 500))) == {
        "CallId": CALL.id,
        "Direction": "inbound",
        "State": "ended",
        "Transcription": "off",
        "TranscriptionAttempts": 0,
        "From": "4:+1",
        "To": "4:+2",
        "RangAt": "2026-11-22T18:54:03.000Z",
        "ReasonCode": 500,
        "Drives": 0,
    }


def test_a_calls_columns_of_other_types_count_as_not_known() -> None:
    assert call_of(call_columns(CALL) | SPOILT) == replace(CALL, report=Report())


def test_a_row_without_the_columns_that_every_call_has_is_read_all_the_same() -> None:
    row = call_columns(CALL)
    for name in ("CallId", "From", "To", "RangAt"):
        row.pop(name)
    unknown = replace(CALL, id="", caller=UNKNOWN, callee=UNKNOWN, rang_at=Ms(0))
    assert call_of(row) == unknown


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), True])
def test_a_number_that_json_cannot_say_is_none(seconds: float) -> None:
    columns = call_columns(replace(CALL, report=Report())) | {"SecondsWithoutStream": seconds}
    report = call_of(columns).report
    assert report
    assert report.seconds_without_stream in (0.0, 1.0)


@pytest.mark.parametrize("name", ["Direction", "State", "Transcription"])
def test_a_row_that_does_not_say_how_a_call_stands_is_none(name: str) -> None:
    with pytest.raises(CallscribeError, match="does not say"):
        call_of(call_columns(CALL) | {name: "odd"})


def kinds_of(part: type) -> dict[str, object]:
    """Return the types of a part's attributes, whether they may be None or not."""
    hints = get_type_hints(part)
    return {one.name: _kind(hints[one.name]) for one in fields(part)}


def _kind(hint: object) -> object:
    (kind,) = [each for each in get_args(hint) if each is not NoneType] or [hint]
    return kind
