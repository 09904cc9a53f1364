import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import BadInputError
from callscribe.transcripts.continuation import seal, unseal

QUERY = ["calls", "2026-11-22", "'; \udc80"]
TOKEN = seal(QUERY, "place")


@given(st.lists(st.text()), st.text(st.characters(codec="utf-8")))
def test_a_place_is_found_again_by_its_own_query(query: list[str], place: str) -> None:
    token = seal(query, place)
    assert unseal(query, token) == place
    assert token.isascii()
    assert not set(token) & set("+/=&?# ")


@pytest.mark.parametrize("query", [[], ["calls"], [*QUERY, ""], [*QUERY[:2], QUERY[2] + " "]])
def test_another_query_does_not_take_it(query: list[str]) -> None:
    with pytest.raises(BadInputError, match=r"^continue: expected"):
        unseal(query, TOKEN)


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_a_token_that_was_altered_is_refused(position: int) -> None:
    for other in "AZaz09-_":
        altered = TOKEN[:position] + other + TOKEN[position + 1 :]
        if altered != TOKEN:
            with pytest.raises(BadInputError, match=r"^continue: expected"):
                unseal(QUERY, altered)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "!",
        "AAAA",
        "A",
        TOKEN[1:],
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN + "=",
        TOKEN.lower(),
        f"{TOKEN[:4]}*{TOKEN[4:]}",
        "\udc80",
        "\u0661",
        base64.urlsafe_b64encode(b"123456789\xff").decode(),
        "A" * 5_000,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadInputError, match=r"^continue: expected"):
        unseal(QUERY, token)
