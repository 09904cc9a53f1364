"""Bodies that are too long never reach a function, and are kept nowhere."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from emulator.functions_host.body_size import USUAL, VARIABLE, limit
from emulator.functions_host.errors import AppError
from tests.emulator.functions_host.running_host import APPS, RunningHost

MOST = 10_000
PATH = "/api/echo/x"
WEBHOOK = "/runtime/webhooks/EventGrid?functionName=raw_event"
NOTIFIED = {"aeg-event-type": "Notification"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHost]:
    """Yield a host that takes short bodies only."""
    running = RunningHost(APPS / "web", tmp_path_factory.mktemp("short"), {VARIABLE: str(MOST)})
    try:
        await running.part.start()
        yield running
    finally:
        await running.part.stop()


async def sent(host: RunningHost, head: str, body: bytes = b"") -> bytes:
    """Send bytes as they are; return what is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", host.part.port)
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + body)
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    return answer


async def test_the_limit_itself_passes_and_one_byte_more_does_not(host: RunningHost) -> None:
    assert len((await host.request("POST", PATH, data=b"x" * MOST)).json()["body"]) == 2 * MOST
    answer = await host.request("POST", PATH, data=b"x" * (MOST + 1))
    assert (answer.status, answer.body) == (413, b"")


async def test_a_length_is_believed_before_anything_of_it_has_come(host: RunningHost) -> None:
    answer = await sent(host, f"Content-Length: {MOST + 1}\r\nConnection: close")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_is_longer_than_its_length_reaches_no_function(host: RunningHost) -> None:
    """What comes beyond the length is taken for the next request, and is none."""
    answer = await sent(host, "Content-Length: 2", b"ab" + b"c" * MOST)
    assert answer.split()[1] == b"400"
    assert b"6162" not in answer


@pytest.mark.parametrize(("parts", "status"), [(10, 200), (11, 413)])
async def test_a_body_without_a_length_is_counted_and_not_kept(
    host: RunningHost, parts: int, status: int
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(parts):
            yield b"x" * 1_000

    assert (await host.request("POST", PATH, data=chunks())).status == status


async def test_a_packed_body_reaches_the_function_as_it_was_sent(host: RunningHost) -> None:
    """So it can be no bomb: nobody unpacks it, and its length is that of what was sent."""
    packed = gzip.compress(b"x" * 10_000_000)
    headers = {"Content-Encoding": "gzip"}
    answer = await host.request("POST", PATH, data=packed, headers=headers)
    assert answer.json()["body"] == packed.hex()
    longer = packed.ljust(MOST + 1)
    assert (await host.request("POST", PATH, data=longer, headers=headers)).status == 413


async def test_the_webhook_takes_no_longer_ones_either(host: RunningHost) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1_000

    for body in (b" " * (MOST + 1), chunks()):
        assert (await host.request("POST", WEBHOOK, data=body, headers=NOTIFIED)).status == 413


@pytest.mark.parametrize("kind", ["length", "chunks"])
async def test_many_long_bodies_do_not_make_the_host_grow(host: RunningHost, kind: str) -> None:
    before = _peak(host.part.pid)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(1_000_000)

    async def post() -> int:
        body = io.BytesIO(bytes(40_000_000)) if kind == "length" else chunks()
        return (await host.request("POST", PATH, data=body)).status

    assert await asyncio.gather(*(post() for _ in range(6))) == [413] * 6
    assert _peak(host.part.pid) - before < 30_000


def _peak(pid: int) -> int:
    """Return the most memory that a process has had, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - no Path needed
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def test_without_the_setting_it_is_that_of_the_platform() -> None:
    assert limit({}) == USUAL
    assert limit({VARIABLE: ""}) == USUAL
    assert limit({VARIABLE: "2097152"}) == 2_097_152


@pytest.mark.parametrize("text", ["0", "-1", "2 MiB", "1e6", "\u0662"])
def test_a_limit_is_a_number_of_bytes(text: str) -> None:
    with pytest.raises(AppError, match=VARIABLE):
        limit({VARIABLE: text})
