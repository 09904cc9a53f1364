"""Keys are fetched at most once per cooldown, whoever asks, and soon again after a failure."""

import asyncio

import pytest
from aiohttp import web

from callscribe.cloud.signing_keys import AFTER_FAILURE, COOLDOWN, FETCH
from callscribe.foundation.errors import KeysUnavailableError
from callscribe.foundation.moments import Seconds
from tests.cloud.issuer import Known, down


async def test_an_unknown_key_costs_one_fetch_per_cooldown_whatever_the_rate(
    known: Known,
) -> None:
    assert await known.keys.find("forged") is None
    for _ in range(20):
        await known.unavailable("forged")
    known.clock.jump(COOLDOWN - 1)
    await known.unavailable("forged")
    assert len(known.issuer.requests) == 1
    known.clock.jump(1)
    assert await known.keys.find("forged") is None
    assert len(known.issuer.requests) == 2


async def test_all_who_ask_at_once_share_one_fetch(known: Known) -> None:
    released = known.issuer.holds()
    work = [asyncio.create_task(known.keys.find("one")) for _ in range(20)]
    await known.issuer.asked()
    released.set()
    assert all(await asyncio.gather(*work))
    assert len(known.issuer.requests) == 1


async def test_unknown_keys_asked_for_at_once_share_one_fetch(known: Known) -> None:
    released = known.issuer.holds()
    work = [asyncio.create_task(known.keys.find(f"forged {number}")) for number in range(20)]
    await known.issuer.asked()
    released.set()
    found = await asyncio.gather(*work, return_exceptions=True)
    assert found.count(None) == 1
    assert sum(isinstance(each, KeysUnavailableError) for each in found) == 19
    assert len(known.issuer.requests) == 1


async def test_after_a_failed_fetch_the_issuer_is_asked_again_two_seconds_later(
    known: Known,
) -> None:
    """Not after the whole cooldown: until then nobody's events could be verified."""
    known.issuer.says(down)
    await known.unavailable()
    known.issuer.answer = known.issuer.document
    for _ in range(20):
        await known.unavailable()
    assert len(known.issuer.requests) == 1
    assert Seconds(2) == AFTER_FAILURE
    known.clock.jump(AFTER_FAILURE)
    assert await known.keys.find("one")
    await known.unavailable("two")
    assert len(known.issuer.requests) == 2


async def test_all_who_wait_for_a_fetch_that_fails_hear_of_it_at_once(known: Known) -> None:
    """One after the other would ask anew otherwise, and the last would wait for all."""

    async def slowly() -> web.StreamResponse:
        known.clock.jump(FETCH)
        return down()

    known.issuer.answer = slowly
    work = (known.keys.find("one") for _ in range(100))
    found = await asyncio.gather(*work, return_exceptions=True)
    assert {type(each) for each in found} == {KeysUnavailableError}
    assert len(known.issuer.requests) == 1


async def test_who_gives_up_during_a_fetch_costs_the_others_no_more_than_a_failed_one(
    known: Known,
) -> None:
    known.issuer.holds()
    impatient = asyncio.create_task(known.keys.find("one"))
    await known.issuer.asked()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    known.issuer.answer = known.issuer.document
    await known.unavailable()
    known.clock.jump(AFTER_FAILURE)
    assert await known.keys.find("one")


async def test_a_rotated_key_is_unavailable_inside_the_cooldown_and_known_after_it(
    known: Known,
) -> None:
    """401 would be wrong, for the new key is good: who asks may wait, and ask again."""
    await known.keys.find("one")
    known.issuer.key_ids = ["two"]
    await known.unavailable("two")
    known.clock.jump(COOLDOWN)
    assert await known.keys.find("two")


async def test_a_key_that_is_no_longer_published_is_forgotten_with_the_next_fetch(
    known: Known,
) -> None:
    await known.keys.find("one")
    known.issuer.key_ids = ["two"]
    known.clock.jump(COOLDOWN)
    await known.keys.find("two")
    known.clock.jump(COOLDOWN)
    assert await known.keys.find("one") is None


async def test_a_slow_fetch_keeps_nobody_with_a_known_key_waiting(known: Known) -> None:
    await known.keys.find("one")
    known.clock.jump(COOLDOWN)
    released = known.issuer.holds()
    slow = asyncio.create_task(known.keys.find("two"))
    await known.issuer.asked(2)
    async with asyncio.timeout(10):
        assert await known.keys.find("one")
    released.set()
    assert await slow is None
