"""Azurite as a part: what survives a stop, what a freeze looks like, and who cleans up."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.data.tables.aio import TableServiceClient

from emulator.azurite import Azurite
from emulator.part import PartFailedError
from emulator.ports import free_ports
from emulator.serving import PortTakenError

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def own_azurite(tmp_path: Path) -> AsyncIterator[Azurite]:
    part = Azurite(tmp_path / "data", free_ports().azurite, log=tmp_path / "azurite.log")
    # On a busy machine saving may take longer than a stack waits for it.
    part.grace_seconds = 60
    try:
        await part.start()
        yield part
    finally:
        await part.stop()


async def _write(part: Azurite, rows: int) -> None:
    async with TableServiceClient.from_connection_string(part.connection_string) as service:
        table = await service.create_table_if_not_exists("Kept")
        for row in range(rows):
            await table.upsert_entity({"PartitionKey": "p", "RowKey": f"{row:03d}"})


async def _rows(part: Azurite) -> list[str]:
    async with TableServiceClient.from_connection_string(part.connection_string) as service:
        table = service.get_table_client("Kept")
        return [row["RowKey"] async for row in table.list_entities()]


async def test_a_stop_keeps_every_acknowledged_row(own_azurite: Azurite) -> None:
    await _write(own_azurite, 20)
    await own_azurite.stop()
    assert not own_azurite.running
    await own_azurite.start()
    assert await _rows(own_azurite) == [f"{row:03d}" for row in range(20)]


async def test_a_kill_frees_the_ports_at_once(own_azurite: Azurite) -> None:
    own_azurite.kill()
    assert not own_azurite.running
    own_azurite.check_ports()


async def test_a_frozen_azurite_answers_nothing_until_it_is_thawed(azurite: Azurite) -> None:
    await _write(azurite, 1)
    azurite.freeze()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_rows(azurite), 0.3)
    finally:
        azurite.thaw()
    assert await asyncio.wait_for(_rows(azurite), 60) == ["000"]


async def test_a_frozen_azurite_can_be_stopped(own_azurite: Azurite) -> None:
    own_azurite.freeze()
    await own_azurite.stop()
    assert not own_azurite.running


async def test_it_does_not_start_twice(azurite: Azurite) -> None:
    with pytest.raises(PartFailedError, match="azurite is already running"):
        await azurite.start()


async def test_a_taken_port_is_named_with_its_variable(azurite: Azurite, tmp_path: Path) -> None:
    second = Azurite(tmp_path, azurite.port)
    with pytest.raises(PortTakenError, match=rf"port {azurite.port} is taken.*AZURITE_PORT"):
        await second.start()


async def test_the_shared_one_answers(azurite: Azurite) -> None:
    assert await azurite.answers()


async def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    part = Azurite(tmp_path, free_ports().azurite)
    script = f"""
import asyncio, pathlib, sys
from emulator.azurite import Azurite
asyncio.run(Azurite(pathlib.Path({str(tmp_path)!r}), {part.port}).start())
print("up", flush=True)
sys.stdin.read()
"""
    pipe = asyncio.subprocess.PIPE
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdin=pipe, stdout=pipe, cwd=ROOT
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"up\n"
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(60):
        await _ports_are_free(part)


async def _ports_are_free(part: Azurite) -> None:
    while True:
        try:
            part.check_ports()
        except PortTakenError:
            await asyncio.sleep(0.02)
        else:
            return
