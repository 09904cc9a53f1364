"""An issuer's signing keys, fetched without blocking the event loop, once per cooldown.

PyJWT's own client blocks its thread under a lock: one slow fetch would stall every call.
Spans are measured by a clock that nobody sets: https://docs.python.org/3/library/time.html#time.monotonic
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

import aiohttp
from jwt import PyJWK

from callscribe.foundation import log
from callscribe.foundation.errors import BadInputError, KeysUnavailableError
from callscribe.foundation.json_input import Decoder, Json
from callscribe.foundation.moments import Seconds
from callscribe.trust.signing_keys import published_keys

# One fetch in this time, however many tokens with unknown key ids are sent.
COOLDOWN = Seconds(30)
# An issuer that did not answer is asked again sooner: until it answers, streams wait.
AFTER_FAILURE = Seconds(2)
# For how long keys are believed to be what their issuer publishes. It withdraws one that leaked.
# https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
FRESH = Seconds(3600)
FETCH = Seconds(5)
LARGEST_DOCUMENT = 256 * 1024
PLAIN = {"Accept-Encoding": "identity"}  # the shared session does not unpack
_DOCUMENT = Decoder(Json)


class JwksSigningKeys:
    """Keeps the promise of trust.signing_keys.SigningKeys over the JWK Set at an address.

    Keys that are not fresh any more are fetched anew beside the work: nobody waits for that, and
    the old ones serve until it succeeds. `monotonic` tells seconds that only grow.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        fetch_seconds: Seconds = FETCH,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=fetch_seconds)
        self._monotonic = monotonic
        self._keys: dict[str, PyJWK] = {}
        self._free_at = self._stale_at = monotonic()
        self._fetching = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    def has(self, key_id: str) -> bool:
        """Tell whether the key of that id was in the last document."""
        return key_id in self._keys

    async def find(self, key_id: str) -> PyJWK | None:
        """Return the key of that id; None where the issuer has no such key.

        A known key needs no fetch, whatever the state of the issuer. Raises KeysUnavailableError
        when an unknown one cannot be looked up now: it may be a new key, not a forged one.
        """
        if key_id in self._keys:
            if self._monotonic() >= self._stale_at:
                self._refresh_beside()
            return self._keys[key_id]
        async with self._fetching:
            # Another request may have fetched it while this one waited for the lock.
            if key_id not in self._keys:
                await self._refresh()
        return self._keys.get(key_id)

    def _refresh_beside(self) -> None:
        # While the issuer is out the old keys serve, and it is asked once per cooldown.
        self._stale_at = self._monotonic() + COOLDOWN
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_quietly())

    async def _refresh_quietly(self) -> None:
        async with self._fetching:
            with suppress(KeysUnavailableError):  # the log has it
                await self._refresh()

    async def _refresh(self) -> None:
        if self._monotonic() < self._free_at:
            raise KeysUnavailableError("the signing keys were fetched a moment ago")
        pause = AFTER_FAILURE
        try:
            self._keys = published_keys(_DOCUMENT.decode(await self._fetch()))
            pause = COOLDOWN
            self._stale_at = self._monotonic() + FRESH
        except (aiohttp.ClientError, TimeoutError, ValueError, BadInputError) as error:
            log.warning("signingKeysUnavailable", why=type(error).__name__)
            raise KeysUnavailableError("the signing keys cannot be fetched") from error
        finally:
            self._free_at = self._monotonic() + pause

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
