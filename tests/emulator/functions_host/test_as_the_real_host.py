"""Requests and answers side by side with what was seen on the real host, 4.1037."""

import asyncio

import pytest

from emulator.functions_host import http_trigger
from tests.emulator.functions_host.running_host import RunningHost


async def status_of(host: RunningHost, head: bytes) -> int:
    """Send the beginning of a request as it is; return the status of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", host.part.port)
    writer.write(head + b"\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(60):
        line = await reader.readline()
        await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


async def test_names_of_a_query_are_the_same_in_any_case(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/echo/x?a=1&A=3&B=2")
    assert answer.json()["query"] == {"a": "1,3", "B": "2"}


@pytest.mark.parametrize("path", ["/api/text", "/api/shaped", "/api/odd/packed"])
async def test_an_answer_with_a_body_comes_in_chunks(web: RunningHost, path: str) -> None:
    answer = await web.request("GET", path)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers


async def test_a_client_of_http_1_0_gets_no_chunks(web: RunningHost) -> None:
    assert await status_of(web, b"GET /api/text HTTP/1.0\r\nHost: localhost") == 200


async def test_a_204_loses_its_body(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/odd/no-content")
    assert (answer.status, answer.body) == (204, b"")


async def test_encoding_policy_and_tag_of_an_answer_are_passed_on(web: RunningHost) -> None:
    packed = await web.request("GET", "/api/odd/packed")
    assert packed.body == b"tea"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Security-Policy"] == "default-src 'none'"
    unchanged = await web.request("GET", "/api/odd/unchanged")
    assert (unchanged.status, unchanged.headers["ETag"]) == (304, '"7"')


async def test_a_header_that_is_not_ascii_cannot_be_answered(web: RunningHost) -> None:
    answer = await web.request("GET", "/api/odd/header")
    assert (answer.status, answer.body) == (500, b"")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/echo/x HTTP/1.1\r\nHost: localhost", 200),
        (b"GET /api/echo/%00 HTTP/1.1\r\nHost: localhost", 400),
        (b"GET /api/echo/x HTTP/1.1\r\nHost: localhost\r\nX-Tea: Gr\xfcn", 400),
        (b"GET /api/echo/x HTTP/1.1\r\nHost: localhost\r\nX-Tea: Gr\xc3\xbcn", 200),
        (b"GET /api/echo/x HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400),
        (b"GET /api/echo/x HTTP/1.1", 400),
        (b"GET /away/../api/./echo/x HTTP/1.1\r\nHost: localhost", 200),
        (b"GET /away/%2e%2e/api/echo/x HTTP/1.1\r\nHost: localhost", 200),
    ],
)
async def test_the_front_takes_and_refuses_the_same_requests(
    web: RunningHost, head: bytes, status: int
) -> None:
    assert await status_of(web, head) == status


@pytest.mark.parametrize("path", ["/api/echo/*", "/api/echo/%2A"])
async def test_a_parameter_may_be_an_asterisk(web: RunningHost, path: str) -> None:
    assert (await web.request("GET", path)).json()["route"] == {"word": "*"}


async def test_a_packed_body_reaches_the_function_packed(web: RunningHost) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = await web.request("POST", "/api/echo/x", data=b"\x1f\x8b-not", headers=headers)
    assert answer.json()["body"] == b"\x1f\x8b-not".hex()


async def test_the_root_is_a_page_of_the_hosts_where_no_function_has_it(web: RunningHost) -> None:
    answer = await web.request("GET", "/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_with_a_prefix_that_begins_with_a_slash_there_are_no_routes_to_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The host starts, and each request fails."""
    assert http_trigger.routes_of([], "x/") is not None
    assert http_trigger.routes_of([], "/x/") is None
    assert "requests fail" in caplog.text


def test_the_page_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(http_trigger.NO_HOME_PAGE, "true")
    assert http_trigger.home_page().status == 204
