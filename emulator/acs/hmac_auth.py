"""The HMAC signature of requests by clients that have an access key.

https://learn.microsoft.com/rest/api/communication/authentication
"""

import base64
import hashlib
import hmac
from urllib.parse import quote, unquote

from aiohttp import web

from emulator.acs.errors import ServiceError

_SIGNED = ("x-ms-date", "host", "x-ms-content-sha256")
_SCHEME = f"HMAC-SHA256 SignedHeaders={';'.join(_SIGNED)}&Signature="


def require_signature(request: web.Request, body: bytes, key: str) -> None:
    """Refuse the request with 401 unless it is signed with the access key."""
    # The age of x-ms-date is not checked: a recorded request can be sent again.
    content_hash = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if request.headers.get("x-ms-content-sha256") != content_hash:
        raise _denied("x-ms-content-sha256 is not the hash of the body")
    given = request.headers.get("Authorization", "").encode()
    for path in (request.raw_path, _as_given(request)):
        if hmac.compare_digest(given, (_SCHEME + _signature(request, path, key)).encode()):
            return
    raise _denied("the signature does not match")


def _as_given(request: web.Request) -> str:
    """Return the path as the asynchronous Python SDK signs it, with every sign encoded.

    Its transport sends the same path in another form (`4:` for `4%3A`), which the service may well
    refuse: docs/unverified.md.
    """
    path, question, query = request.raw_path.partition("?")
    parts = (quote(unquote(part), safe="") for part in path.split("/"))
    return "/".join(parts) + question + query


def _signature(request: web.Request, path: str, key: str) -> str:
    values = ";".join(request.headers.get(name, "") for name in _SIGNED)
    text = f"{request.method}\n{path}\n{values}"
    digest = hmac.digest(base64.b64decode(key), text.encode(), "sha256")
    return base64.b64encode(digest).decode()


def _denied(reason: str) -> ServiceError:
    return ServiceError(401, "Denied", f"Denied by the resource provider: {reason}.")
