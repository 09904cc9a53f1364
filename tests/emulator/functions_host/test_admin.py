"""The host's own routes under /admin."""

import pytest

from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost


async def test_the_host_says_that_it_runs(web: RunningHost) -> None:
    answer = await web.request("GET", "/admin/host/status")
    assert answer.status == 200
    assert answer.json()["state"] == "Running"
    assert answer.json()["process"] == web.part.pid
    [worker] = answer.json()["workers"]
    assert worker != web.part.pid


async def test_functions_are_listed_with_their_bindings(web: RunningHost) -> None:
    functions = (await web.request("GET", "/admin/functions")).json()
    bindings = {function["name"]: function["config"]["bindings"] for function in functions}
    assert bindings["raw_event"] == [
        {"direction": "IN", "type": "eventGridTrigger", "name": "event"}
    ]
    shown = (await web.request("GET", "/admin/functions/Raw_Event")).json()
    assert shown["name"] == "raw_event"


async def test_a_timer_fires_by_hand(web: RunningHost) -> None:
    before = len(web.notes("yearly"))
    answer = await web.request("POST", "/admin/functions/yearly", json={"input": ""})
    assert (answer.status, answer.body) == (202, b"")
    await web.noted("yearly", before + 1)


async def test_an_event_is_given_by_hand(web: RunningHost) -> None:
    body = {"input": '{"id": "by hand"}'}
    answer = await web.request("POST", "/admin/functions/raw_event?wait=true", json=body)
    assert answer.status == 200
    assert '{"id":"by hand"}' in [note["event"] for note in web.notes("raw event")]


@pytest.mark.parametrize("how", ["query", "header"])
async def test_the_answer_waits_for_the_end_when_asked(web: RunningHost, how: str) -> None:
    path = "/admin/functions/raw_event" + ("?wait=true" if how == "query" else "")
    headers = {"Prefer": "wait"} if how == "header" else {}
    body = {"input": '{"fail": true}'}
    answer = await web.request("POST", path, json=body, headers=headers)
    assert answer.status == 500
    assert answer.json()["error"]["message"] == "RuntimeError: asked to fail"


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"input": "not an event"}'])
async def test_what_cannot_be_given_to_a_function_is_400(web: RunningHost, body: bytes) -> None:
    answer = await web.request("POST", "/admin/functions/raw_event", data=body)
    assert answer.status == 400


async def test_unknown_functions_are_404(web: RunningHost) -> None:
    assert (await web.request("GET", "/admin/functions/nobody")).status == 404
    answer = await web.request("POST", "/admin/functions/nobody", json={"input": ""})
    assert answer.status == 404


async def test_what_is_not_emulated_says_so(web: RunningHost) -> None:
    assert (await web.request("POST", "/admin/host/restart")).status == 501
    answer = await web.request("POST", "/admin/functions/echo", json={"input": ""})
    assert answer.status == 501


async def test_a_failing_timer_keeps_the_host_up(start_host: StartHost) -> None:
    host = await start_host("web", YEARLY_FAILS="1")
    await host.noted("yearly")
    answer = await host.request("POST", "/admin/functions/yearly?wait=true", json={"input": ""})
    assert answer.status == 500
    assert (await host.request("GET", "/admin/host/status")).status == 200
