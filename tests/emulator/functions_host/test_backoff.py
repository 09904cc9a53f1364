"""How the polls of an empty queue spread out."""

import pytest

from emulator.functions_host.backoff import Backoff


def test_delays_grow_to_the_maximum_and_start_again_after_a_message() -> None:
    backoff = Backoff(2)
    delays = [backoff.next() for _ in range(100)]
    assert delays[0] == pytest.approx(0.1)
    assert delays[1] == pytest.approx(0.2, abs=0.03)
    assert delays[2] == pytest.approx(0.3, abs=0.05)
    assert delays == sorted(delays)
    assert delays[-1] == 2
    backoff.reset()
    assert backoff.next() == pytest.approx(0.1)


def test_a_maximum_below_the_first_delay_holds() -> None:
    assert Backoff(0.05).next() == 0.05
