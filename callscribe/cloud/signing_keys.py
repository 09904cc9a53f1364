"""An issuer's signing keys, fetched without blocking the event loop, once per cooldown.

PyJWT's own client blocks its thread under a lock: one slow fetch would stall every call.
"""

import asyncio
from http import HTTPStatus

import aiohttp
from jwt import PyJWK

from callscribe.foundation import log
from callscribe.foundation.errors import BadInputError, KeysUnavailableError
from callscribe.foundation.json_input import Decoder, Json
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.foundation.ports import Clock
from callscribe.trust.signing_keys import published_keys

# One fetch in this time, however many tokens with unknown key ids are sent.
COOLDOWN = Seconds(30)
# An issuer that did not answer is asked again sooner: until it answers, streams wait.
AFTER_FAILURE = Seconds(2)
FETCH = Seconds(5)
LARGEST_DOCUMENT = 256 * 1024
PLAIN = {"Accept-Encoding": "identity"}  # the shared session does not unpack
_DOCUMENT = Decoder(Json)


class JwksSigningKeys:
    """Implements trust.signing_keys.SigningKeys by the JWK Set at an address."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, clock: Clock, fetch_seconds: Seconds = FETCH
    ) -> None:
        self._session = session
        self._url = url
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=fetch_seconds)
        self._keys: dict[str, PyJWK] = {}
        self._free_at: Ms | None = None
        self._fetching = asyncio.Lock()

    async def find(self, key_id: str) -> PyJWK | None:
        """Return the key of that id; None where the issuer has no such key.

        A known key needs no fetch, whatever the state of the issuer. Raises KeysUnavailableError
        when an unknown one cannot be looked up now: it may be a new key, not a forged one.
        """
        if key_id in self._keys:
            return self._keys[key_id]
        async with self._fetching:
            # Another request may have fetched it while this one waited for the lock.
            if key_id not in self._keys:
                await self._refresh()
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        if self._cools_down():
            raise KeysUnavailableError("the signing keys were fetched a moment ago")
        pause = AFTER_FAILURE
        try:
            self._keys = published_keys(_DOCUMENT.decode(await self._fetch()))
            pause = COOLDOWN
        except (aiohttp.ClientError, TimeoutError, ValueError, BadInputError) as error:
            log.warning("signingKeysUnavailable", why=type(error).__name__)
            raise KeysUnavailableError("the signing keys cannot be fetched") from error
        finally:
            # The pause counts from the end of the fetch: an issuer that hangs gets it as well.
            self._free_at = later(self._clock.now(), pause)

    def _cools_down(self) -> bool:
        if self._free_at is None:
            return False
        # No pause is longer than the cooldown: if more is left, the clock was set back.
        return 0 < elapsed(self._clock.now(), self._free_at) <= COOLDOWN

    async def _fetch(self) -> bytes:
        # A redirect is not followed: it could lead to keys of another issuer.
        async with self._session.get(
            self._url, allow_redirects=False, timeout=self._timeout, headers=PLAIN
        ) as response:
            if response.status != HTTPStatus.OK:  # redirects included
                raise ValueError(f"status {response.status}")
            document = b""
            async for chunk in response.content.iter_any():
                document += chunk
                if len(document) > LARGEST_DOCUMENT:
                    raise ValueError("the document is too large")
            return document
