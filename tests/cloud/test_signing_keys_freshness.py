"""Keys are fetched anew each hour, beside the work: one that was withdrawn proves nothing then."""

import asyncio

import pytest
from aiohttp import web

from callscribe.cloud.signing_keys import COOLDOWN, FRESH
from callscribe.foundation.errors import KeysUnavailableError
from callscribe.foundation.moments import Seconds
from tests.cloud.issuer import Known, down
from tests.fakes.waiting import until


async def refused(known: Known) -> None:
    """Wait until `one` is not accepted any more."""

    async def unknown() -> bool:
        try:
            return await known.keys.find("one") is None
        except KeysUnavailableError:
            return True

    await until(unknown, 60)


async def test_a_key_that_its_issuer_withdrew_is_refused_after_an_hour(known: Known) -> None:
    await known.keys.find("one")
    known.issuer.key_ids = ["two"]
    assert Seconds(3600) == FRESH
    known.clock.jump(FRESH)
    assert await known.keys.find("one")  # the request that starts the fetch does not wait for it
    await refused(known)
    assert len(known.issuer.requests) == 2
    known.clock.jump(COOLDOWN)
    assert await known.keys.find("one") is None


async def test_fresh_keys_are_not_fetched_again(known: Known) -> None:
    await known.keys.find("one")
    known.clock.jump(FRESH - 1)
    for _ in range(20):
        assert await known.keys.find("one")
    assert len(known.issuer.requests) == 1


async def test_nobody_with_a_known_key_waits_for_the_fetch_and_there_is_one(known: Known) -> None:
    await known.keys.find("one")
    known.clock.jump(FRESH)
    released = known.issuer.holds()
    async with asyncio.timeout(60):
        assert all(await asyncio.gather(*(known.keys.find("one") for _ in range(20))))
        await known.issuer.asked(2)
        known.clock.jump(COOLDOWN)
        assert await known.keys.find("one")
    released.set()
    known.issuer.key_ids = ["two"]
    await refused(known)
    assert len(known.issuer.requests) == 2


async def test_old_keys_serve_while_their_issuer_is_out_and_it_is_asked_once_per_cooldown(
    known: Known, caplog: pytest.LogCaptureFixture
) -> None:
    await known.keys.find("one")
    known.issuer.says(down)
    known.clock.jump(FRESH)

    async def noted() -> bool:
        return caplog.text.count("signingKeysUnavailable") == len(known.issuer.requests) - 1

    for asked in (2, 3, 4):
        for _ in range(20):
            assert await known.keys.find("one")
        await known.issuer.asked(asked)
        await until(noted, 60)
        known.clock.jump(COOLDOWN)
    assert len(known.issuer.requests) == 4
    known.issuer.answer = known.issuer.document
    known.issuer.key_ids = ["two"]
    await refused(known)


async def test_a_new_key_is_looked_up_soon_after_a_fetch_beside_the_work_failed(
    known: Known,
) -> None:
    await known.keys.find("one")
    known.issuer.says(down)
    known.clock.jump(FRESH)
    await known.keys.find("one")
    await known.issuer.asked(2)
    known.issuer.answer = known.issuer.document
    known.issuer.key_ids = ["two"]

    async def found() -> bool:
        known.clock.jump(1)
        try:
            return await known.keys.find("two") is not None
        except KeysUnavailableError:
            return False

    await until(found, 60)
    assert len(known.issuer.requests) == 3


async def test_a_withdrawal_of_all_keys_is_no_document_of_keys(known: Known) -> None:
    """An issuer always has a key: an empty document is a fault of whoever answered."""
    await known.keys.find("one")
    known.issuer.says(lambda: web.json_response({"keys": []}))
    known.clock.jump(FRESH)
    await known.keys.find("one")
    await known.issuer.asked(2)
    assert await known.keys.find("one")
