"""Verify senders by their tokens: ACS, which sends callbacks, and Web PubSub in Azure."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callscribe.foundation.deadline import Deadline, retry
from callscribe.foundation.errors import KeysUnavailableError, UnauthorizedError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry
from callscribe.trust.signing_keys import SigningKeys
from callscribe.trust.tokens import TokenPolicy, bearer_token, check_claims, check_token, key_id

if TYPE_CHECKING:
    from jwt import PyJWK

# The issuer does not answer, or may not be asked again yet: retried until the request's deadline.
KEYS = Retry(KeysUnavailableError, first=Seconds(0.1), longest=Seconds(2))
# How many of the 32 requests that an instance takes at once may wait for signing keys; the others
# serve senders whose keys are known.
MOST_WAITING = 24


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Verifies the tokens that a policy accepts, by the keys of one issuer.

    Web PubSub closes a stream whose event is answered with 503, so a key that is not known yet is
    waited for, until the request's deadline. That is done for those only who name a call that
    there is (`is_known`): who invents key ids is refused at once, has no key fetched, and so takes
    nobody's place and delays nobody's new key. And only as many wait as `waiting` has places, which
    all verifiers of a process share.
    """

    keys: SigningKeys
    policy: TokenPolicy
    waiting: asyncio.Semaphore
    is_known: Callable[[str], Awaitable[bool]]

    async def verify(
        self, authorization: str, call_id: Callable[[], str], deadline: Deadline
    ) -> Mapping[str, object]:
        """Return the claims of the token in an Authorization header.

        A token with claims that are not accepted is refused before its key is looked for.
        `call_id` returns which call the sender says it is about: it is asked only where the key is
        not known, for nothing is parsed for strangers.
        Raises UnauthorizedError when the token is not valid, and KeysUnavailableError when its key
        cannot be fetched in time.
        """
        token = bearer_token(authorization)
        wanted = key_id(token)
        check_claims(token, self.policy)
        if not self.keys.has(wanted) and not await self.is_known(call_id()):
            raise UnauthorizedError("an unknown key, and no call that there is")
        key = await self._find(wanted, deadline)
        if key is None:
            raise UnauthorizedError("the issuer has no such key")
        return check_token(token, key, self.policy)

    async def _find(self, wanted: str, deadline: Deadline) -> "PyJWK | None":
        try:
            return await self.keys.find(wanted)
        except KeysUnavailableError:
            if self.waiting.locked():
                raise
        async with self.waiting:
            return await retry(lambda: self.keys.find(wanted), KEYS, deadline)


@dataclass(frozen=True, slots=True)
class EntraUpstream:
    """Verifies Web PubSub's events by the Entra token of its managed identity.

    With local authentication off, Web PubSub signs nothing: the token is the only proof.
    """

    tokens: TokenVerifier

    async def verify(
        self,
        headers: Mapping[str, str],
        _code: str,
        call_id: Callable[[], str],
        deadline: Deadline,
    ) -> None:
        """Accept an event by its headers (names in lower case); the address's code is not read.

        `call_id` is as in `TokenVerifier.verify`.
        Raises UnauthorizedError when the token is not valid, and KeysUnavailableError when its key
        cannot be fetched in time.
        """
        await self.tokens.verify(headers.get("authorization", ""), call_id, deadline)
