"""One running app for all tests of its surface."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer, serving_acs
from tests.handlers.surface import ACCESS_KEY, KEY, OLD_ACCESS_KEY, Surface
from tests.handlers.wire import Call

# Nothing happens to a call by itself while a test looks at it, and nothing comes too late because
# the machine is busy.
LEISURE = {"FINISH_DELAY_SECONDS": "600"}
TIMES = {"answer_lease": 3_600, "answer_until": 3_600}


def surface_settings(acs: AcsPeer) -> dict[str, str]:
    """Return the app's settings for a test of its surface."""
    acs_settings = {
        "ACS_ENDPOINT": acs.url,
        "ACS_ISSUER": acs.url,
        "ACS_JWKS_URL": f"{acs.url}/calling/keys",
    }
    keys = {"FUNCTIONS_KEY": KEY, "WEBPUBSUB_ACCESS_KEY": f"{ACCESS_KEY},{OLD_ACCESS_KEY}"}
    return LEISURE | acs_settings | keys


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def acs() -> AsyncIterator[AcsPeer]:
    """Yield the ACS side."""
    async with serving_acs() as peer:
        yield peer


@asynccontextmanager
async def running_app(
    new_stack: Callable[..., Stack], acs: AcsPeer, **changes: str
) -> AsyncIterator[Surface]:
    """Yield a running app; whatever the tests did to it, its log must have kept its secrets."""
    settings = surface_settings(acs) | changes
    stack = new_stack(without=["acs"], overrides=settings, times=TIMES)
    keys = {"WEBPUBSUB_ACCESS_KEY": ACCESS_KEY, "WEBPUBSUB_SECONDARY_KEY": OLD_ACCESS_KEY}
    stack.web_pubsub.environ = {**(stack.web_pubsub.environ or {}), **keys}
    async with stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            surface = Surface(stack, acs, http, tables)
            yield surface
            assert surface.leaks() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(new_stack: Callable[..., Stack], acs: AcsPeer) -> AsyncIterator[Surface]:
    """Yield the usual app, which lets streams in by token."""
    async with running_app(new_stack, acs) as surface:
        yield surface


@pytest_asyncio.fixture(loop_scope="session")
async def call(app: Surface) -> Call:
    """Return a call that the app has answered, of one test alone."""
    return await app.ring()
