"""What all HTTP handlers share: errors become answers, and no answer is cached."""

import functools
import json
from collections.abc import Awaitable, Callable, Mapping

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation.bounds import (
    LONGEST_MESSAGE_BODY,
    LONGEST_REQUEST_BODY,
    check_sizes,
)
from callscribe.foundation.deadline import Deadline, within
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import Seconds
from handlers.errors import failed, refused

Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]
# What was said on a call belongs in no cache, and is nothing that a browser should run:
# https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
ANSWER_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NO_HEADERS: Mapping[str, str] = {}
# The longest that storage may take to execute one page of a query:
# https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
REQUEST = Seconds(30)


def answering_errors(handler: Handler, longest_body: int = LONGEST_REQUEST_BODY) -> Handler:
    """Turn what a handler raises into its status and `{"error": {"code", "message"}}`; log it.

    No handler is called for a request that is too long (413), nor while the app is not configured:
    each is answered 503 then. What a handler asks of storage ends with the request's deadline,
    unless it sets an earlier one.
    """

    @functools.wraps(handler)
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        try:
            check_sizes(req.headers, req.get_body(), longest_body)
            worker()
            with within(Deadline.after(REQUEST)):
                return await handler(req)
        except CallscribeError as error:
            return json_answer(*refused(handler.__name__, req, error))
        except Exception:  # noqa: BLE001 - the last resort: no stack trace leaves the app
            return json_answer(*failed(handler.__name__, req))

    return answer


# For the routes of ACS and Web PubSub: bodies may be as long as their messages.
taking_messages = functools.partial(answering_errors, longest_body=LONGEST_MESSAGE_BODY)


def json_answer(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] = NO_HEADERS
) -> func.HttpResponse:
    """Return an answer in JSON that must not be cached, since it is about a call."""
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        headers={**ANSWER_HEADERS, **headers},
        mimetype="application/json",
    )


def headers_of(req: func.HttpRequest) -> dict[str, str]:
    """Return the request's headers with names in lower case."""
    return {name.lower(): value for name, value in req.headers.items()}
