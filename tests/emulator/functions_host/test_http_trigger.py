"""Requests to functions over HTTP, and their answers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from multidict import CIMultiDict

from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost


async def test_a_function_sees_the_request_as_it_was_sent(web: RunningHost) -> None:
    answer = await web.request(
        "PUT", "/api/echo/tea%20pot/7?a=1&empty=&a=2", data=b"\x00\xff", headers={"X-One": "1"}
    )
    seen = answer.json()
    assert seen["method"] == "PUT"
    assert seen["url"] == f"{web.part.url}/api/echo/tea%20pot/7?a=1&empty=&a=2"
    assert seen["headers"]["x-one"] == "1"
    assert seen["query"] == {"a": "1,2"}
    assert seen["route"] == {"word": "tea pot", "number": "7"}
    assert seen["body"] == "00ff"


async def test_a_parameter_may_hold_a_line_break(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/echo/two%0Alines")
    assert answer.json()["route"] == {"word": "two\nlines"}


async def test_repeated_headers_arrive_as_one(web: RunningHost) -> None:
    headers = CIMultiDict([("X-Two", "1"), ("X-Two", "2")])
    answer = await web.request("GET", "/api/echo/x", headers=headers)
    assert answer.json()["headers"]["x-two"] == "1,2"


async def test_a_chunked_body_does_not_reach_the_function(web: RunningHost) -> None:
    """The real host reads a body only when it has a Content-Length."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"lost"

    answer = await web.request("POST", "/api/echo/x", data=chunks())
    assert answer.json()["body"] == ""


async def test_an_answer_has_the_status_headers_cookies_and_bytes_given(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/shaped")
    assert (answer.status, answer.body) == (418, b"\xff\x00")
    assert answer.headers["X-Pot"] == "brown"
    assert answer.headers["Content-Type"] == "application/x-tea"
    assert answer.headers.getall("Set-Cookie") == [
        "a=1; max-age=60; path=/tea; httponly",
        "b=2; path=/; secure; samesite=lax",
    ]


async def test_a_charset_is_kept(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/latin")
    assert answer.headers["Content-Type"] == "text/plain; charset=iso-8859-1"
    assert answer.body.decode("latin-1") == "Grüße"


async def test_a_bare_text_is_an_answer(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/text")
    assert (answer.status, answer.body) == (200, b"bare")


async def test_an_exception_is_an_empty_500_and_a_stack_trace_in_the_log(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/broken")
    assert (answer.status, answer.body) == (500, b"")
    assert "Function 'broken' failed: RuntimeError: the pot is empty\nTraceback" in web.log


async def test_a_sync_function_runs_beside_the_event_loop(web: RunningHost) -> None:
    assert (await web.request("GET", "/api/threads")).body == b"pool"


async def test_the_app_logs_plain_lines(web: RunningHost) -> None:
    await web.request("GET", "/api/logs")
    assert '{"kettle": "on"}' in web.log.splitlines()


async def test_a_function_that_takes_too_long_is_ended(start_host: StartHost) -> None:
    host = await start_host("web", AzureFunctionsJobHost__functionTimeout="00:00:01")
    answer = await host.request("GET", "/api/slow/3600")
    assert answer.status == 500
    assert "Timeout value of 1 s was exceeded by 'slow'" in host.log


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/parcels", 201),
        ("GET", "/api/parcels", 200),
        ("GET", "/api/parcels/", 200),
        ("GET", "/API/Parcels", 200),
        ("DELETE", "/api/parcels", 404),
        ("HEAD", "/api/parcels", 404),
        ("OPTIONS", "/api/parcels", 404),
        ("GET", "/parcels", 404),
        ("GET", "/api/echo/x/seven", 404),
        ("GET", "/api", 404),
        ("GET", "/", 200),
    ],
)
async def test_only_a_known_method_and_path_finds_a_function(
    web: RunningHost, method: str, path: str, status: int
) -> None:
    assert (await web.request(method, path)).status == status


async def test_the_first_function_by_name_wins(web: RunningHost) -> None:
    assert (await web.request("GET", "/api/items/recent")).body == b"item recent"


async def test_requests_beyond_the_limits_wait_or_are_refused(start_host: StartHost) -> None:
    host = await start_host(
        "web",
        AzureFunctionsJobHost__extensions__http__maxConcurrentRequests="1",
        AzureFunctionsJobHost__extensions__http__maxOutstandingRequests="2",
        AzureFunctionsJobHost__extensions__http__routePrefix="",
    )
    calls = [asyncio.create_task(host.request("GET", "/held/limit")) for _ in range(3)]
    refused, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    assert [call.result().status for call in refused] == [429]
    host.release("limit")
    answers = await asyncio.gather(*waiting)
    assert [answer.status for answer in answers] == [200, 200]
    order = [note["what"] for note in host.notes("held started", "held ended")]
    assert order == ["held started", "held ended"] * 2
