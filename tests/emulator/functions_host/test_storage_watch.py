"""Storage that refuses connections: the host that runs, and the one that starts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.azurite import Azurite, connection_string
from emulator.functions_host.pace import Pace
from emulator.functions_host.storage_watch import Outage, StorageWatch, blob_address
from emulator.part import listens
from emulator.ports import free_ports
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import APPS, RunningHost, until


@pytest.fixture
async def storage() -> AsyncIterator["Storage"]:
    """Yield a storage that can be taken away."""
    storage = Storage()
    await storage.come()
    yield storage
    await storage.go()


class Storage:
    """Something that accepts connections where the blob service would be."""

    def __init__(self) -> None:
        self.port = free_ports().azurite
        self._server: asyncio.Server | None = None

    async def come(self) -> None:
        self._server = await asyncio.start_server(_close, "127.0.0.1", self.port)

    async def go(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def started(
    start_host: StartHost, storage: Storage, speed: str, **environ: str
) -> RunningHost:
    """Return a host with this storage, which waits for nothing else."""
    connection = connection_string(storage.port)
    return await start_host("web", AzureWebJobsStorage=connection, FUNCTIONS_SPEED=speed, **environ)


async def test_a_host_without_storage_first_refuses_and_then_ends(
    start_host: StartHost, storage: Storage, tmp_path: Path
) -> None:
    lock = tmp_path / "data" / "lock.json"
    host = await started(start_host, storage, "20", FUNCTIONS_DATA=str(lock.parent))
    await until(lock.exists)
    await storage.go()
    began = asyncio.get_running_loop().time()
    await until(lambda: "No more requests are accepted" in host.log)
    refused = asyncio.get_running_loop().time()
    await until(lambda: _refuses(host))
    assert host.part.running
    await until(lambda: not host.part.running)
    ended = asyncio.get_running_loop().time()
    # Never sooner than Azure would, at this pace; how much later is the machine's affair.
    assert refused - began > 25 / 20
    assert ended - began > 40 / 20
    assert host.log.splitlines()[-1] == (
        "functions: the host has ended: its storage refuses connections"
    )
    assert await asyncio.to_thread(lock.exists), "it could not be given back"


async def _refuses(host: RunningHost) -> bool:
    return not await listens(host.part.port)


async def test_storage_that_comes_back_in_time_ends_nothing(
    start_host: StartHost, storage: Storage
) -> None:
    host = await started(start_host, storage, "0.01")
    await storage.go()
    await until(lambda: "Storage refuses connections" in host.log)
    assert (await host.request("GET", "/api/text")).status == 200
    await storage.come()
    await until(lambda: "Storage answers again" in host.log)
    assert (await host.request("GET", "/api/text")).status == 200
    assert host.part.running


async def test_started_without_storage_it_answers_503_for_good(
    tmp_path: Path, storage: Storage
) -> None:
    await storage.go()
    host = RunningHost(
        APPS / "web",
        tmp_path,
        {"AzureWebJobsStorage": connection_string(storage.port), "FUNCTIONS_SPEED": "100"},
    )
    try:
        host.part.launch()
        await until(lambda: "The host does not run" in host.log)
        await storage.come()
        for path in ("/api/text", "/admin/host/status", "/runtime/webhooks/EventGrid", "/no"):
            answer = await host.request("GET", path)
            assert (answer.status, answer.body) == (503, b"Function host is not running.")
        await host.part.stop()
        await host.part.start()
        assert (await host.request("GET", "/api/text")).status == 200
    finally:
        await host.part.stop()


async def test_a_host_that_starts_waits_for_storage_a_while(
    tmp_path: Path, storage: Storage
) -> None:
    await storage.go()
    environ = {"AzureWebJobsStorage": connection_string(storage.port), "FUNCTIONS_SPEED": "0.01"}
    host = RunningHost(APPS / "web", tmp_path, environ)
    try:
        host.part.launch()
        await until(lambda: "Storage refuses connections" in host.log)
        await until(lambda: listens(host.part.port))
        request = asyncio.create_task(host.request("GET", "/api/text"))
        await storage.come()
        assert (await request).status == 200
    finally:
        await host.part.stop()


async def test_frozen_storage_refuses_nobody(tmp_path: Path) -> None:
    azurite = Azurite(tmp_path / "data", free_ports().azurite, log=tmp_path / "log")
    watch = StorageWatch(azurite.connection_string, Pace())
    assert await watch.refuses()
    await azurite.start()
    try:
        assert not await watch.refuses()
        azurite.freeze()
        assert not await watch.refuses()
    finally:
        azurite.thaw()
        await azurite.stop()


def test_an_outage_lasts_from_the_first_refusal_until_an_answer() -> None:
    outage = Outage()
    probes = [(0, False), (1, True), (11, True), (12, False), (20, True), (27, True)]
    lasted = [outage.observe(moment, refused=refused) for moment, refused in probes]
    assert lasted == [0, 0, 10, 0, 0, 7]


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        (connection_string(10000), ("127.0.0.1", 10000)),
        ("UseDevelopmentStorage=true", ("127.0.0.1", 10000)),
        ("AccountName=a;AccountKey=k==", ("a.blob.core.windows.net", 443)),
        ("AccountName=a;EndpointSuffix=example.net", ("a.blob.example.net", 443)),
        (
            "BlobEndpoint=http://storage.localhost/account;SharedAccessSignature=s",
            ("storage.localhost", 80),
        ),
    ],
)
def test_the_blob_service_is_found_in_the_connection_string(
    connection: str, address: tuple[str, int]
) -> None:
    assert blob_address(connection) == address
