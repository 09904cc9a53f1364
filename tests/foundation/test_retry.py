from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import KeysUnavailableError, StorageUnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import STORAGE, Retry

POLICY = Retry(KeysUnavailableError, first=Seconds(0.5), longest=Seconds(3))


def test_pauses_double_up_to_the_longest() -> None:
    assert [POLICY.pause(tries) for tries in range(1, 7)] == [0.5, 1, 2, 3, 3, 3]


def test_a_first_pause_beyond_the_longest_is_cut_to_it() -> None:
    assert replace(POLICY, first=Seconds(5)).pause(1) == Seconds(3)


@given(st.integers(4, 10**12))
def test_however_many_tries_have_failed_the_pause_is_the_longest(tries: int) -> None:
    assert POLICY.pause(tries) == Seconds(3)


def test_attempts_are_all_the_tries_that_are_allowed() -> None:
    thrice = replace(POLICY, attempts=3)
    assert [thrice.spent(tries) for tries in range(1, 5)] == [False, False, True, True]


def test_without_a_bound_tries_are_never_spent() -> None:
    assert not POLICY.spent(10**12)


@pytest.mark.parametrize(("attempts", "total"), [(1, 0), (2, 0.5), (4, 3.5), (6, 9.5)])
def test_pauses_are_summed_between_the_attempts(attempts: int, total: float) -> None:
    assert replace(POLICY, attempts=attempts).pauses == total


def test_jitter_is_not_in_the_sum_which_is_the_longest_that_it_can_be() -> None:
    assert replace(POLICY, attempts=4, least=0.5).pauses == 3.5


def test_without_a_bound_there_is_no_sum() -> None:
    with pytest.raises(ValueError, match="bounds its attempts"):
        _ = POLICY.pauses


def test_storage_is_tried_until_the_deadline_with_short_pauses() -> None:
    assert (
        Retry(
            passing=StorageUnavailableError,
            first=Seconds(0.1),
            longest=Seconds(2),
            attempts=None,
            until=None,
            least=1.0,
        )
        == STORAGE
    )
