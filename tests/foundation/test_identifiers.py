import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import (
    LOST,
    NO_STREAM,
    call_id_time,
    call_keys,
    connection_key,
    event_number,
    gap_key,
    is_call_id,
    is_phone_number,
    key_part,
    lost_stream_id,
    new_call_id,
    new_stream_id,
    participant_id,
    quarantine_key,
    segment_key,
    sequence,
    stream_id_in,
    timeline_key,
)
from callscribe.foundation.masking import masked
from callscribe.foundation.moments import LATEST, parse_iso

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))

MOMENTS = st.integers(min_value=0, max_value=LATEST)
# https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
LEGAL_KEY = re.compile(r"[^/\\#?\x00-\x1f\x7f-\x9f]{1,1024}")
RANG = parse_iso("2026-11-22T18:54:03.123Z")


class TestCallIds:
    def test_is_a_ulid_of_the_time(self) -> None:
        call_id = new_call_id(RANG, "event")
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", call_id)
        assert call_id_time(call_id) == RANG

    def test_a_redelivered_event_gives_the_same_id_and_another_one_does_not(self) -> None:
        assert new_call_id(RANG, "event") == new_call_id(RANG, "event")
        assert new_call_id(RANG, "event") != new_call_id(RANG, "other")

    @given(MOMENTS, ANY_TEXT)
    def test_every_id_made_is_one(self, moment: int, seed: str) -> None:
        assert is_call_id(new_call_id(moment, seed))

    def test_a_seed_with_a_lone_surrogate_is_no_trouble(self) -> None:
        assert is_call_id(new_call_id(RANG, "\ud800"))

    @given(MOMENTS, MOMENTS)
    def test_ids_sort_by_time(self, one: int, other: int) -> None:
        assert (new_call_id(one, "a")[:10] < new_call_id(other, "a")[:10]) == (one < other)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "../../../etc/passwd",
            new_call_id(RANG, "a").lower(),
            new_call_id(RANG, "a") + "0",
            new_call_id(RANG, "a") + "\n",
            new_call_id(RANG, "a")[:-1] + "U",
            "\uff10" + new_call_id(RANG, "a")[1:],
            "8" + new_call_id(RANG, "a")[1:],
            new_call_id(LATEST + 1, "a"),
            "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ],
    )
    def test_nothing_else_is_a_call_id(self, text: str) -> None:
        assert not is_call_id(text)


