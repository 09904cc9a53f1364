"""What HTTP handlers share, where no request can show it: a bug of ours."""

import json
from collections.abc import Iterator

import azure.functions as func
import pytest

from callscribe import bootstrap
from callscribe.foundation.deadline import current
from callscribe.foundation.errors import TelephonyRefusedError
from emulator.ports import Ports
from emulator.wiring import stack_settings
from handlers.http import REQUEST, answering_errors

# Whatever is asked of an app that is not configured is 503.
pytestmark = pytest.mark.usefixtures("configured")
CALL_ID = "01JD0000000000000000000000"
WORDS = "The codeword is heliotrope."


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a process with the local stack's settings."""
    for name, value in stack_settings(Ports()).items():
        monkeypatch.setenv(name, value)
    bootstrap.worker.cache_clear()
    yield
    bootstrap.worker.cache_clear()


@answering_errors
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise LookupError(WORDS + req.method)


@answering_errors
async def unable(req: func.HttpRequest) -> func.HttpResponse:
    raise TelephonyRefusedError(f"{req.method}: no such call", http_status=404)


@answering_errors
async def in_time(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"{req.method}: {0 < current().left <= REQUEST}")


def _request() -> func.HttpRequest:
    route = {"call_id": CALL_ID}
    return func.HttpRequest(method="GET", url="/api/x", route_params=route, body=b"")


async def test_a_bug_is_a_500_in_the_one_shape_and_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = await broken(_request())
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.get_body()) == {
        "error": {"code": "internal", "message": "something went wrong; it has been logged"}
    }
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    assert (line["event"], line["callId"], line["function"]) == ("unexpected", CALL_ID, "broken")
    assert "heliotrope" not in caplog.text


async def test_an_error_has_the_status_and_code_of_its_class() -> None:
    answer = await unable(_request())
    assert answer.status_code == 502
    assert json.loads(answer.get_body())["error"]["code"] == "telephonyRefused"


async def test_what_storage_is_asked_for_ends_with_the_request() -> None:
    assert (await in_time(_request())).get_body() == b"GET: True"
