"""Keys are fetched at most once per cooldown, from nowhere else, and never for long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import web

from callscribe.adapters.signing_keys import (
    COOLDOWN_MS,
    FETCH_SECONDS,
    RETRY_MS,
    JwksSigningKeys,
)
from callscribe.adapters.transport import new_session
from callscribe.domain.errors import KeysUnavailableError
from tests.adapters.issuer import Issuer, public_key
from tests.fakes.clock import FakeClock

COOLDOWN = COOLDOWN_MS / 1000


@dataclass
class Known:
    """The keys of an issuer that publishes `one` at first."""

    keys: JwksSigningKeys
    issuer: Issuer
    clock: FakeClock

    async def unavailable(self, key_id: str = "one") -> None:
        with pytest.raises(KeysUnavailableError):
            await self.keys.find(key_id)


@pytest_asyncio.fixture
async def known() -> AsyncIterator[Known]:
    issuer, clock = Issuer("one"), FakeClock()
    async with issuer.serving(), new_session() as session:
        yield Known(JwksSigningKeys(session, issuer.address, clock), issuer, clock)


def html() -> web.Response:
    return web.Response(text="<html>Sign in</html>", content_type="text/html")


def redirect() -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


def odd_keys(odd: dict[str, object], status: int = 200) -> web.Response:
    return web.json_response({"keys": [public_key() | {"kid": "one"} | odd]}, status=status)


ANSWERS: dict[str, Callable[[], web.StreamResponse]] = {
    "html": html,
    "redirect": redirect,
    "not found": lambda: web.Response(status=404),
    "down": lambda: web.Response(status=503),
    "an error that holds keys": lambda: odd_keys({}, status=500),
    "a redirect that holds keys": lambda: odd_keys({}, status=302),
    "nothing": web.Response,
    "no object": lambda: web.json_response([]),
    "no keys": lambda: web.json_response({"keys": []}),
    "keys that are no list": lambda: web.json_response({"keys": "one"}),
    "keys that are none": lambda: web.json_response({"keys": [1, {}, {"kty": "RSA"}]}),
    "a list as algorithm": lambda: odd_keys({"alg": ["RS256"]}),
    "a list as id": lambda: odd_keys({"kid": ["two"]}),
    "a small key": lambda: odd_keys({"n": "x" * 100}),
    "a private key": lambda: odd_keys({"d": "x"}),
    "a key to encrypt with": lambda: odd_keys({"use": "enc"}),
    "nested deeply": lambda: web.Response(body=b'{"keys":' + b"[" * 100_000),
    "no text": lambda: web.Response(body=b"\xff\xfe\x00"),
    "5 MB": lambda: web.Response(body=b" " * 5_000_000),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_is_no_document_of_keys_is_unavailable(known: Known, answer: str) -> None:
    known.issuer.says(ANSWERS[answer])
    await known.unavailable()
    assert [request.path for request in known.issuer.requests] == ["/keys"]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_is_no_document_of_keys_leaves_the_known_ones(known: Known, answer: str) -> None:
    await known.keys.find("one")
    known.issuer.says(ANSWERS[answer])
    known.clock.jump(COOLDOWN)
    await known.unavailable("two")
    assert await known.keys.find("one")


async def test_an_issuer_that_hangs_is_unavailable_in_time(known: Known) -> None:
    known.issuer.hangs(3600)
    async with new_session() as session, asyncio.timeout(60):
        keys = JwksSigningKeys(session, known.issuer.address, known.clock, 0.1)
        with pytest.raises(KeysUnavailableError):
            await keys.find("one")


async def test_the_document_is_asked_for_as_it_is(known: Known) -> None:
    """The worker's one session unpacks nothing, and a packed document could grow without end."""
    await known.keys.find("one")
    assert known.issuer.requests[0].headers["Accept-Encoding"] == "identity"


def test_a_fetch_takes_at_most_five_seconds() -> None:
    assert FETCH_SECONDS == 5


async def test_a_document_that_is_too_large_is_not_read_to_its_end(known: Known) -> None:
    sent = 0

    async def endless() -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(known.issuer.requests[-1])
        while True:
            await response.write(b" " * 65_536)
            sent += 65_536

    known.issuer.answer = endless
    await known.unavailable()
    assert sent < 50_000_000


async def test_nobody_is_there(known: Known) -> None:
    async with new_session() as session:
        keys = JwksSigningKeys(session, "http://127.0.0.1:1/keys", known.clock)
        with pytest.raises(KeysUnavailableError):
            await keys.find("one")


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
    known.issuer.hangs(0.05)
    found = await asyncio.gather(*(known.keys.find("one") for _ in range(20)))
    assert all(found)
    assert len(known.issuer.requests) == 1


async def test_unknown_keys_asked_for_at_once_share_one_fetch(known: Known) -> None:
    known.issuer.hangs(0.05)
    work = (known.keys.find(f"forged {number}") for number in range(20))
    found = await asyncio.gather(*work, return_exceptions=True)
    assert found.count(None) == 1
    assert sum(isinstance(each, KeysUnavailableError) for each in found) == 19
    assert len(known.issuer.requests) == 1


async def test_after_a_failed_fetch_the_issuer_is_asked_again_two_seconds_later(
    known: Known,
) -> None:
    """Not after the whole cooldown: until then nobody's events could be verified."""
    known.issuer.says(ANSWERS["down"])
    await known.unavailable()
    known.issuer.answer = known.issuer.document
    for _ in range(20):
        await known.unavailable()
    assert len(known.issuer.requests) == 1
    assert RETRY_MS == 2_000
    known.clock.jump(RETRY_MS / 1000)
    assert await known.keys.find("one")
    await known.unavailable("two")
    assert len(known.issuer.requests) == 2


async def test_all_who_wait_for_a_fetch_that_fails_hear_of_it_at_once(known: Known) -> None:
    """One after the other would ask anew otherwise, and the last would wait for all."""

    async def slowly() -> web.StreamResponse:
        known.clock.jump(FETCH_SECONDS)
        return ANSWERS["down"]()

    known.issuer.answer = slowly
    work = (known.keys.find("one") for _ in range(100))
    found = await asyncio.gather(*work, return_exceptions=True)
    assert {type(each) for each in found} == {KeysUnavailableError}
    assert len(known.issuer.requests) == 1


async def test_who_gives_up_during_a_fetch_costs_the_others_no_more_than_a_failed_one(
    known: Known,
) -> None:
    known.issuer.hangs(3600)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(known.keys.find("one"), 0.1)
    known.issuer.answer = known.issuer.document
    await known.unavailable()
    known.clock.jump(RETRY_MS / 1000)
    assert await known.keys.find("one")


async def test_a_clock_that_was_set_back_does_not_keep_new_keys_out(known: Known) -> None:
    await known.keys.find("one")
    known.issuer.key_ids = ["two"]
    known.clock.jump(-3600)
    assert await known.keys.find("two")


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
    known.issuer.hangs(0.15)
    slow = asyncio.create_task(known.keys.find("two"))
    await asyncio.sleep(0)
    async with asyncio.timeout(0.1):
        assert await known.keys.find("one")
    assert await slow is None


async def test_keys_that_cannot_be_had_are_worth_a_line(
    known: Known, caplog: pytest.LogCaptureFixture
) -> None:
    known.issuer.says(ANSWERS["down"])
    await known.unavailable()
    assert "signingKeysUnavailable" in caplog.text
