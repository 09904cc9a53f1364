"""A whole stack on free ports for the tests of one file.

The app asks and reports soon after what happened. Whatever a busy machine could miss is long:
no answer comes too late, no lease expires, and nothing is taken for lost, because a process waits
for its turn.
"""

from collections.abc import AsyncIterator, Callable, Mapping

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.e2e.accounts import verify_unanswered
from tests.e2e.discretion import assert_discreet
from tests.e2e.world import PATIENCE, World, eventually

SOON = {
    "FINISH_DELAY_SECONDS": "1",
    "EVENT_GRID_RETRY_SECONDS": "1,2,4",
    "ACS_RING_SECONDS": "300",
    "FUNCTIONS_QUEUE_LEASE": "10",
}
# A busy machine has the time that the app really has: no lease expires meanwhile.
TIMES = {"answer_lease": 60, "answer_until": 240}
UNANSWERED = ("ringing", "missed")


@pytest.fixture(scope="module")
def overrides() -> Mapping[str, str]:
    """Return the settings that a file's stack has besides; files override this."""
    return {}


@pytest.fixture(scope="module")
def times() -> Mapping[str, float]:
    """Return the spans that a file's stack has besides, none of them a setting."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    new_stack: Callable[..., Stack], overrides: Mapping[str, str], times: Mapping[str, float]
) -> AsyncIterator[World]:
    """Yield a running stack and the clients to look at it.

    At its end all calls must add up, and its log must have kept its secrets.
    """
    stack = new_stack(overrides=SOON | dict(overrides), times=TIMES | dict(times))
    # Azurite that is stopped saves what it was given: it is not killed before it has done so.
    stack.azurite.grace_seconds = PATIENCE
    async with stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            world = World(stack, http, tables)
            yield world
            await _check_every_call(world)
            await assert_discreet(stack, tables)


async def _check_every_call(world: World) -> None:
    """Hold the promise for every call that a file's tests rang, whatever else they looked at."""
    unanswered, answered = set[str](), set[str]()
    for call in await world.acs("GET", "calls"):
        connected = any(each["type"] == "CallConnected" for each in call["callbacks"])
        never = call["state"] in UNANSWERED or not connected
        (unanswered if never else answered).add(call["id"])
    wrong = await world.settle(answered, PATIENCE)
    assert not wrong, wrong

    async def missed() -> None:
        found = await world.evidences(unanswered)
        assert found.keys() == unanswered - world.left_alone
        for evidence in found.values():
            verify_unanswered(evidence)

    await eventually(missed)
