"""Tokens that are signed well, whatever they say. Times are seconds from when a token is made."""

import base64
import json
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER = "https://acscallautomation.communication.azure.com"
HEADER = {"alg": "RS256", "typ": "JWT", "kid": "one"}


@dataclass(frozen=True)
class In:
    """So many seconds from now; negative for the past."""

    seconds: float

    @property
    def unix(self) -> float:
        """The moment in Unix seconds."""
        return int(time.time()) + self.seconds


def good_claims() -> dict[str, object]:
    """Return the claims of a token that was issued ten seconds ago, for five minutes."""
    return {"iss": ISSUER, "aud": "ours", "exp": In(300).unix, "nbf": In(-10).unix}


def encoded(data: bytes) -> str:
    """Encode as the parts of a token are."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def a_token(header: object = HEADER, claims: object = None, **changes: object) -> str:
    """Return a token that is signed well, whatever it says; Ellipsis leaves a claim out."""
    if claims is None:
        told = {k: value for k, value in (good_claims() | changes).items() if value is not ...}
        claims = {k: value.unix if isinstance(value, In) else value for k, value in told.items()}
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    return f"{signed}.{encoded(KEY.sign(signed.encode(), PKCS1v15(), SHA256()))}"
