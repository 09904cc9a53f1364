"""The door before a port."""

import asyncio

import pytest

from drills.relay import Relay
from emulator.ports import free_ports


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
    writer.close()


type Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _say(connection: Connection, line: bytes) -> bytes:
    connection[1].write(line)
    return await connection[0].readline()


async def _is_cut(connection: Connection) -> bool:
    """Wait for the end of a connection, in whichever form the system tells it."""
    try:
        return await connection[0].readline() == b""
    except ConnectionError:
        return True
    finally:
        connection[1].close()


async def test_it_passes_on_until_it_is_shut_and_once_it_is_open_again() -> None:
    port = free_ports().azurite
    async with await asyncio.start_server(_echo, "127.0.0.1", port + 1):
        relay = Relay(port, port + 1)
        await relay.open()
        first = await asyncio.open_connection("127.0.0.1", port)
        assert await _say(first, b"one\n") == b"one\n"

        await relay.shut()
        assert await _is_cut(first)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)

        await relay.open()
        second = await asyncio.open_connection("127.0.0.1", port)
        assert await _say(second, b"two\n") == b"two\n"
        second[1].close()
        await relay.shut()


async def test_it_cuts_where_nobody_listens_behind_it() -> None:
    port = free_ports().azurite
    relay = Relay(port, port + 1)
    await relay.open()

    assert await _is_cut(await asyncio.open_connection("127.0.0.1", port))
    await relay.shut()
