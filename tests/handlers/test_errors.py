"""What senders and the log are told of an error, and what neither is."""

import json
import logging

import azure.functions as func
import pytest

from callscribe.foundation.errors import (
    BadInputError,
    CallscribeError,
    InProgressError,
    NotConfiguredError,
    NotFoundError,
    StorageUnavailableError,
    TelephonyRefusedError,
    UnauthorizedError,
)
from handlers.errors import LONGEST_MESSAGE, failed, refused

CALL_ID = "01JD0000000000000000000000"


def _request(call_id: str = CALL_ID) -> func.HttpRequest:
    route = {"call_id": call_id}
    return func.HttpRequest(method="GET", url="/api/x", route_params=route, body=b"")


def _message(error: CallscribeError) -> str:
    body, *_ = refused("handler", _request(), error)
    return str(json.loads(json.dumps(body))["error"]["message"])


def test_an_error_has_the_status_and_code_of_its_class() -> None:
    error = TelephonyRefusedError("GET: no such call", http_status=404)
    assert refused("handler", _request(), error) == (
        {"error": {"code": "telephonyRefused", "message": "GET: no such call"}},
        502,
        {},
    )


def test_what_else_is_known_is_told_as_well() -> None:
    error = TelephonyRefusedError("no", http_status=403)
    error.call_id, error.remedy = CALL_ID, "mend it"
    body, _, headers = refused("handler", _request(), error)
    assert body["error"] == {
        "code": "telephonyRefused",
        "message": "no",
        "callId": CALL_ID,
        "remedy": "mend it",
    }
    assert headers == {"Location": f"/api/calls/{CALL_ID}"}
    body, *_ = refused("handler", _request(), BadInputError("to: expected a number", "to"))
    assert body["error"] == {"code": "badInput", "message": "to: expected a number", "target": "to"}
    _, status, headers = refused("handler", _request(), InProgressError(CALL_ID))
    assert (status, headers["Retry-After"]) == (409, "1")


def test_no_message_grows_with_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    assert _message(BadInputError("x" * 5_000)) == "x" * LONGEST_MESSAGE
    assert json.loads(caplog.records[0].getMessage())["why"] == "x" * LONGEST_MESSAGE


def test_a_sender_is_not_told_which_check_failed_or_which_service_is_out() -> None:
    assert "audience" not in _message(UnauthorizedError("wrong audience"))
    assert "tables" not in _message(StorageUnavailableError("tables: 503"))
    assert "ACS_ENDPOINT" in _message(NotConfiguredError(["ACS_ENDPOINT"]))


@pytest.mark.parametrize(
    ("error", "level"),
    [(NotFoundError("no such call"), logging.INFO), (BadInputError("no JSON"), logging.WARNING)],
)
def test_what_anybody_can_cause_is_no_warning(
    caplog: pytest.LogCaptureFixture, error: CallscribeError, level: int
) -> None:
    caplog.set_level(logging.INFO)
    refused("handler", _request(), error)
    (record,) = caplog.records
    assert record.levelno == level
    line = json.loads(record.getMessage())
    assert (line["event"], line["callId"], line["function"]) == ("refused", CALL_ID, "handler")


def test_what_is_no_call_id_is_kept_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    failed("handler", _request("+14255550123"))
    assert "callId" not in json.loads(caplog.records[0].getMessage())
    assert "4255550123" not in caplog.text


@pytest.mark.parametrize(("user", "told"), [(CALL_ID, CALL_ID), ("+14255550123", None)])
def test_an_event_of_a_stream_is_told_by_the_call_that_it_is_of(
    caplog: pytest.LogCaptureFixture, user: str, told: str | None
) -> None:
    event = func.HttpRequest(
        method="POST", url="/api/stream", headers={"ce-userId": user}, body=b""
    )
    refused("stream_events", event, StorageUnavailableError("503"))
    assert json.loads(caplog.records[0].getMessage()).get("callId") == told
