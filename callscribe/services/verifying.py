"""Verify who sends: callbacks by ACS's token, stream events by Web PubSub's signature and code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.domain.errors import UnauthorizedError
from callscribe.domain.trust import (
    TokenPolicy,
    allowed_origin,
    bearer_token,
    check_code,
    check_signature,
    check_token,
    key_id,
)
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


@dataclass(frozen=True, slots=True)
class UpstreamVerifier:
    """Accepts Web PubSub's events: a signature alone can be replayed, so a code comes with it."""

    endpoint: str
    access_keys: tuple[str, ...] = field(repr=False)
    code: str = field(repr=False)

    def verify(self, code: str, signature: str, connection_id: str) -> None:
        """Accept an event. Raises UnauthorizedError."""
        check_code(code, self.code)
        check_signature(signature, connection_id, self.access_keys)

    def allows(self, origin: str) -> bool:
        """Tell whether a webhook validation comes from our own Web PubSub."""
        return allowed_origin(origin, self.endpoint)
