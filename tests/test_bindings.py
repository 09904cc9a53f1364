"""The functions as Microsoft's runtime indexes them, and the files that the host reads beside them.

A change here is a change of what is deployed: routes that ACS and Web PubSub were told, names that
subscriptions deliver to, who gets in without a key.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from callscribe.settings.settings import load
from emulator.acs.settings import DEFAULT_ACCESS_KEY
from emulator.azurite import connection_string
from emulator.functions_host.log_levels import LogLevels
from emulator.ports import Ports
from tests.indexing import ROOT, index

Bindings = list[dict[str, Any]]
CALL = "api/calls/{call_id}"
ROUTE = "api/routes/{participant}"


def _http(route: str, *methods: str, level: str = "FUNCTION") -> Bindings:
    trigger = {"direction": "IN", "type": "httpTrigger", "name": "req", "methods": list(methods)}
    trigger |= {"authLevel": level, "route": route}
    return [trigger, {"direction": "OUT", "type": "http", "name": "$return"}]


def _other(kind: str, name: str, **fields: str) -> Bindings:
    return [{"direction": "IN", "type": kind, "name": name} | fields]


FUNCTIONS = {
    "incoming_call": _other("eventGridTrigger", "event"),
    "call_events": _http("api/callbacks/{call_id}", "POST", level="ANONYMOUS"),
    "stream_events": _http("api/stream", "OPTIONS", "GET", "POST", level="ANONYMOUS"),
    "list_calls": _http("api/calls", "GET"),
    "place_call": _http("api/calls", "POST"),
    "show_call": _http(CALL, "GET"),
    "hang_up": _http(f"{CALL}/hangup", "POST"),
    "control_transcription": _http(f"{CALL}/transcription/{{action}}", "POST"),
    "label_call": _http(f"{CALL}/labels", "PUT"),
    "end_call": _http(f"{CALL}/end", "POST"),
    "new_stream_address": _http(f"{CALL}/stream", "POST"),
    "list_routes": _http("api/routes", "GET"),
    "show_route": _http(ROUTE, "GET"),
    "put_route": _http(ROUTE, "PUT"),
    "delete_route": _http(ROUTE, "DELETE"),
    "show_transcript": _http(f"{CALL}/transcript", "GET"),
    "watch_call": _http(f"{CALL}/live", "POST"),
    "run_job": _other("queueTrigger", "msg", queueName="jobs", connection="TranscriptStorage"),
    "reconcile": _other("timerTrigger", "timer", schedule="*/15 * * * * *"),
    "sweep": _other("timerTrigger", "timer", schedule="0 41 3 * * *"),
    "health": _http("api/health", "GET", level="ANONYMOUS"),
}


def _read(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def functions() -> dict[str, Bindings]:
    found: dict[str, Bindings] = index(ROOT, Path(sys.executable))["functions"]
    return found


def test_there_are_these_functions_and_no_others(functions: dict[str, Bindings]) -> None:
    assert list(functions) == list(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_bound_as_it_was_announced(functions: dict[str, Bindings], name: str) -> None:
    assert functions[name] == FUNCTIONS[name]


def test_routes_are_written_out_because_the_host_adds_no_prefix() -> None:
    host = _read("host.json")
    assert host["version"] == "2.0"
    assert host["extensions"]["http"] == {"routePrefix": ""}


def test_queues_are_asked_often_and_messages_come_back_soon() -> None:
    assert _read("host.json")["extensions"]["queues"] == {
        "maxPollingInterval": "00:00:02",
        "visibilityTimeout": "00:00:30",
        "messageEncoding": "base64",
    }


def test_after_a_hard_kill_the_timer_runs_again_within_half_a_minute() -> None:
    """Its lock is the dead host's until it expires: 71 s were seen with the defaults, 27 s so."""
    assert _read("host.json")["singleton"] == {
        "listenerLockPeriod": "00:00:15",
        "listenerLockRecoveryPollingInterval": "00:00:15",
    }


def test_the_extensions_are_those_of_the_fourth_bundle() -> None:
    assert _read("host.json")["extensionBundle"] == {
        "id": "Microsoft.Azure.Functions.ExtensionBundle",
        "version": "[4.*, 5.0.0)",
    }


def test_the_platform_logs_what_people_look_at_and_nothing_of_each_frame() -> None:
    """Levels as they were tried on the real host; Azure's SDK lines are warnings, and too many."""
    assert _read("host.json")["logging"]["logLevel"] == {
        "default": "Warning",
        "Azure": "Error",
        "Host.Aggregator": "Information",
        "Function": "Information",
        "Function.stream_events": "Warning",
        "Function.stream_events.User": "Information",
        "Function.call_events": "Warning",
        "Function.call_events.User": "Information",
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_apps_own_lines_pass_whatever_function_writes_them(name: str) -> None:
    """Alerts ask for lines of the level Information too."""
    levels = LogLevels.parse(_read("host.json")["logging"]["logLevel"])
    assert levels.of(f"Function.{name}.User") == logging.INFO


def test_lines_are_never_sampled_and_requests_are() -> None:
    """Alerts are built on single lines: none may be left out."""
    sampling = _read("host.json")["logging"]["applicationInsights"]["samplingSettings"]
    assert set(sampling["excludedTypes"].split(";")) == {"Exception", "Trace"}
    assert sampling["isEnabled"]
    assert sampling["maxTelemetryItemsPerSecond"] == 1


def test_the_example_of_local_settings_is_the_local_stacks_own() -> None:
    values, ports = _read("local.settings.json.example")["Values"], Ports()
    assert values["FUNCTIONS_WORKER_RUNTIME"] == "python"
    settings = load(values)
    assert settings.storage_connection == connection_string(ports.azurite)
    assert values["AzureWebJobsStorage"] == settings.storage_connection
    assert settings.acs_endpoint == settings.acs_issuer == f"http://localhost:{ports.acs}"
    assert settings.acs_jwks_url == f"http://localhost:{ports.acs}/calling/keys"
    assert settings.acs_access_key == DEFAULT_ACCESS_KEY
    assert settings.webpubsub_endpoint == f"http://localhost:{ports.web_pubsub}"
    assert settings.callback_base_url == f"http://localhost:{ports.functions}"
    assert settings.dial_allow == ("+",)
