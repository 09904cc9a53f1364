"""A call's columns are declared once, with the types of its attributes, and survive a row."""

from dataclasses import fields, replace
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import (
    Call,
    Direction,
    EndedBy,
    Line,
    Machine,
    Own,
    Pause,
    Report,
    State,
    Transcription,
)
from callscribe.calls.call_columns import CALL_COLUMNS, Column, call_columns, call_of
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.labels import Labels
from callscribe.calls.results import Reason
from callscribe.calls.transcription import Operation, OperationKind, Running, Transcribing
from callscribe.calls.wish import Language, Why, Wish
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import LATEST, Ms, Seconds
from tests.calls.full import FULL
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH, OFF

CALL = Call(FULL.id, Direction.INBOUND, State.ENDED, "4:+1", "4:+2", START, OFF)
SPOILT: Columns = {
    "AnsweredAt": 7,
    "EndedAt": b"2026",
    "EndedBy": "nobody",
    "HangUp": 1,
    "Drives": "many",
    "ReasonCode": 1.5,
    "WantedBy": "",
    "WantedOn": "yes",
    "WantedWhy": "because",
    "WantedRevision": "first",
    "Consent": "perhaps",
    "PeopleNow": "two",
    "Machine": "{",
    "Frames": "some",
    "SecondsWithoutStream": "long",
}
PARTS = (
    ("", Call),
    ("reason.", Reason),
    ("report.", Report),
    ("wish.", Wish),
    ("wish.language.", Language),
)
STRUCTURED = (Reason, Report, Wish, Language)

MOMENTS = st.integers(0, LATEST).map(Ms)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
NUMBERS = st.integers(0, 2**31 - 1)
LANGUAGES = st.builds(Language, TEXT, st.none() | TEXT)
CODES = st.none() | st.integers(1, 2**31 - 1)
REASONS = st.builds(Reason, TEXT, CODES, CODES, st.none() | TEXT)
OPERATIONS = st.builds(
    Operation,
    st.sampled_from(OperationKind),
    NUMBERS,
    LANGUAGES,
    st.none() | MOMENTS,
    st.booleans(),
    st.none() | MOMENTS,
)
SPANS = st.floats(0, 1e6, allow_nan=False).map(Seconds)
REPORTS = st.builds(Report, *[NUMBERS] * 7, SPANS, SPANS)
WISHES = st.builds(
    Wish,
    st.booleans(),
    LANGUAGES,
    MOMENTS,
    st.integers(1, 2**31 - 1),
    st.sampled_from(Why),
    st.none() | TEXT,
)
PAUSES = st.builds(Pause, MOMENTS, SPANS)
OWN = st.builds(Own, SPANS, SPANS, st.none() | MOMENTS, st.none() | MOMENTS)
MACHINES = st.builds(
    Machine,
    st.builds(
        Line,
        asked=st.none() | MOMENTS,
        tries=NUMBERS,
        next_at=st.none() | MOMENTS,
        unknown_at=st.none() | MOMENTS,
        stream_closed=st.booleans(),
        left_at=st.none() | MOMENTS,
        roster=NUMBERS,
    ),
    st.builds(
        Transcribing,
        runs=st.none() | st.builds(Running, LANGUAGES, MOMENTS, NUMBERS),
        out=st.none() | OPERATIONS,
        number=NUMBERS,
        floor=NUMBERS,
        tries=NUMBERS,
        next_at=st.none() | MOMENTS,
        look_at=st.none() | MOMENTS,
        blocked=NUMBERS,
        good=st.none() | LANGUAGES,
        fallback=st.booleans(),
        reason=st.none() | REASONS,
    ),
    idle_since=st.none() | MOMENTS,
    pause=st.none() | PAUSES,
    own=st.none() | OWN,
)
BY_KIND: dict[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: NUMBERS,
    Ms: MOMENTS,
    Wish: WISHES,
    Machine: MACHINES,
    Reason: REASONS,
    Report: REPORTS,
    Labels: st.lists(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,39}", fullmatch=True), max_size=16).map(
        tuple
    ),
}


def kinds_of(part: type) -> dict[str, object]:
    """Return the types of a part's attributes, whether they may be None or not."""
    hints = get_type_hints(part)
    return {one.name: kind_of(hints[one.name]) for one in fields(part)}


def kind_of(hint: object) -> object:
    (kind,) = [each for each in get_args(hint) if each is not NoneType] or [hint]
    return kind


def a_value(hint: object) -> st.SearchStrategy[Any]:
    kind = kind_of(hint)
    enum = isinstance(kind, type) and issubclass(kind, StrEnum)
    values = st.sampled_from(list(kind)) if enum else BY_KIND[kind]  # type: ignore[call-overload] # an enum lists its members
    return values if kind is hint else st.none() | values


CALLS = st.builds(Call, **{name: a_value(hint) for name, hint in get_type_hints(Call).items()})


def test_every_attribute_of_a_call_is_a_column_of_its_type() -> None:
    declared = {column.path: column.kind for column in CALL_COLUMNS if not column.derived}
    expected = {
        f"{prefix}{name}": kind
        for prefix, part in PARTS
        for name, kind in kinds_of(part).items()
        if kind not in STRUCTURED
    }
    assert declared == expected


def test_what_follows_from_others_is_shown_beside_them() -> None:
    derived = {column.path: column.kind for column in CALL_COLUMNS if column.derived}
    assert derived == {
        "transcription": Transcription,
        "locale": str,
        "problem.text": str,
        "problem.code": int,
        "problem.sub_code": int,
        "problem.remedy": str,
        "transcription_next_at": Ms,
    }
    assert all(column.shown for column in CALL_COLUMNS if column.derived)


def test_every_column_has_a_name_of_its_own() -> None:
    assert len({column.name for column in CALL_COLUMNS}) == len(CALL_COLUMNS)


