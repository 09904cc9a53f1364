"""An issuer that publishes its keys, and can be ordered to do anything else; who fetches them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from callscribe.cloud.signing_keys import JwksSigningKeys
from callscribe.foundation.errors import KeysUnavailableError
from tests.emulator.acs.peers import serving
from tests.fakes.waiting import until

Answer = Callable[[], Awaitable[web.StreamResponse]]


@cache
def public_key() -> dict[str, Any]:
    """Return one key's public half; making one takes longer than most tests."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)


def down() -> web.Response:
    """Answer as an issuer that is out."""
    return web.Response(status=503)


class Issuer:
    """Publishes keys by their ids; all are the same key."""

    def __init__(self, *key_ids: str) -> None:
        self.url = ""
        self.key_ids = list(key_ids)
        self.requests: list[web.Request] = []
        self.answer: Answer = self.document

    @property
    def address(self) -> str:
        return f"{self.url}/keys"

    async def document(self) -> web.StreamResponse:
        keys = [public_key() | {"kid": key_id, "use": "sig"} for key_id in self.key_ids]
        return web.json_response({"keys": keys})

    def says(self, response: Callable[[], web.StreamResponse]) -> None:
        """Answer with this from now on."""

        async def answer() -> web.StreamResponse:
            return response()

        self.answer = answer

    def holds(self) -> asyncio.Event:
        """Answer only once the event that is returned is set, from now on."""
        released = asyncio.Event()

        async def answer() -> web.StreamResponse:
            await released.wait()
            return await self.document()

        self.answer = answer
        return released

    async def asked(self, times: int = 1) -> None:
        """Wait until so many requests have come."""

        async def reached() -> bool:
            return len(self.requests) >= times

        await until(reached, 60)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.answer()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        async with serving(app) as self.url:
            yield


class Stopwatch:
    """Seconds that only jump, so that nothing depends on how long a test takes."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Known:
    """The keys of an issuer that publishes `one` at first."""

    keys: JwksSigningKeys
    issuer: Issuer
    clock: Stopwatch

    async def unavailable(self, key_id: str = "one") -> None:
        with pytest.raises(KeysUnavailableError):
            await self.keys.find(key_id)
