import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import (
    LOST,
    NO_STREAM,
    call_id_in,
    call_id_time,
    call_keys,
    connection_key,
    event_number,
    event_time_in,
    gap_key,
    is_call_id,
    is_row_of_stream,
    key_part,
    lost_stream_id,
    new_call_id,
    new_stream_id,
    participant_id,
    quarantine_key,
    segment_key,
    sequence,
    stream_id_in,
    stream_opened_at,
    timeline_key,
)
from callscribe.foundation.moments import LATEST, Ms, parse_iso, whole_second

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))

MOMENTS = st.integers(min_value=0, max_value=LATEST).map(Ms)
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
    def test_every_id_made_is_one(self, moment: Ms, seed: str) -> None:
        assert is_call_id(new_call_id(moment, seed))

    def test_a_seed_with_a_lone_surrogate_is_no_trouble(self) -> None:
        assert is_call_id(new_call_id(RANG, "\ud800"))

    @given(MOMENTS, MOMENTS)
    def test_ids_sort_by_time(self, one: Ms, other: Ms) -> None:
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
            new_call_id(Ms(LATEST + 1), "a"),
            "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ],
    )
    def test_nothing_else_is_a_call_id(self, text: str) -> None:
        assert not is_call_id(text)


class TestKeys:
    def test_a_call_is_found_by_its_day_newest_first(self) -> None:
        earlier, later = new_call_id(RANG, "a"), new_call_id(Ms(RANG + 1), "b")
        (day, first), (_, second) = call_keys(later), call_keys(earlier)
        assert day == "2026-11-22"
        assert first < second
        assert first.endswith(later)

    @given(MOMENTS, ANY_TEXT, ANY_TEXT)
    def test_keys_are_legal_whatever_they_are_made_of(
        self, moment: Ms, ce_id: str, event_id: str
    ) -> None:
        stream_id = new_stream_id(moment, ce_id)
        number = sequence(ce_id, ce_id.encode(errors="replace"))
        keys = [
            *call_keys(new_call_id(moment, event_id)),
            segment_key(moment, stream_id, number),
            quarantine_key(moment, lost_stream_id(ce_id), number),
            connection_key(stream_id),
            timeline_key(moment, event_id),
            gap_key(moment, NO_STREAM),
            participant_id(event_id),
        ]
        assert all(LEGAL_KEY.fullmatch(key) for key in keys)

    @given(MOMENTS, MOMENTS)
    def test_keys_sort_by_time(self, one: Ms, other: Ms) -> None:
        stream_id, number = new_stream_id(LATEST, "one"), sequence("1", b"")
        for make in (segment_key, quarantine_key):
            earlier, later = make(one, stream_id, number), make(other, stream_id, number)
            assert (earlier < later) == (whole_second(one) < whole_second(other))
        assert (timeline_key(one, "z") < timeline_key(other, "z")) == (one < other)
        assert (gap_key(one, stream_id) < gap_key(other, stream_id)) == (one < other)
        if one != other:
            assert (new_stream_id(one, "a") < new_stream_id(other, "b")) == (one < other)

    @given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
    def test_within_a_second_and_a_connection_rows_sort_by_the_events_number(
        self, one: int, other: int
    ) -> None:
        assert (sequence(str(one), b"") < sequence(str(other), b"")) == (one < other)

    @pytest.mark.parametrize(
        "change",
        [
            lambda key: key[1:],
            lambda key: f"0{key}",
            lambda key: f"{key}0",
            lambda key: key.lower(),
            lambda key: key[14:],
            lambda _: "",
            lambda _: "note",
        ],
    )
    def test_a_call_can_be_read_from_its_rows_key_and_from_no_other(
        self, change: Callable[[str], str]
    ) -> None:
        call_id = new_call_id(RANG, "event")
        key = call_keys(call_id)[1]
        assert call_id_in(key) == call_id
        assert call_id_in(change(key)) is None

    @pytest.mark.parametrize("make", [segment_key, quarantine_key])
    def test_the_connection_can_be_read_from_a_rows_key(
        self, make: Callable[[Ms, str, str], str]
    ) -> None:
        stream_id = new_stream_id(RANG, "one")
        assert stream_id_in(make(RANG, stream_id, sequence("7", b""))) == stream_id
        assert stream_id_in(connection_key(stream_id)) == stream_id

    @pytest.mark.parametrize("make", [segment_key, quarantine_key])
    @given(moment=MOMENTS)
    def test_the_events_second_can_be_read_from_a_rows_key(
        self, make: Callable[[Ms, str, str], str], moment: Ms
    ) -> None:
        assert event_time_in(make(moment, NO_STREAM, sequence("7", b""))) == whole_second(moment)

    def test_connections_of_one_millisecond_have_ids_of_their_own(self) -> None:
        ids = {new_stream_id(RANG, f"connection {number}") for number in range(41)}
        assert len(ids) == 41
        assert all(re.fullmatch(f"{RANG}[0-9]{{6}}", stream_id) for stream_id in ids)
        assert len(NO_STREAM) == 19
        assert min(ids) > NO_STREAM
        assert new_stream_id(RANG, "caf\udce9")

    @given(st.integers(0, 8_999_999_999_999).map(Ms), ANY_TEXT)
    def test_the_moment_of_its_opening_can_be_read_from_a_streams_id(
        self, moment: Ms, connection_id: str
    ) -> None:
        assert stream_opened_at(new_stream_id(moment, connection_id)) == moment
        assert stream_opened_at(lost_stream_id(connection_id)) is None
        assert stream_opened_at("another hand's") is None

    @pytest.mark.parametrize("key", ["", "c-", "c-1", f"s-{NO_STREAM}", f"e-1-{NO_STREAM}-1"])
    def test_rows_of_streams_are_known_by_their_keys(self, key: str) -> None:
        number, stream_id = sequence("7", b""), new_stream_id(RANG, "one")
        assert is_row_of_stream(segment_key(RANG, stream_id, number))
        assert is_row_of_stream(quarantine_key(RANG, lost_stream_id("one"), number))
        assert is_row_of_stream(connection_key(stream_id))
        assert not is_row_of_stream(key)

    def test_a_connection_whose_state_was_lost_sorts_last_and_keeps_its_id(self) -> None:
        assert lost_stream_id("one") == lost_stream_id("one") != lost_stream_id("two")
        assert re.fullmatch(LOST + "[0-9]{18}", lost_stream_id("one"))
        assert lost_stream_id("one") > new_stream_id(RANG, "one")
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
