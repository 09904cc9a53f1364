"""A host without a key is for this machine alone, and its log quotes nobody."""

import asyncio

import pytest

from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost, until

ELSEWHERE = [
    {"Host": "evil.example"},
    {"Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
]
WEBHOOK = "/runtime/webhooks/EventGrid?functionName=raw_event"
SECRET = "eyJhbGciOi-a-token-that-nobody-may-read"


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
async def test_without_a_key_other_sites_get_nowhere(
    web: RunningHost, headers: dict[str, str]
) -> None:
    for path in ("/admin/functions", "/admin/host/status", "/admin/host/ping"):
        assert (await web.request("GET", path, headers=headers)).status == 403
    fired = await web.request("POST", "/admin/functions/yearly", json={}, headers=headers)
    assert fired.status == 403
    for path in ("/api/guarded", WEBHOOK):
        assert (await web.request("GET", path, headers=headers)).status == 401
    # ACS and Web PubSub reach anonymous functions by whatever name a tunnel has.
    assert (await web.request("GET", "/api/text", headers=headers)).status == 200


async def test_with_a_key_it_is_the_key_that_counts(start_host: StartHost) -> None:
    host = await start_host("web", FUNCTIONS_KEY="s3cret")
    elsewhere = {"Host": "tunnel.example", "x-functions-key": "s3cret"}
    assert (await host.request("GET", "/api/guarded", headers=elsewhere)).status == 200
    assert (await host.request("GET", "/admin/functions", headers=elsewhere)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        f"Authorization: Bearer {SECRET}{'x' * 40_000}",
        f"Authorization: Bearer {SECRET}\x01",
        f"Authorization: Bearer {SECRET}\r\nBad {SECRET}",
        f"Content-Length: {SECRET}",
        f"Transfer-Encoding: chunked\r\n\r\n{SECRET}",
        "x" * 100 + f": {SECRET}\x00",
    ],
    ids=lambda text: text[:30],
)
async def test_of_what_cannot_be_read_no_value_is_logged(web: RunningHost, headers: str) -> None:
    before = len(web.log)
    reader, writer = await asyncio.open_connection("127.0.0.1", web.part.port)
    request = f"POST /api/echo/x HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"
    writer.write(request.encode("latin-1"))
    async with asyncio.timeout(60):
        assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await until(lambda: "could not be read" in web.log[before:])
    assert SECRET not in web.log
    assert "Bearer" not in web.log


async def test_a_header_of_20_kb_is_taken(web: RunningHost) -> None:
    """As the real host takes it: what is too long for the app, the app refuses."""
    answer = await web.request("GET", "/api/echo/x", headers={"X-Long": "x" * 20_000})
    assert len(answer.json()["headers"]["x-long"]) == 20_000
