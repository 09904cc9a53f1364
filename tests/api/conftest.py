"""A running app whose tables hold the calls of the documents' story."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.api.running import KEY, Api
from tests.docs.story import Story

TABLES = {
    "Calls": "Calls",
    "Transcripts": "Transcripts",
    "Participants": "Participants",
    # Not the app's own: it would ask ACS about the call that goes on, and end it.
    "ActiveCalls": "ActiveCallsOfTheStory",
}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(new_stack: Callable[..., Stack]) -> AsyncIterator[Api]:
    """Yield the running app; its doors want the key."""
    stack = new_stack(overrides={"FUNCTIONS_KEY": KEY})
    async with stack:
        await _tell_story(stack.azurite.connection_string)
        yield Api(f"http://localhost:{stack.ports.functions}")


async def _tell_story(connection: str) -> None:
    async with (
        AsyncExitStack() as stack,
        TableServiceClient.from_connection_string(connection) as service,
    ):
        tables = {}
        for name, called in TABLES.items():
            tables[name] = await stack.enter_async_context(service.get_table_client(called))
        await Story(tables).tell()
