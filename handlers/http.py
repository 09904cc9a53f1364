"""What all HTTP handlers share: the one error shape, and answers that nobody may cache."""

import functools
import json
from collections.abc import Awaitable, Callable, Mapping

import azure.functions as func

from callscribe import log
from callscribe.domain.errors import CallscribeError

Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]
NO_STORE = {"Cache-Control": "no-store"}


def answering_errors(handler: Handler) -> Handler:
    """Turn what the app raises into its status and `{"error": {"code", "message"}}`."""

    @functools.wraps(handler)
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        try:
            return await handler(req)
        except CallscribeError as error:
            return _failure(error.status, error.code, str(error))
        except Exception:  # noqa: BLE001 - the last resort: no stack trace leaves the app
            log.error("unexpected", function=handler.__name__)
            return _failure(500, "internal", "something went wrong; it has been logged")

    return answer


def json_answer(body: Mapping[str, object], status: int = 200) -> func.HttpResponse:
    """Answer with JSON that must not be cached: it is about a call."""
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        headers=NO_STORE,
        mimetype="application/json",
    )


def headers_of(req: func.HttpRequest) -> dict[str, str]:
    """Return the request's headers with names in lower case."""
    return {name.lower(): value for name, value in req.headers.items()}


def _failure(status: int, code: str, message: str) -> func.HttpResponse:
    return json_answer({"error": {"code": code, "message": message}}, status)
