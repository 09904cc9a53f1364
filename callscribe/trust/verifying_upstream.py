"""Verify who sends a stream's events: Web PubSub, by its signature and the shared code.

The local way; in Azure an Entra token is the proof (`verifying.py`), which needs heavier libraries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscribe.trust.signatures import check_code, check_signature
from callscribe.stream.upstream import ce_header


@dataclass(frozen=True, slots=True)
class SignedUpstream:
    """Accepts Web PubSub's events: a signature alone can be replayed, so a code comes with it."""

    access_keys: tuple[str, ...] = field(repr=False)
    code: str = field(repr=False)

    async def verify(self, headers: Mapping[str, str], code: str) -> None:
        """Accept an event by its headers (names in lower case) and the address's code.

        Raises UnauthorizedError.
        """
        check_code(code, self.code)
        connection_id = ce_header(headers, "ce-connectionid")
        check_signature(headers.get("ce-signature", ""), connection_id, self.access_keys)
