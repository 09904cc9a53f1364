"""Tokens that are signed well, whatever they say."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

NOW = 1_795_373_643_000
SECOND = NOW // 1000
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER = "https://acscallautomation.communication.azure.com"
HEADER = {"alg": "RS256", "typ": "JWT", "kid": "one"}
CLAIMS = {"iss": ISSUER, "aud": "ours", "exp": SECOND + 300, "nbf": SECOND - 10}


def encoded(data: bytes) -> str:
    """Encode as the parts of a token are."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def a_token(header: object = HEADER, claims: object = CLAIMS, **changes: object) -> str:
    """Return a token that is signed well, whatever it says; Ellipsis leaves a claim out."""
    if isinstance(claims, dict):
        claims = {k: value for k, value in (claims | changes).items() if value is not ...}
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    return f"{signed}.{encoded(KEY.sign(signed.encode(), PKCS1v15(), SHA256()))}"
