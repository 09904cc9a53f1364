"""Verify who sends, by a token: ACS its callbacks, and in Azure Web PubSub its events."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callscribe.foundation.errors import KeysUnavailableError, UnauthorizedError
from callscribe.foundation.ports import Clock
from callscribe.foundation.retry import patiently
from callscribe.trust.signing_keys import SigningKeys
from callscribe.trust.tokens import TokenPolicy, bearer_token, check_claims, check_token, key_id

if TYPE_CHECKING:
    from jwt import PyJWK

MOST_WAITING = 24
"""Of the 32 requests that an instance takes at once, so many may wait for signing keys."""


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Accepts the tokens of one issuer for one audience; outlasts its keys for `patience` s.

    A 503 hangs up a stream, so a key that may be new is waited for: until the issuer may be asked
    again, or answers again. Who invents key ids can hold up no more than a part of the requests:
    so many as `waiting` has places, which all verifiers of a process share.
    """

    keys: SigningKeys
    policy: TokenPolicy
    clock: Clock
    patience: float
    waiting: asyncio.Semaphore

    async def verify(self, authorization: str) -> Mapping[str, object]:
        """Return the token's claims. Raises UnauthorizedError, KeysUnavailableError.

        A token that claims what is not ours costs the issuer no fetch, and us no waiting.
        """
        token = bearer_token(authorization)
        wanted = key_id(token)
        check_claims(token, self.policy, self.clock.now())
        key = await self._find(wanted)
        if key is None:
            raise UnauthorizedError("the issuer has no such key")
        return check_token(token, key, self.policy, self.clock.now())

    async def _find(self, wanted: str) -> "PyJWK | None":
        try:
            return await self.keys.find(wanted)
        except KeysUnavailableError:
            if self.waiting.locked():
                raise
        async with self.waiting:
            return await patiently(
                lambda: self.keys.find(wanted), self.clock, self.patience, KeysUnavailableError
            )


@dataclass(frozen=True, slots=True)
class EntraUpstream:
    """Accepts Web PubSub's events by the Entra token of its managed identity, and nothing else.

    With local authentication off, Web PubSub signs nothing: the token is the only proof.
    """

    tokens: TokenVerifier

    async def verify(self, headers: Mapping[str, str], _code: str) -> None:
        """Accept an event by its headers (names in lower case); a code proves nothing here.

        Raises UnauthorizedError, KeysUnavailableError.
        """
        await self.tokens.verify(headers.get("authorization", ""))