class TestKeys:
    def test_a_call_is_found_by_its_day_newest_first(self) -> None:
        earlier, later = new_call_id(RANG, "a"), new_call_id(RANG + 1, "b")
        (day, first), (_, second) = call_keys(later), call_keys(earlier)
        assert day == "2026-11-22"
        assert first < second
        assert first.endswith(later)

    @given(MOMENTS, ANY_TEXT, ANY_TEXT)
    def test_keys_are_legal_whatever_they_are_made_of(
        self, moment: int, ce_id: str, event_id: str
    ) -> None:
        tag, number = new_stream_id(moment), sequence(ce_id, ce_id.encode(errors="replace"))
        keys = [
            *call_keys(new_call_id(moment, event_id)),
            segment_key(moment // 1000, tag, number),
            quarantine_key(moment // 1000, lost_stream_id(ce_id), number),
            connection_key(tag),
            timeline_key(moment, event_id),
            gap_key(moment, NO_STREAM),
            participant_id(event_id),
        ]
        assert all(LEGAL_KEY.fullmatch(key) for key in keys)

    @given(MOMENTS, MOMENTS)
    def test_keys_sort_by_time(self, one: int, other: int) -> None:
        second, third = one // 1000, other // 1000
        tag, number = new_stream_id(LATEST), sequence("1", b"")
        for make in (segment_key, quarantine_key):
            earlier, later = make(second, tag, number), make(third, tag, number)
            assert (earlier < later) == (second < third)
        assert (timeline_key(one, "z") < timeline_key(other, "z")) == (one < other)
        assert (gap_key(one, tag) < gap_key(other, tag)) == (one < other)
        assert (new_stream_id(one) < new_stream_id(other)) == (one < other)

    @given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
    def test_within_a_second_and_a_connection_rows_sort_by_the_events_number(
        self, one: int, other: int
    ) -> None:
        assert (sequence(str(one), b"") < sequence(str(other), b"")) == (one < other)

    @pytest.mark.parametrize("make", [segment_key, quarantine_key])
    def test_the_connection_can_be_read_from_a_rows_key(self, make: object) -> None:
        tag = new_stream_id(RANG)
        assert callable(make)
        assert stream_id_in(make(RANG // 1000, tag, sequence("7", b""))) == tag
        assert stream_id_in(connection_key(tag)) == tag

    def test_a_connection_whose_state_was_lost_sorts_last_and_keeps_its_tag(self) -> None:
        assert lost_stream_id("one") == lost_stream_id("one") != lost_stream_id("two")
        assert re.fullmatch(LOST + "[0-9]{12}", lost_stream_id("one"))
        assert lost_stream_id("one") > new_stream_id(RANG)
        assert lost_stream_id("caf\udce9")

    @given(ANY_TEXT, ANY_TEXT)
    def test_parts_of_keys_differ_where_their_texts_do(self, one: str, other: str) -> None:
        storable = one.encode(errors="replace"), other.encode(errors="replace")
        assert (key_part(one) == key_part(other)) == (storable[0] == storable[1])

    def test_plain_parts_of_keys_stay_readable_and_long_ones_become_a_hash(self) -> None:
        assert key_part("d5546be8-227a_b.c") == "d5546be8-227a_b.c"
        assert key_part("a/b~é") == "a~2fb~7e~c3~a9"
        assert key_part("a" * 200) == "a" * 200
        assert re.fullmatch("~~[0-9a-f]{64}", key_part("a" * 201))


class TestEventNumbers:
    @pytest.mark.parametrize(("ce_id", "number"), [("0", 0), ("7", 7), ("2147483647", 2**31 - 1)])
    def test_a_ce_id_is_a_number(self, ce_id: str, number: int) -> None:
        assert event_number(ce_id) == number
        assert sequence(ce_id, b"ignored") == f"{number:010d}"

    @pytest.mark.parametrize(
        "ce_id", ["", "-1", "1.5", " 7", "7,7", "2147483648", "99999999999", "\u0667", "abc"]
    )
    def test_without_a_usable_one_the_body_stands_for_the_event(self, ce_id: str) -> None:
        assert event_number(ce_id) is None
        assert re.fullmatch("[0-9]{10}", sequence(ce_id, b"one"))
        assert sequence(ce_id, b"one") == sequence("", b"one") != sequence(ce_id, b"two")


class TestPeople:
    def test_a_participant_id_holds_no_number(self) -> None:
        assert re.fullmatch("[0-9a-f]{32}", participant_id("4:+14255550111"))
        assert participant_id("4:+14255550111") != participant_id("4:+14255550112")

    def test_phone_numbers_are_told_by_their_prefix(self) -> None:
        assert is_phone_number("4:+14255550111")
        assert not is_phone_number("8:acs:resource_4:user")

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
    def test_of_a_number_only_the_last_digits_are_shown(self, raw_id: str, shown: str) -> None:
        assert masked(raw_id) == shown

    @given(st.text("0123456789 ()-.", max_size=20))
    def test_a_number_is_never_shown_in_full(self, number: str) -> None:
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
        ],
    )
    def test_a_number_in_a_name_is_masked_where_it_stands(self, name: str, shown: str) -> None:
        assert masked(name) == shown

    @given(st.text("Bo +(:-_"), st.lists(st.sampled_from("0123456789"), min_size=7, max_size=15))
    def test_no_name_shows_a_number_in_full(self, name: str, digits: list[str]) -> None:
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
        ],
    )
    def test_what_is_no_number_stays(self, text: str) -> None:
        assert masked(text) == text
