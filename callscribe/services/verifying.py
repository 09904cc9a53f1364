"""Verify who sends, by a token: ACS its callbacks, and in Azure Web PubSub its events."""

from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.domain.errors import UnauthorizedError
from callscribe.domain.trust import TokenPolicy, bearer_token, check_claims, check_token, key_id
from callscribe.ports import Clock, SigningKeys


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Accepts the tokens of one issuer for one audience."""

    keys: SigningKeys
    policy: TokenPolicy
    clock: Clock

    async def verify(self, authorization: str) -> Mapping[str, object]:
        """Return the token's claims. Raises UnauthorizedError, KeysUnavailableError.

        A token that claims what is not ours costs the issuer no fetch, and us no waiting.
        """
        token = bearer_token(authorization)
        wanted = key_id(token)
        check_claims(token, self.policy, self.clock.now())
        key = await self.keys.find(wanted)
        if key is None:
            raise UnauthorizedError("the issuer has no such key")
        return check_token(token, key, self.policy, self.clock.now())


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
