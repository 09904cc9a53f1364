"""Storage's answers as the app's own errors: what may pass, what never will, what somebody did.

The codes: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
https://learn.microsoft.com/rest/api/storageservices/queue-service-error-codes
"""

import re
from collections.abc import Collection
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError

from callscribe.foundation import log
from callscribe.foundation.errors import (
    CallscribeError,
    ConflictError,
    StorageRefusedError,
    StorageUnavailableError,
)
from callscribe.foundation.headers import retry_after

_CODE = re.compile(r'"code":\s*"(\w+)"')
# What is wrong with the row or message itself, so that it can never be written. Any other refusal
# may pass: an account or table that is being made, a front that answers for storage, a clock.
_NEVER = frozenset(
    {
        "DuplicatePropertiesSpecified",
        "EntityTooLarge",
        "InvalidInput",
        "InvalidValueType",
        "KeyValueTooLarge",
        "MessageTooLarge",
        "OutOfRangeInput",
        "OutOfRangeQueryParameterValue",
        "PropertiesNeedValue",
        "PropertyNameInvalid",
        "PropertyNameTooLong",
        "PropertyValueTooLarge",
        "RequestBodyTooLarge",
        "TooManyProperties",
    }
)
_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def translated(error: AzureError, conflicts: Collection[str] = ()) -> CallscribeError:
    """Return the app's own error for one of the SDK's, to be raised from it.

    `conflicts` are the codes that say that somebody else wrote first: only a write with a condition
    has any. It is a ConflictError for those, a StorageRefusedError for what can never be written,
    and else a StorageUnavailableError. Where a role is missing, a line says so.
    """
    if not isinstance(error, HttpResponseError):
        return StorageUnavailableError(type(error).__name__)
    code = _code(error)
    if code in conflicts:
        return ConflictError(code)
    if code in _NEVER and error.status_code in _REFUSALS:
        return StorageRefusedError(code)
    # A role that was just assigned takes minutes to work, so that a 403 is retried like an outage.
    if error.status_code == HTTPStatus.FORBIDDEN:
        log.warning(
            "storageForbidden", hint="the app needs Storage Table and Queue Data Contributor"
        )
    passing = StorageUnavailableError(f"{error.status_code} {code}")
    passing.retry_after = retry_after(getattr(error.response, "headers", {}))
    return passing


def is_missing(error: AzureError, *what: str) -> bool:
    """Tell whether something does not exist; `what` are storage's codes for that.

    `TableNotFound`, `QueueNotFound`, or `ResourceNotFound` and `EntityNotFound` for a row.
    """
    if not isinstance(error, HttpResponseError):
        return False
    return error.status_code == HTTPStatus.NOT_FOUND and _code(error) in what


def _code(error: HttpResponseError) -> str:
    """Return storage's own code of an error; empty where it has none.

    The SDK does not give the code of a refused insert: it is read from the response.
    """
    code = getattr(error, "error_code", None)
    if code is not None:
        return str(getattr(code, "value", code))
    found = _CODE.search(error.response.text()) if error.response else None
    return found[1] if found else ""
