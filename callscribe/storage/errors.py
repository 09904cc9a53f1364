"""Storage's answers as the app's own errors: what may pass, what never will, what somebody did."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError

from callscribe.foundation import log
from callscribe.foundation.errors import ConflictError, StorageRefusedError, StorageUnavailableError

_CODE = re.compile(r'"code":\s*"(\w+)"')
_CONFLICTS = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_TOO_LARGE = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@contextmanager
def translated() -> Iterator[None]:
    """Raise ConflictError, StorageRefusedError or StorageUnavailableError for the SDK's errors."""
    try:
        yield
    except HttpResponseError as error:
        raise _meaning(error) from error
    except AzureError as error:
        raise StorageUnavailableError(type(error).__name__) from error


def is_missing(error: HttpResponseError, what: str) -> bool:
    """Tell whether a table or queue does not exist (`TableNotFound`, `QueueNotFound`)."""
    return error.status_code == HTTPStatus.NOT_FOUND and _code(error) == what


def _code(error: HttpResponseError) -> str:
    """Return storage's own code of an error; the SDK keeps it back where an insert is refused."""
    code = getattr(error, "error_code", None)
    if code is not None:
        return str(getattr(code, "value", code))
    found = _CODE.search(error.response.text()) if error.response else None
    return found[1] if found else ""


def _meaning(error: HttpResponseError) -> Exception:
    code = _code(error)
    if error.status_code in _CONFLICTS or is_missing(error, "ResourceNotFound"):
        return ConflictError(code)  # a row that is gone was changed, too
    if error.status_code in _TOO_LARGE:
        return StorageRefusedError(code)
    if error.status_code == HTTPStatus.FORBIDDEN:
        log.warning(
            "storageForbidden", hint="the app needs Storage Table and Queue Data Contributor"
        )
    return StorageUnavailableError(f"{error.status_code} {code}")
