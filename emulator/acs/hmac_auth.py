"""The HMAC signature of requests by clients that have an access key.

https://learn.microsoft.com/rest/api/communication/authentication
"""

import base64
import hashlib
import hmac

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
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), (_SCHEME + _signature(request, key)).encode()):
        raise _denied("the signature does not match")


def _signature(request: web.Request, key: str) -> str:
    # The path is signed as it is sent: decoding it would change the signed text. That is why the
    # asynchronous client of Python cannot get a single participant: it signs `4%3A…`, and aiohttp
    # sends `4:…` (https://github.com/Azure/azure-sdk-for-python/pull/39419).
    values = ";".join(request.headers.get(name, "") for name in _SIGNED)
    text = f"{request.method}\n{request.raw_path}\n{values}"
    digest = hmac.digest(base64.b64decode(key), text.encode(), "sha256")
    return base64.b64encode(digest).decode()


def _denied(reason: str) -> ServiceError:
    return ServiceError(401, "Denied", f"Denied by the resource provider: {reason}.")
