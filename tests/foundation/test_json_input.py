import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import (
    Decoder,
    object_of,
    parse,
    parse_object,
    text_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Message(msgspec.Struct):
    text: str
    number: int = 0


MESSAGE = Decoder(Message)


@given(JSON)
def test_good_json_comes_through_unchanged(value: object) -> None:
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_any_bytes_are_json_or_bad_input(body: bytes) -> None:
    with suppress(BadInputError):
        parse(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (rb'["\ud83d!"]', ["\ufffd!"]),
        (rb'["!\ude00"]', ["!\ufffd"]),
        (rb'{"\ud800": "\ud83d\ude00"}', {"\ufffd": "\U0001f600"}),
        (b'["caf\xe9"]', ["caf\ufffd"]),
        (b"[" + b"9" * 300 + b"]", [int("9" * 300)]),
        (b"[" + b"9" * 5000 + b"]", [None]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (rb'["\u0000"]', ["\0"]),
    ],
)
def test_what_can_be_mended_is_mended(body: bytes, value: object) -> None:
    assert parse(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"[1] 2", b"\xff\xfe[\x001\x00]\x00"])
def test_no_json_is_bad_input_and_says_so_without_its_content(body: bytes) -> None:
    with pytest.raises(BadInputError, match=r"^not JSON: ") as caught:
        parse(body)
    assert "hello" not in str(caught.value)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000])
def test_deep_nesting_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInputError):
        parse(body)
    with pytest.raises(BadInputError):
        Decoder(object).decode(body)


def test_deep_nesting_is_bad_input_where_it_is_well_formed() -> None:
    with pytest.raises(BadInputError, match="nested too deeply"):
        parse(b"[" * 3000 + b"]" * 3000)


def test_a_document_is_decoded_as_its_type() -> None:
    assert MESSAGE.decode(b'{"text": "hi", "number": 9007199254740993}').number == 2**53 + 1


def test_broken_text_does_not_spoil_the_document() -> None:
    assert MESSAGE.decode(rb'{"text": "hi \ud800"}') == Message("hi \ufffd")
    assert MESSAGE.decode(b'{"text": "caf\xe9"}') == Message("caf\ufffd")


def test_a_wrong_field_is_named_with_what_was_expected() -> None:
    with pytest.raises(BadInputError, match=r"Expected `str`, got `int` - at `\$\.text`"):
        MESSAGE.decode(b'{"text": 1}')


def test_a_document_that_says_null_is_decoded_where_that_is_of_the_type() -> None:
    assert Decoder(object).decode(b"null") is None


def test_strictly_only_a_document_that_is_exactly_of_the_type_is_decoded() -> None:
    assert MESSAGE.strict(b'{"text": "hi", "number": 7}') == Message("hi", 7)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'{"text": 1}',
        b'{"number": 1}',
        rb'{"text": "hi \ud800"}',
        b'{"text": "caf\xe9"}',
        b'\xef\xbb\xbf{"text": "hi"}',
        b'{"text": "hi", "number": NaN}',
        b'{"text": "hi", "more": ' + b"[" * 100_000,
    ],
)
def test_strictly_any_other_document_is_none(body: bytes) -> None:
    assert MESSAGE.strict(body) is None


def test_a_part_of_a_document_is_taken_as_the_type() -> None:
    assert MESSAGE.convert({"text": "hi", "number": 7, "more": []}) == Message("hi", 7)


@pytest.mark.parametrize("value", [None, [], "hi", {}, {"text": 1}])
def test_a_part_that_is_not_of_the_type_is_bad_input_that_says_what_was_expected(
    value: object,
) -> None:
    with pytest.raises(BadInputError, match=r"[Ee]xpected|required") as caught:
        MESSAGE.convert(value)
    assert caught.value.__cause__ is None


def test_an_object_that_is_only_looked_into_is_repaired_too() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": NaN, "b": "caf\xe9"}') == {"a": None, "b": "caf\ufffd"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"7", b"[" * 100_000])
def test_what_is_no_object_is_an_empty_one_to_look_into(body: bytes) -> None:
    assert parse_object(body) == {}


def test_only_objects_are_objects() -> None:
    assert object_of({"a": 1}) == {"a": 1}
    assert [object_of(value) for value in (None, 1, "a", ["a"], [("a", 1)])] == [{}] * 5


def test_only_strings_are_text() -> None:
    assert text_of("a") == "a"
    assert [text_of(value) for value in (None, 1, b"a", ["a"])] == [None] * 4


@pytest.mark.parametrize(("longest", "text"), [(None, "abc"), (3, "abc"), (2, "ab"), (0, "")])
def test_text_is_cut_to_its_longest(longest: int | None, text: str) -> None:
    assert text_of("abc", longest) == text
    assert text_of(7, longest) is None
