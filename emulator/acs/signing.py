"""The tokens that authenticate callbacks and streams, and the public keys to verify them.

As in the service they are signed with RS256, and valid for 5 minutes (callback) or a day (stream).
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
"""

import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CALLBACK_SECONDS = 5 * 60
STREAM_SECONDS = 24 * 3600
_ALGORITHM = "RS256"


class Signer:
    """Signs with one key, which is made at the start and replaced by `rotate`."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self.rotate()

    def rotate(self) -> None:
        """Make a new key."""
        # The old key is no longer published at once, which is harsher than any planned rotation: an
        # app must fetch the keys again when it meets an unknown key id.
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = uuid.uuid4().hex

    def token(self, lifetime: int) -> str:
        """Return a new token, valid from now for `lifetime` seconds."""
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            # Makes each token unique, also of those that are issued in the same second.
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"kid": self._key_id})

    def keys(self) -> dict[str, Any]:
        """Return the published key set."""
        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self._key_id, "use": "sig", "alg": _ALGORITHM}]}

    def openid_configuration(self, address: str) -> dict[str, Any]:
        """Return the OpenID configuration: the issuer, and the address of its keys."""
        return {
            "issuer": self._issuer,
            "jwks_uri": f"{address}/calling/keys",
            "id_token_signing_alg_values_supported": [_ALGORITHM],
        }
