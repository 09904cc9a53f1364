"""ACS's own token on a dial: verified wherever it arrives, beside what the stream's door proves.

ACS puts a token into each dial. Whether Web PubSub passes it on is not documented; what does
arrive is as strong a proof as a callback's.
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import KeysUnavailableError, UnauthorizedError
from callscribe.foundation.moments import Seconds
from callscribe.trust.tokens import claimed_issuer
from callscribe.trust.verifying import TokenVerifier

# Every second of waiting for signing keys loses a part of what is said.
PATIENCE = Seconds(2)


class Signed(StrEnum):
    """What a dial's authorization has proved."""

    ABSENT = ""
    """No token of ACS has arrived."""
    ACS = "acs"
    UNCHECKED = "unchecked"
    """One has, but ACS's signing keys cannot be had."""


@dataclass(frozen=True, slots=True)
class DialVerifier:
    """Verifies tokens that name ACS as their issuer, as those of callbacks are; ignores others."""

    tokens: TokenVerifier
    issuer: str

    async def verify(
        self, authorizations: Sequence[str], call_id: str, deadline: Deadline
    ) -> Signed:
        """Return what the Authorization headers of a dial of a call's stream prove.

        Raises UnauthorizedError where ACS's token is not valid, or there are several.
        """
        claimed = [each for each in authorizations if claimed_issuer(each) == self.issuer]
        if not claimed:
            return Signed.ABSENT
        if len(claimed) > 1:
            raise UnauthorizedError("expected one token of ACS")
        try:
            soon = deadline.no_later_than(Deadline.after(PATIENCE))
            await self.tokens.verify(claimed[0], lambda: call_id, soon)
        except KeysUnavailableError:
            return Signed.UNCHECKED
        return Signed.ACS
