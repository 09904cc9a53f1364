"""What the documents' examples run against: real tables with known rows."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.azurite import Azurite
from tests.docs.story import Story

# What stands before the tables' names: other tests have a table Calls of their own.
PREFIX = "Documented"
TABLES = ("Calls", "ActiveCalls", "Participants", "Transcripts")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rows(azurite: Azurite) -> AsyncIterator[str]:
    """Yield the connection string of a storage account that holds the story's rows."""
    connection = azurite.connection_string
    async with (
        AsyncExitStack() as stack,
        TableServiceClient.from_connection_string(connection) as s,
    ):
        tables = {}
        for name in TABLES:
            client = s.get_table_client(PREFIX + name)
            tables[name] = await stack.enter_async_context(client)
        await Story(tables).tell()
        yield connection
