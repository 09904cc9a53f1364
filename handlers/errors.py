"""What is answered and logged of an error: the one shape that all HTTP handlers share."""

import math

import azure.functions as func

from callscribe.foundation import log
from callscribe.foundation.errors import (
    CallscribeError,
    NotConfiguredError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import is_call_id

LONGEST_MESSAGE = 500
# What else an error may name for the one who asked.
_NAMED = {"target": "target", "call_id": "callId", "remedy": "remedy"}
# The body of an answer, its status and its headers.
type Failure = tuple[dict[str, object], int, dict[str, str]]


def refused(function: str, req: func.HttpRequest, error: CallscribeError) -> Failure:
    """Log an error that a handler raised; return what is answered."""
    _log(function, req, error)
    named = {name: getattr(error, attribute, None) for attribute, name in _NAMED.items()}
    told = {name: value for name, value in named.items() if value is not None}
    body, status = _body(error.code, _message(error), told), error.status
    return body, status, _headers(error)


def failed(function: str, req: func.HttpRequest) -> Failure:
    """Log the bug that is being handled; return what is answered."""
    log.error("unexpected", _call_id(req), function=function)
    return _body("internal", "something went wrong; it has been logged", {}), 500, {}


def _log(function: str, req: func.HttpRequest, error: CallscribeError) -> None:
    # Anybody can cause it, so it is no warning.
    write = log.info if isinstance(error, NotFoundError) else log.warning
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


def _headers(error: CallscribeError) -> dict[str, str]:
    after, call_id = getattr(error, "retry_after", None), getattr(error, "call_id", None)
    headers = {} if after is None else {"Retry-After": f"{math.ceil(after)}"}
    return headers if call_id is None else headers | {"Location": f"/api/calls/{call_id}"}


def _body(code: str, message: str, named: dict[str, object]) -> dict[str, object]:
    return {"error": {"code": code, "message": message, **named}}
