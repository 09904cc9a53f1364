"""Bytes of log: ours counted, the platform's by the rules of `host.json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.counting import kind
from bench.log_bytes import ENVELOPE_BYTES, REQUEST_BYTES, TRACE_BYTES, call_log, sampled_requests

OURS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "host.json").read_text(encoding="utf-8")
)
LINE = '{"event": "callRings", "callId": "x"}'
TWO = (
    "info: Function.run_job[1]\n      Executing 'Functions.run_job' (Reason='…', Id=1)\n"
    "info: Function.run_job[2]\n      Executed 'Functions.run_job' (Succeeded, Id=1)\n"
)


def test_a_line_of_ours_is_a_record_and_so_are_the_two_of_a_call() -> None:
    found = call_log(f"listens on\n{LINE}\n{TWO}{LINE}\n", OURS, executions=700, seconds=300)
    assert found.own_lines == 2
    assert found.own == 2 * (ENVELOPE_BYTES + len(LINE))
    assert found.platform == 2 * TRACE_BYTES
    assert found.whole == found.own + found.platform


def test_with_the_levels_of_before_each_frame_was_a_request_of_its_own() -> None:
    """Nothing was sampled, since `Request` was excluded."""
    sampling = {"isEnabled": True, "excludedTypes": "Request;Exception;Trace"}
    before = {
        "logLevel": {"default": "Information"},
        "applicationInsights": {"samplingSettings": sampling},
    }
    found = call_log("", {"logging": before}, executions=700, seconds=300)
    assert found.platform == 700 * REQUEST_BYTES


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"isEnabled": True, "excludedTypes": "Exception", "maxTelemetryItemsPerSecond": 1}, 60),
        ({"isEnabled": True}, 1_200),
        ({"isEnabled": False}, 5_000),
        ({"excludedTypes": "Trace;Request"}, 5_000),
    ],
)
def test_sampling_bounds_the_requests_of_a_minute(settings: dict[str, Any], sent: int) -> None:
    section = {"logLevel": {}, "applicationInsights": {"samplingSettings": settings}}
    assert sampled_requests(section, 5_000, 60) == sent


def test_ours_sends_no_request_that_succeeds() -> None:
    assert sampled_requests(OURS["logging"], 5_000, 60) == 0


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("GET", "/acc/Calls(PartitionKey='1',RowKey='2')", "read Calls"),
        ("GET", "/acc/Calls()", "query Calls"),
        ("POST", "/acc/Transcripts", "insert Transcripts"),
        ("PATCH", "/acc/Calls(PartitionKey='1',RowKey='2')", "save Calls"),
        ("DELETE", "/acc/ActiveCalls(PartitionKey='1',RowKey='2')", "delete ActiveCalls"),
        ("POST", "/acc/$batch", "insert $batch"),
        ("GET", "/acc/jobs/messages", "poll jobs"),
        ("POST", "/acc/jobs/messages", "send jobs"),
        ("DELETE", "/acc/jobs/messages/7", "settle jobs"),
    ],
)
def test_requests_are_told_apart(method: str, path: str, what: str) -> None:
    assert kind(method, path) == what
