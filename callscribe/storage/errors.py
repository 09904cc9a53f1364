"""Storage's answers as the app's own errors: an outage, a refusal, or a conflict."""

import re
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError

from callscribe.foundation import log
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StorageRefusedError,
    StorageUnavailableError,
)

_CODE = re.compile(r'"code":\s*"(\w+)"')
_CONFLICTS = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
# An entity or a value that is too large is a 400, which no retry can change:
# https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
_TOO_LARGE = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def translated(error: AzureError) -> CallscribeError:
    """Return the app's own error for one of the SDK's, to be raised from it.

    It is a ConflictError, StorageRefusedError or StorageUnavailableError. A missing role is logged.
    """
    if not isinstance(error, HttpResponseError):
        return StorageUnavailableError(type(error).__name__)
    code = _code(error)
    if error.status_code in _CONFLICTS or is_missing(error, "ResourceNotFound"):
        return ConflictError(code)  # a row that is gone was changed, too
    if error.status_code in _TOO_LARGE:
        return StorageRefusedError(code)
    # A role that was just assigned takes minutes to work, so that a 403 is retried like an outage.
    if error.status_code == HTTPStatus.FORBIDDEN:
        log.warning(
            "storageForbidden", hint="the app needs Storage Table and Queue Data Contributor"
        )
    return StorageUnavailableError(f"{error.status_code} {code}")


def is_missing(error: AzureError, what: str) -> bool:
    """Tell whether something does not exist; `what` is storage's code for that.

    `TableNotFound`, `QueueNotFound`, or `ResourceNotFound` for a row.
    """
    if not isinstance(error, HttpResponseError):
        return False
    return error.status_code == HTTPStatus.NOT_FOUND and _code(error) == what


def _code(error: HttpResponseError) -> str:
    """Return storage's own code of an error; empty where it has none.

    The SDK does not give the code of a refused insert: it is read from the response.
    """
    code = getattr(error, "error_code", None)
    if code is not None:
        return str(getattr(code, "value", code))
    found = _CODE.search(error.response.text()) if error.response else None
    return found[1] if found else ""
