"""Verify who sends a stream's events: Web PubSub, by its signature and the shared code."""

from dataclasses import dataclass, field

from callscribe.domain.signatures import allowed_origin, check_code, check_signature


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
