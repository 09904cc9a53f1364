"""What all HTTP handlers share: the one shape of errors, and answers that are not cached."""

import functools
import json
from collections.abc import Awaitable, Callable, Mapping

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation import log
from callscribe.foundation.deadline import Deadline, within
from callscribe.foundation.errors import (
    CallscribeError,
    NotBuiltError,
    NotConfiguredError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import is_call_id
from callscribe.foundation.moments import Seconds

Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]
# What was said on a call belongs in no cache, and is nothing that a browser should run:
# https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
ANSWER_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LONGEST_MESSAGE = 500
# The longest that storage may take to execute one page of a query:
# https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
REQUEST = Seconds(30)
# Anybody can cause these, so they are no warning.
_USUAL = (NotFoundError, NotBuiltError)


def answering_errors(handler: Handler) -> Handler:
    """Turn what a handler raises into its status and `{"error": {"code", "message"}}`; log it.

    No handler is called while the app is not configured: each request is answered 503 then. What
    a handler asks of storage ends with the request's deadline, unless it sets an earlier one.
    """

    @functools.wraps(handler)
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        try:
            worker()
            with within(Deadline.after(REQUEST)):
                return await handler(req)
        except CallscribeError as error:
            _log(handler.__name__, req, error)
            return _failure(error.status, error.code, _message(error))
        except Exception:  # noqa: BLE001 - the last resort: no stack trace leaves the app
            log.error("unexpected", _call_id(req), function=handler.__name__)
            return _failure(500, "internal", "something went wrong; it has been logged")

    return answer


def json_answer(body: Mapping[str, object], status: int = 200) -> func.HttpResponse:
    """Return an answer in JSON that must not be cached, since it is about a call."""
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        headers=ANSWER_HEADERS,
        mimetype="application/json",
    )


def headers_of(req: func.HttpRequest) -> dict[str, str]:
    """Return the request's headers with names in lower case."""
    return {name.lower(): value for name, value in req.headers.items()}


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
    """Return the call's id in the path, if it is one: anything else may be a phone number."""
    call_id = req.route_params.get("call_id")
    return call_id if call_id is not None and is_call_id(call_id) else None


def _failure(status: int, code: str, message: str) -> func.HttpResponse:
    return json_answer({"error": {"code": code, "message": message}}, status)
