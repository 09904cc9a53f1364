"""The tokens that prove callbacks and streams come from this emulator, and the keys to check them.

The service signs with RS256 and publishes its keys; the lifetimes are its own: 5 minutes for a
callback, a day for a stream.
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
    """Signs with one key at a time, made at start and replaced by `rotate`."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self.rotate()

    def rotate(self) -> None:
        """Make a new key; the old one is no longer published."""
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
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"kid": self._key_id})

    def keys(self) -> dict[str, Any]:
        """Return the published key set."""
        key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self._key_id, "use": "sig", "alg": _ALGORITHM}]}

    def openid_configuration(self, address: str) -> dict[str, Any]:
        """Return the document that names the issuer and where the keys are."""
        return {
            "issuer": self._issuer,
            "jwks_uri": f"{address}/calling/keys",
            "id_token_signing_alg_values_supported": [_ALGORITHM],
        }
