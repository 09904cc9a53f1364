import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.json_input import decode, lenient, text_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Message(msgspec.Struct):
    text: str
    number: int = 0


@given(JSON)
def test_good_json_comes_through_unchanged(value: object) -> None:
    assert lenient(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_any_bytes_are_json_or_bad_input(body: bytes) -> None:
    with suppress(BadInputError):
        lenient(body)


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
    assert lenient(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"[1] 2", b"\xff\xfe[\x001\x00]\x00"])
def test_no_json_is_bad_input_and_says_so_without_its_content(body: bytes) -> None:
    with pytest.raises(BadInputError, match=r"^not JSON: ") as caught:
        lenient(body)
    assert "hello" not in str(caught.value)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000])
def test_deep_nesting_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInputError):
        lenient(body)
    with pytest.raises(BadInputError):
        decode(body, object)


def test_deep_nesting_is_bad_input_where_it_is_well_formed() -> None:
    with pytest.raises(BadInputError, match="nested too deeply"):
        lenient(b"[" * 3000 + b"]" * 3000)


def test_a_document_is_decoded_as_its_type() -> None:
    assert decode(b'{"text": "hi", "number": 9007199254740993}', Message).number == 2**53 + 1


def test_broken_text_does_not_spoil_the_document() -> None:
    assert decode(rb'{"text": "hi \ud800"}', Message) == Message("hi \ufffd")
    assert decode(b'{"text": "caf\xe9"}', Message) == Message("caf\ufffd")


def test_a_wrong_field_is_named_with_what_was_expected() -> None:
    with pytest.raises(BadInputError, match=r"Expected `str`, got `int` - at `\$\.text`"):
        decode(b'{"text": 1}', Message)


def test_only_strings_are_text() -> None:
    assert text_of("a") == "a"
    assert [text_of(value) for value in (None, 1, b"a", ["a"])] == [None] * 4
