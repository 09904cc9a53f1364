"""Who checks what senders prove themselves by; each is made when it is first needed."""

import asyncio
from functools import cached_property, partial
from typing import TYPE_CHECKING

from callscribe.settings.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from callscribe.calls.ports import CallStore
    from callscribe.trust.dialling import DialVerifier
    from callscribe.trust.signatures import SignedUpstream
    from callscribe.trust.tokens import TokenPolicy
    from callscribe.trust.verifying import EntraUpstream, TokenVerifier


class Proofs:
    """The verifiers of one worker process.

    `session` and `calls` give what only tokens need: a stream that is proved by a signature waits
    for neither.
    """

    def __init__(
        self,
        settings: Settings,
        session: "Callable[[], aiohttp.ClientSession]",
        calls: "Callable[[], CallStore]",
    ) -> None:
        self._settings = settings
        self._session = session
        self._calls = calls

    @cached_property
    def callbacks(self) -> "TokenVerifier":
        """The verifier of callbacks: ACS proves itself by its token."""
        from callscribe.trust.tokens import TokenPolicy

        settings = self._settings
        issuers, audiences = {settings.acs_issuer}, {settings.acs_resource_id}
        policy = TokenPolicy(frozenset(issuers), frozenset(audiences))
        return self._tokens(settings.acs_jwks_url, policy)

    @cached_property
    def upstream(self) -> "EntraUpstream | SignedUpstream":
        """The verifier of stream events: by an Entra token, or by a signature and a code."""
        settings = self._settings
        if settings.entra is None:
            from callscribe.trust.signatures import SignedUpstream

            return SignedUpstream(settings.webpubsub_access_keys, settings.webpubsub_upstream_code)
        from callscribe.trust.tokens import TokenPolicy
        from callscribe.trust.verifying import EntraUpstream

        entra = settings.entra
        # Any application may get a token for this audience: only tenant and object id tell that it
        # is Web PubSub's identity.
        claims = {"tid": frozenset({entra.tenant}), "oid": frozenset({entra.object_id})}
        policy = TokenPolicy(entra.issuers, entra.audiences, claims)
        return EntraUpstream(self._tokens(entra.jwks_url, policy))

    def dials(self) -> "DialVerifier":
        """Return the verifier of ACS's own token on a dial."""
        from callscribe.trust.dialling import DialVerifier

        return DialVerifier(self.callbacks, self._settings.acs_issuer)

    def _tokens(self, jwks_url: str, policy: "TokenPolicy") -> "TokenVerifier":
        from callscribe.calls.known import is_known
        from callscribe.cloud.signing_keys import JwksSigningKeys
        from callscribe.trust.verifying import TokenVerifier

        keys = JwksSigningKeys(self._session(), jwks_url)
        known = partial(is_known, self._calls())
        return TokenVerifier(keys, policy, self._waiting_for_keys, known)

    # One for all verifiers: together they must leave requests free for senders with known keys.
    @cached_property
    def _waiting_for_keys(self) -> asyncio.Semaphore:
        from callscribe.trust.verifying import MOST_WAITING

        return asyncio.Semaphore(MOST_WAITING)
