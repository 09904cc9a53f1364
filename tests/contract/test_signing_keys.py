"""What SigningKeys promises, held by the fake and by a JWKS document alike."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import web
from jwt import PyJWK

from callscribe.cloud.signing_keys import COOLDOWN, JwksSigningKeys
from callscribe.cloud.transport import new_session
from callscribe.foundation.errors import KeysUnavailableError
from callscribe.trust.signing_keys import SigningKeys
from tests.cloud.issuer import Issuer, Stopwatch, public_key
from tests.fakes.keys import FakeSigningKeys


@dataclass
class Published:
    """The keys, and what their issuer does."""

    keys: SigningKeys
    publish: Callable[[str], None]
    fall_silent: Callable[[], None]
    much_later: Callable[[], None]


class SigningKeysContract:
    """The promise; a subclass brings the keys. One is published at first: `one`."""

    async def test_a_published_key_is_found(self, published: Published) -> None:
        key = await published.keys.find("one")
        assert key
        assert (key.key_id, key.key_type) == ("one", "RSA")

    async def test_a_key_is_there_once_it_was_found_and_nobody_is_asked(
        self, published: Published
    ) -> None:
        assert not published.keys.has("one")
        await published.keys.find("one")
        published.fall_silent()
        assert published.keys.has("one")
        assert not published.keys.has("two")

    async def test_a_key_that_is_not_published_is_none(self, published: Published) -> None:
        assert await published.keys.find("two") is None

    async def test_keys_that_cannot_be_had_are_unavailable(self, published: Published) -> None:
        published.fall_silent()
        with pytest.raises(KeysUnavailableError):
            await published.keys.find("one")

    async def test_a_known_key_needs_no_issuer(self, published: Published) -> None:
        await published.keys.find("one")
        published.fall_silent()
        published.much_later()
        assert await published.keys.find("one")

    async def test_a_new_key_is_found_in_time(self, published: Published) -> None:
        await published.keys.find("one")
        published.publish("two")
        published.much_later()
        assert await published.keys.find("two")


class TestFakeSigningKeys(SigningKeysContract):
    @pytest.fixture
    def published(self) -> Published:
        fake = FakeSigningKeys()

        def publish(key_id: str) -> None:
            fake.published[key_id] = PyJWK(public_key() | {"kid": key_id})

        def fall_silent() -> None:
            fake.down = True

        publish("one")
        return Published(fake, publish, fall_silent, much_later=lambda: None)


class TestJwksSigningKeys(SigningKeysContract):
    @pytest_asyncio.fixture
    async def published(self) -> AsyncIterator[Published]:
        issuer, clock = Issuer("one"), Stopwatch()
        async with issuer.serving(), new_session() as session:
            yield Published(
                JwksSigningKeys(session, issuer.address, monotonic=clock),
                issuer.key_ids.append,
                lambda: issuer.says(lambda: web.Response(status=503)),
                lambda: clock.jump(COOLDOWN),
            )
