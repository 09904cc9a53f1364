"""Keys are fetched from nowhere else, and never for long; what is no document of keys is none."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from callscribe.cloud.signing_keys import COOLDOWN, FETCH, JwksSigningKeys
from callscribe.cloud.transport import new_session
from callscribe.foundation.errors import KeysUnavailableError
from callscribe.foundation.moments import Seconds
from tests.cloud.issuer import Known, down, public_key


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
    "down": down,
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
    known.issuer.holds()
    async with new_session() as session, asyncio.timeout(60):
        keys = JwksSigningKeys(session, known.issuer.address, Seconds(0.1))
        with pytest.raises(KeysUnavailableError):
            await keys.find("one")


async def test_the_document_is_asked_for_as_it_is(known: Known) -> None:
    """The worker's one session unpacks nothing, and a packed document could grow without end."""
    await known.keys.find("one")
    assert known.issuer.requests[0].headers["Accept-Encoding"] == "identity"


def test_a_fetch_takes_at_most_five_seconds() -> None:
    assert Seconds(5) == FETCH


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


async def test_nobody_is_there() -> None:
    async with new_session() as session:
        keys = JwksSigningKeys(session, "http://127.0.0.1:1/keys")
        with pytest.raises(KeysUnavailableError):
            await keys.find("one")


async def test_keys_that_cannot_be_had_are_worth_a_line(
    known: Known, caplog: pytest.LogCaptureFixture
) -> None:
    known.issuer.says(down)
    await known.unavailable()
    assert "signingKeysUnavailable" in caplog.text
