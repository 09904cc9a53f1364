"""An app that is not configured: all its functions are there, and each says so in its own way."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from callscribe import bootstrap
from callscribe.foundation.errors import NotConfiguredError
from emulator.ports import Ports
from emulator.wiring import stack_settings
from function_app import app as function_app
from tests.indexing import ROOT, index
from tests.test_bindings import FUNCTIONS

CALL_ID = "01JD0000000000000000000000"
PATH = {"call_id": CALL_ID, "action": "start"}
WRONG = {
    "ACS_ENDPOINT": "secret-endpoint",
    "FINISH_DELAY_SECONDS": "86400",
    "AzureFunctionsJobHost__extensions__queues__messageEncoding": "none",
}
NAMES = ["ACS_ENDPOINT", "FINISH_DELAY_SECONDS", "host.json extensions.queues.messageEncoding"]
PROBLEMS = [
    "ACS_ENDPOINT: expected an http or https address",
    "FINISH_DELAY_SECONDS: expected seconds, from 1 to 600",
    "host.json extensions.queues.messageEncoding: expected base64, which is how jobs are written",
]
BY_HTTP = [name for name, (trigger, *_) in FUNCTIONS.items() if trigger["type"] == "httpTrigger"]
USER_FUNCTIONS: dict[str, Callable[..., Any]] = {
    str(each.get_function_name()): each.get_user_function() for each in function_app.get_functions()
}


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a process that is told three things that are wrong."""
    for name, value in {**stack_settings(Ports()), **WRONG}.items():
        monkeypatch.setenv(name, value)
    bootstrap.worker.cache_clear()
    yield
    bootstrap.worker.cache_clear()


def _request(method: str = "POST") -> func.HttpRequest:
    return func.HttpRequest(method=method, url="/api/x", route_params=PATH, body=b"")


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records]


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("name", [name for name in BY_HTTP if name != "health"])
async def test_every_route_answers_503_and_names_what_is_wrong(name: str) -> None:
    answer = await USER_FUNCTIONS[name](_request())
    assert answer.status_code == 503
    error = json.loads(answer.get_body())["error"]
    assert error["code"] == "notConfigured"
    assert error["message"] == f"the app is not configured; wrong or missing: {', '.join(NAMES)}"


@pytest.mark.usefixtures("wrong")
async def test_a_validation_of_the_streams_address_is_refused_too() -> None:
    answer = await USER_FUNCTIONS["stream_events"](_request("OPTIONS"))
    assert answer.status_code == 503


@pytest.mark.usefixtures("wrong")
async def test_health_says_what_is_expected_and_shows_no_value() -> None:
    answer = await USER_FUNCTIONS["health"](_request("GET"))
    assert answer.status_code == 503
    assert json.loads(answer.get_body()) == {"status": "notConfigured", "problems": PROBLEMS}


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("event", ["{}", "no JSON"])
async def test_an_event_of_event_grid_is_to_be_delivered_again(event: str) -> None:
    with pytest.raises(NotConfiguredError):
        await USER_FUNCTIONS["incoming_call"](event)


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("body", [b'{"kind":"finish","callId":"x","attempt":0}', b"no JSON"])
async def test_a_job_is_to_be_tried_again(body: bytes) -> None:
    with pytest.raises(NotConfiguredError):
        await USER_FUNCTIONS["run_job"](func.QueueMessage(body=body))


@pytest.mark.usefixtures("wrong")
async def test_the_timer_logs_it_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    await USER_FUNCTIONS["reconcile"](None)
    assert _lines(caplog) == [{"event": "notConfigured", "problems": PROBLEMS}]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        dict.fromkeys(stack_settings(Ports()), "☃"),
        {"AzureFunctionsJobHost__extensions__http__routePrefix": "api"},
    ],
    ids=["nothing", "nonsense", "a prefix"],
)
def test_whatever_is_set_the_functions_are_there(environ: dict[str, str]) -> None:
    """The real host would have none of them otherwise, answer 404 to everything, and be silent."""
    found = index(ROOT, Path(sys.executable), settings=environ)["functions"]
    assert list(found) == list(FUNCTIONS)
