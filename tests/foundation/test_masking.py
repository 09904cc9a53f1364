import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.masking import masked


@pytest.mark.parametrize(
    ("raw_id", "shown"),
    [
        ("4:+14255550111", "+•••0111"),
        ("4:14255550111", "+•••0111"),
        ("4:+14255550111_123", "+•••0111"),
        ("4:+1 (425) 555-0111", "+•••0111"),
        ("+14255550111", "+•••0111"),
        ("(425) 555-0111", "+•••0111"),
        ("tel:+14255550111", "+•••0111"),
        ("sip:+14255550111@example.com", "+•••0111"),
        ("425 555 0111", "+•••0111"),
        ("4:5550111", "+•••0111"),
        ("4:110112", "+•••"),
        ("4:110", "+•••"),
        ("4:anonymous", "+•••"),
    ],
)
def test_of_a_number_only_the_last_digits_are_shown(raw_id: str, shown: str) -> None:
    assert masked(raw_id) == shown


@given(st.text("0123456789 ()-.", max_size=20))
def test_a_number_is_never_shown_in_full(number: str) -> None:
    digits = re.sub(r"\D", "", number)
    shown = masked(f"4:+{number}")
    assert len(re.sub(r"\D", "", shown)) <= max(0, min(4, len(digits) - 3))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bob 4255550123", "Bob +•••0123"),
        ("Bob +1 (425) 555-0123", "Bob +•••0123"),
        ("Bob (425) 555-0123, Ann 425_555_0199", "Bob +•••0123, Ann +•••0199"),
        ("sip:bob4255550123@example.com", "sip:bob+•••0123@example.com"),
        ("20 - Bob 555\u20110123", "20 - Bob +•••0123"),
        ("Bob 425,555,0123", "Bob +•••0123"),
        ("Bob 425:555:0123", "Bob +•••0123"),
        ("Bob 425;555;0123", "Bob +•••0123"),
        ("Bob 425x555x0123", "Bob +•••0123"),
        ("Bob tel425a555b0123", "Bob tel+•••0123"),
        ("Bob 4/2/5/5/5/5/0/1/2/3", "Bob +•••0123"),
        ("Bob 42.|.55.|.55.|.01.|.23", "Bob +•••0123"),
        ("Bob 4\u200b2\u200b5\u200b5550123", "Bob +•••0123"),
        ("Bob \uff14\uff12\uff15555\uff10123", "Bob +•••\uff10123"),
        ("Bob \u0664\u0662\u06655550123", "Bob +•••0123"),
        ("Bob 425\u2075\u2075\u20750123", "Bob +•••0123"),
        ("Bob 02:14:25:55:01:23", "Bob +•••0123"),
        ("from 10:30 425 5550123", "from 10:30 +•••0123"),
    ],
)
def test_a_number_in_a_name_is_masked_where_it_stands(name: str, shown: str) -> None:
    assert masked(name) == shown


@given(st.text("Bo +(:-_"), st.lists(st.sampled_from("0123456789"), min_size=7, max_size=15))
def test_no_name_shows_a_number_in_full(name: str, digits: list[str]) -> None:
    shown = masked(f"{name} B{' '.join(digits)} {name}")
    assert "".join(digits) not in re.sub(r"\D", "", shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "8:acs:0000-1111_2222-3333",
        "28:01234567-89ab-cdef-0123-456789abcdef",
        "28:orgid:1",
        "John Doe",
        "20 - Bob",
        "Room 12",
        "Agent 007",
        "Desk 104233",
        "open 08:00:00,000 to 19:00",
        "7:05 to 12:30:15.250000, 9:00",
        "Team 1 of 3, line 4 from 2026",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert masked(text) == text
