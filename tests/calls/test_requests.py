"""Requests that must not be done twice: known by their key, done by one worker at a time."""

from dataclasses import replace

import pytest

from callscribe.calls.requests import (
    LEASE,
    Repeated,
    begin,
    columns_of,
    key_in,
    keys_of,
    proof_of,
    request_of,
    taken_over,
)
from callscribe.foundation.errors import BadInputError, InProgressError, OtherBodyError
from callscribe.foundation.moments import iso
from tests.calls.deciding import NOW, after

FIRST = begin("call", "proof", "lease", NOW)


def again(lease_id: str = "other", proof: str = "proof", seconds: float = 1) -> Repeated:
    return begin("other call", proof, lease_id, after(seconds))


class TestKey:
    @pytest.mark.parametrize(
        ("header", "key"),
        [(None, None), ("k-1", "k-1"), ('"k-1"', "k-1"), ("x" * 255, "x" * 255), ("!~", "!~")],
    )
    def test_with_or_without_quotes(self, header: str | None, key: str | None) -> None:
        assert key_in(header) == key

    @pytest.mark.parametrize(
        "header", ["", '""', '"', "a b", "a\tb", "ä", 'a"b', "a\\b", "x" * 256, "a\n"]
    )
    def test_anything_else_is_refused(self, header: str) -> None:
        with pytest.raises(BadInputError) as refusal:
            key_in(header)
        assert refusal.value.target == "Idempotency-Key"

    def test_a_rows_keys_tell_nothing_of_it(self) -> None:
        keys = keys_of("key", "POST /api/calls", "secret")
        assert "secret" not in keys.row
        assert (len(keys.row), keys.partition) == (64, keys.row[:2])
        assert keys == keys_of("key", "POST /api/calls", "secret")
        assert keys != keys_of("key", "POST /api/call", "ssecret")


class TestProof:
    def test_one_thing_said_in_two_ways_is_the_same(self) -> None:
        assert proof_of("k", b'{"a": 1, "b": [2]}') == proof_of("k", b'{"b":[2],"a":1}')

    def test_another_thing_or_another_key_is_not(self) -> None:
        assert proof_of("k", b'{"a": 1}') != proof_of("k", b'{"a": 2}')
        assert proof_of("k", b'{"a": 1}') != proof_of("l", b'{"a": 1}')

    def test_a_body_is_json(self) -> None:
        with pytest.raises(BadInputError):
            proof_of("k", b"{")


class TestTakingOver:
    def test_another_body_is_refused(self) -> None:
        with pytest.raises(OtherBodyError, match="Idempotency-Key"):
            taken_over(FIRST, again(proof="else"), NOW)

    def test_while_the_first_is_at_work_the_second_waits(self) -> None:
        with pytest.raises(InProgressError) as refusal:
            taken_over(FIRST, again(), after(LEASE - 1))
        assert refusal.value.call_id == "call"

    def test_what_is_done_is_not_done_again(self) -> None:
        assert taken_over(replace(FIRST, done=True), again(), NOW) is None
        assert taken_over(replace(FIRST, done=True), again("lease"), NOW) is None

    def test_a_worker_that_died_is_followed_by_another_with_the_same_call(self) -> None:
        wanted = again(seconds=LEASE)
        found = taken_over(FIRST, wanted, after(LEASE))
        assert found == replace(FIRST, lease_id="other", lease_until=wanted.lease_until)

    def test_a_lease_of_a_clock_that_was_ahead_has_expired(self) -> None:
        assert taken_over(FIRST, again(), after(-3_600)) is not None

    def test_after_a_day_the_key_may_name_another(self) -> None:
        wanted = again(proof="else", seconds=86_401)
        assert taken_over(replace(FIRST, done=True), wanted, after(86_401)) == wanted

    def test_ones_own_write_whose_reply_was_lost_is_ones_own(self) -> None:
        assert taken_over(FIRST, again("lease"), NOW) == FIRST


class TestRow:
    @pytest.mark.parametrize("request_", [FIRST, replace(FIRST, done=True)])
    def test_what_is_written_is_read(self, request_: Repeated) -> None:
        assert request_of(columns_of(request_)) == request_

    def test_what_another_hand_spoilt_fits_no_request(self) -> None:
        with pytest.raises(OtherBodyError):
            taken_over(request_of({"LeaseUntil": "soon", "At": iso(NOW)}), again(), NOW)
