"""Writes are made side by side, not all at once, and one that fails keeps none from being made."""

import asyncio

import pytest

from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.writes import AT_ONCE, side_by_side


async def test_so_many_are_made_at_the_same_time() -> None:
    running = most = made = 0

    async def write() -> None:
        nonlocal running, most, made
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        made += 1

    await side_by_side(write() for _ in range(5 * AT_ONCE))
    assert (most, made) == (AT_ONCE, 5 * AT_ONCE)


async def test_the_first_error_is_told_and_the_others_are_made() -> None:
    made = []

    async def write(number: int) -> None:
        if number == 0:
            raise StorageUnavailableError("out")
        made.append(number)

    with pytest.raises(StorageUnavailableError):
        await side_by_side(write(number) for number in range(AT_ONCE))
    await asyncio.sleep(0)
    assert made == list(range(1, AT_ONCE))