@pytest.mark.parametrize("column", CALL_COLUMNS, ids=lambda column: column.name)
def test_the_api_shows_a_column_under_its_own_name(column: Column) -> None:
    assert column.shown in (None, column.name[0].lower() + column.name[1:])


def test_a_column_is_of_the_call_or_of_a_part_of_it() -> None:
    by_name = {column.name: (column.part, column.attribute) for column in CALL_COLUMNS}
    assert by_name["State"] == (None, "state")
    assert by_name["ReasonCode"] == ("reason", "code")
    assert by_name["WantedLocale"] == ("wish.language", "locale")


@given(CALLS)
def test_any_call_survives_its_row(call: Call) -> None:
    assert call_of(call_columns(call)) == call


@pytest.mark.parametrize("call", [CALL, FULL, replace(FULL, reason=Reason("", 500))])
def test_a_call_survives_its_row(call: Call) -> None:
    assert call_of(call_columns(call)) == call


def test_all_columns_of_a_call_of_which_all_is_known_are_written() -> None:
    assert all(getattr(FULL, one.name) is not None for one in fields(Call))
    assert call_columns(FULL).keys() == {column.name for column in CALL_COLUMNS}


def test_a_row_has_no_column_for_what_is_not_known() -> None:
    row = call_columns(replace(CALL, reason=Reason("", 500)))
    machine = row.pop("Machine")
    assert call_of(row | {"Machine": machine}).machine == Machine()
    assert row == {
        "CallId": CALL.id,
        "Direction": "inbound",
        "State": "ended",
        "Transcription": "off",
        "From": "4:+1",
        "To": "4:+2",
        "BegunAt": "2026-11-22T18:54:03.000Z",
        "ReasonCode": 500,
        "WantedOn": False,
        "WantedLocale": "en-US",
        "WantedRevision": 1,
        "WantedWhy": "asked",
        "WantedAt": "2026-11-22T18:54:03.000Z",
        "WantedBy": "setting",
        "Consent": "none",
        "Drives": 0,
    }


def test_the_problem_of_transcription_is_beside_the_reason_of_the_end() -> None:
    row = call_columns(FULL)
    assert (row["Reason"], row["ReasonCode"]) == ("why", 500)
    assert (row["TranscriptionReason"], row["TranscriptionCode"]) == ("no such locale", 400)
    assert (row["TranscriptionSubCode"], row["TranscriptionRemedy"]) == (8565, "mend it")
    assert row["Locale"] == "en-GB"
    assert row["WantedLocale"] == "de-DE"


def test_a_calls_columns_of_other_types_count_as_not_known() -> None:
    call = replace(CALL, wish=replace(OFF, by=None, on=False), report=Report())
    assert call_of(call_columns(CALL) | SPOILT) == call


def test_a_row_without_the_columns_that_every_call_has_is_read_all_the_same() -> None:
    row = call_columns(CALL)
    kept = {name: row[name] for name in ("Direction", "State")}
    assert call_of(kept) == Call(
        id="",
        direction=Direction.INBOUND,
        state=State.ENDED,
        caller=UNKNOWN,
        callee=UNKNOWN,
        begun_at=Ms(0),
        wish=Wish(on=False, language=Language("und"), at=Ms(0), by=None),
    )


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), True])
def test_a_number_that_json_cannot_say_is_none(seconds: float) -> None:
    columns = call_columns(replace(CALL, report=Report())) | {"SecondsWithoutStream": seconds}
    report = call_of(columns).report
    assert report
    assert report.seconds_without_stream in (0.0, 1.0)


@pytest.mark.parametrize("name", ["Direction", "State"])
@pytest.mark.parametrize("value", ["odd", 7, None])
@pytest.mark.parametrize("state", [State.CONNECTED, State.ENDED, State.DIALING])
def test_how_a_call_stands_is_guessed_where_another_hand_took_that_away(
    name: str, value: Any, state: State
) -> None:
    ended_at = START if state is State.ENDED else None
    connection = None if state is State.DIALING else "connection"
    call = replace(CALL, state=state, ended_at=ended_at, connection_id=connection)
    row = {key: each for key, each in call_columns(call).items() if key != name}
    found = call_of(row if value is None else row | {name: value})
    assert found.direction is Direction.INBOUND
    guessed = State.CONNECTING if state is State.DIALING else state
    assert found.state is (guessed if name == "State" else state)


@pytest.mark.parametrize("left", [(), ("CallId", "BegunAt")])
def test_a_row_that_says_nothing_of_a_call_is_none(left: tuple[str, ...]) -> None:
    row = {name: value for name, value in call_columns(CALL).items() if name in left}
    with pytest.raises(CallscribeError, match="does not say"):
        call_of(row)


@pytest.mark.parametrize(
    "machine", ["", "null", "[]", '{"line": {"tries": "many"}}', '{"transcribing": 1}', "\ud800"]
)
def test_a_machine_that_cannot_be_read_is_a_new_one(machine: str) -> None:
    assert call_of(call_columns(FULL) | {"Machine": machine}).machine == Machine()


def test_a_machine_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    machine = '{"line":{"tries":2,"later":1},"transcribing":{"number":3},"prompt":{}}'
    found = call_of(call_columns(FULL) | {"Machine": machine}).machine
    assert found == Machine(Line(tries=2), Transcribing(number=3))


@pytest.mark.parametrize("by", EndedBy)
def test_who_ended_it_is_text(by: EndedBy) -> None:
    assert call_columns(replace(CALL, ended_by=by))["EndedBy"] == by.value


def test_a_language_without_a_model_has_no_such_column() -> None:
    assert "WantedModel" not in call_columns(replace(CALL, wish=replace(OFF, language=ENGLISH)))
