"""What a request to control a call may say."""

from collections.abc import Callable

import pytest

from callscribe.calls.control_request import (
    LanguageWish,
    parse_hangup,
    parse_label_change,
    parse_nothing,
    parse_start,
    parse_stop,
    parse_update,
)
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.moments import Seconds


@pytest.mark.parametrize("empty", [b"", b" \n", b"{}"])
def test_an_empty_body_says_nothing(empty: bytes) -> None:
    assert parse_hangup(empty) is None
    assert parse_stop(empty) is None
    assert parse_start(empty) == LanguageWish()
    parse_nothing(empty)


def test_what_can_be_said() -> None:
    assert parse_hangup(b'{"everyone": true}') is True
    assert parse_hangup(b'{"everyone": false}') is False
    assert parse_stop(b'{"pause": 30}') == Seconds(30)
    assert parse_label_change(b'{"labels": ["vip"]}') == ("vip",)
    assert parse_start(b'{"locale": "de-DE"}') == LanguageWish("de-DE")
    assert parse_update(b'{"speechModelEndpointId": "m"}') == LanguageWish(None, "m")


@pytest.mark.parametrize(
    ("parse", "body", "field"),
    [
        (parse_hangup, b'{"everyone": "yes"}', "everyone"),
        (parse_hangup, b'{"all": true}', "all"),
        (parse_stop, b'{"pause": 0}', "pause"),
        (parse_stop, b'{"pause": 3601}', "pause"),
        (parse_stop, b'{"pause": "30"}', "pause"),
        (parse_stop, b'{"locale": "de-DE"}', "locale"),
        (parse_start, b'{"locale": "de"}', "locale"),
        (parse_start, b'{"intermediate": true}', "intermediate"),
        (parse_start, b'{"despiteRefusal": "why"}', "despiteRefusal"),
        (parse_update, b"{}", "locale"),
        (parse_update, b"", "locale"),
        (parse_update, b'{"intermediate": false}', "intermediate"),
        (parse_update, b'{"speechModelEndpointId": 1}', "speechModelEndpointId"),
        (parse_nothing, b'{"now": true}', "now"),
        (parse_label_change, b"", "labels"),
        (parse_label_change, b'{"labels": [], "more": 1}', "more"),
    ],
)
def test_what_is_wrong_is_named(parse: Callable[[bytes], object], body: bytes, field: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        parse(body)
    assert refusal.value.target == field


@pytest.mark.parametrize("parse", [parse_hangup, parse_stop, parse_start, parse_nothing])
def test_a_body_is_an_object(parse: Callable[[bytes], object]) -> None:
    for body in (b"[]", b"7", b"{"):
        with pytest.raises(BadInputError):
            parse(body)
