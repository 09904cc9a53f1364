"""What is answered and logged of an error: the one shape that all HTTP handlers share."""

import azure.functions as func

from callscribe.foundation import log
from callscribe.foundation.errors import (
    CallscribeError,
    NotBuiltError,
    NotConfiguredError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import is_call_id

LONGEST_MESSAGE = 500
# Anybody can cause these, so they are no warning.
_USUAL = (NotFoundError, NotBuiltError)
# The body of an answer, and its status.
type Failure = tuple[dict[str, object], int]


def refused(function: str, req: func.HttpRequest, error: CallscribeError) -> Failure:
    """Log an error that a handler raised; return what is answered."""
    _log(function, req, error)
    return _failure(error.status, error.code, _message(error))


def failed(function: str, req: func.HttpRequest) -> Failure:
    """Log the bug that is being handled; return what is answered."""
    log.error("unexpected", _call_id(req), function=function)
    return _failure(500, "internal", "something went wrong; it has been logged")


def _log(function: str, req: func.HttpRequest, error: CallscribeError) -> None:
    write = log.info if isinstance(error, _USUAL) else log.warning
    why = str(error)[:LONGEST_MESSAGE]
    write("refused", _call_id(req), function=function, status=error.status, why=why)


def _message(error: CallscribeError) -> str:
    """Return the message for the sender: not which check failed, nor which service is out."""
    if isinstance(error, UnauthorizedError):
        return "the sender could not be verified"
    if isinstance(error, UnavailableError) and not isinstance(error, NotConfiguredError):
        return "storage, or another service that is needed, cannot be had at the moment"
    return str(error)[:LONGEST_MESSAGE]


def _call_id(req: func.HttpRequest) -> str | None:
    """Return the call's id in the path, or that which Web PubSub puts on a stream's event.

    None where it is no id of a call: anything else may be a phone number.
    """
    call_id = req.route_params.get("call_id") or req.headers.get("ce-userId")
    return call_id if call_id is not None and is_call_id(call_id) else None


def _failure(status: int, code: str, message: str) -> Failure:
    return {"error": {"code": code, "message": message}}, status
