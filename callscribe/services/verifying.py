"""Verify who sends callbacks: ACS, by its token."""

from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.domain.errors import UnauthorizedError
from callscribe.domain.trust import TokenPolicy, bearer_token, check_token, key_id
from callscribe.ports import Clock, SigningKeys


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Accepts the tokens of one issuer for one audience."""

    keys: SigningKeys
    policy: TokenPolicy
    clock: Clock

    async def verify(self, authorization: str) -> Mapping[str, object]:
        """Return the token's claims. Raises UnauthorizedError, KeysUnavailableError."""
        token = bearer_token(authorization)
        key = await self.keys.find(key_id(token))
        if key is None:
            raise UnauthorizedError("the issuer has no such key")
        return check_token(token, key, self.policy, self.clock.now())
