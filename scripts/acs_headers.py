"""The headers with which ACS dials a stream, made up as far as Web PubSub can tell."""

import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ACS_ISSUER = "https://acscallautomation.communication.azure.com"
# Of nobody: for an app behind Web PubSub, which checks the tokens of ACS's own issuer.
NO_ISSUER = "https://callscribe.invalid"
DAY = 24 * 3600


def acs_headers(connection_id: str, issuer: str) -> dict[str, str]:
    """Return the headers of a dial, with a token of `issuer` that is signed with a key of nobody.

    https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
    """
    return {
        "Authorization": f"Bearer {_token(issuer)}",
        "x-ms-call-connection-id": connection_id,
        "x-ms-call-correlation-id": connection_id,
    }


def _token(issuer: str) -> str:
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), int(time.time())
    claims = {"iss": issuer, "aud": str(uuid.uuid4()), "iat": now, "nbf": now, "exp": now + DAY}
    return jwt.encode(claims, key, "RS256", headers={"kid": uuid.uuid4().hex})
