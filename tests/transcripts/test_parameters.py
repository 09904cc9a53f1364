from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import BadInputError
from callscribe.transcripts.parameters import expect_only, parameters_of, whole_number

ADDRESS = "https://app.example/api/calls"
UNNAMED = ["+14255550123", "4:+14255550123", "x" * 33, "\u0661", "", "a b", "\x00"]


def test_parameters_are_those_of_the_address_with_the_hosts_values() -> None:
    address = f"{ADDRESS}?q=caf%C3%A9+au&format=&q2"
    assert parameters_of(address, {"q": "café au"}) == {"q": "café au", "format": "", "q2": ""}
    assert parameters_of(ADDRESS, {"q": "a"}) == {"q": "a"}
    assert parameters_of(ADDRESS, {}) == {}


def test_the_hosts_own_key_is_no_parameter() -> None:
    assert parameters_of(f"{ADDRESS}?code=key&q=a", {"code": "key", "q": "a"}) == {"q": "a"}
    assert parameters_of(f"{ADDRESS}?code=", {}) == {}


@pytest.mark.parametrize("query", ["q=a&q=b", "q=a&q=a", "q&q", "q=&x=1&q=a", "%71=a&q=b"])
def test_one_given_twice_is_named(query: str) -> None:
    with pytest.raises(BadInputError, match=r"^q: expected once$"):
        parameters_of(f"{ADDRESS}?{query}", {"q": "a,b"})


@pytest.mark.parametrize("name", UNNAMED)
def test_what_is_no_name_is_not_repeated(name: str) -> None:
    with pytest.raises(BadInputError, match=r"^a parameter: unknown, expected only from, to$"):
        expect_only({name: "1"}, ["from", "to"])


def test_a_number_given_as_a_name_is_not_repeated() -> None:
    with pytest.raises(BadInputError, match=r"^a parameter: expected once$"):
        parameters_of(f"{ADDRESS}?%2B14255550123=1&%2B14255550123=1", {})


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(BadInputError, match=r"^page: unknown, expected only from, to$"):
        expect_only({"from": "", "page": "2"}, ["from", "to"])
    expect_only({"to": ""}, ["from", "to"])


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_any_query_is_read_or_refused(query: str, values: dict[str, str]) -> None:
    told = {name: value for name, value in values.items() if name != "code"}
    with suppress(BadInputError):
        assert parameters_of(f"{ADDRESS}?{query}", values).items() >= told.items()


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("200", 200), ("007", 7)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number({"limit": text}, "limit", 50, 200) == number
    assert whole_number({}, "limit", 50, 200) == 50


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "+1", "201", "1e9", "1.5", " 1", "1_0", "abc", "٣", "²", "9" * 5_000]
)
def test_any_other_number_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match=r"^limit: expected a whole number from 1 to 200$"):
        whole_number({"limit": text}, "limit", 50, 200)


def test_where_none_is_known_that_is_said() -> None:
    with pytest.raises(BadInputError, match=r"^page: unknown, expected none$"):
        expect_only({"page": "1"}, ())
