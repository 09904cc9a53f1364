"""An app that is not configured, as who deploys it sees it: through the functions host."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from tests.handlers.acs_peer import AcsPeer
from tests.handlers.conftest import surface_settings
from tests.handlers.surface import KEY, Surface
from tests.handlers.wire import assert_refused, incoming

pytestmark = pytest.mark.asyncio(loop_scope="session")
# Its storage is wrong as well, so that the host cannot even listen to the queue.
WRONG = {
    "TranscriptStorage": "secret storage",
    "ACS_ENDPOINT": "secret-endpoint",
    "AzureFunctionsJobHost__extensions__queues__messageEncoding": "none",
}
NAMES = ["TranscriptStorage", "ACS_ENDPOINT", "host.json extensions.queues.messageEncoding"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(acs: AcsPeer, new_stack: Callable[..., Stack]) -> AsyncIterator[Surface]:
    """Yield an app to which three things that are wrong were told."""
    without = ["azurite", "web-pubsub", "acs"]
    # The host's own storage is another one: without that it would not run, and answer nothing.
    overrides = surface_settings(acs) | WRONG | {"AzureWebJobsStorage": ""}
    async with new_stack(without=without, overrides=overrides) as stack:
        http = aiohttp.ClientSession()
        tables = TableServiceClient.from_connection_string(stack.azurite.connection_string)
        async with http, tables:
            yield Surface(stack, acs, http, tables)


async def test_health_names_all_that_is_wrong_at_once(app: Surface) -> None:
    answer = await app.request("GET", "/api/health")
    assert answer.status == 503
    told = answer.json()
    assert told["status"] == "notConfigured"
    assert [problem.partition(":")[0] for problem in told["problems"]] == NAMES


async def test_a_route_answers_503_in_the_one_shape(app: Surface) -> None:
    message = assert_refused(await app.api("/api/calls"), 503, "notConfigured")
    assert all(name in message for name in NAMES)


async def test_a_delivery_of_event_grid_fails_so_that_it_comes_again(app: Surface) -> None:
    assert (await app.deliver(incoming())).status == 500


async def test_each_run_of_the_timer_leaves_a_line_and_so_does_the_start(app: Surface) -> None:
    before = len(app.logged("notConfigured"))
    assert before >= 1
    answer = await app.request(
        "POST",
        "/admin/functions/reconcile?wait=true",
        json={},
        headers={"x-functions-key": KEY},
    )
    assert answer.status == 200
    lines = app.logged("notConfigured")
    assert len(lines) > before
    assert [problem.partition(":")[0] for problem in lines[-1]["problems"]] == NAMES


async def test_no_value_is_shown(app: Surface) -> None:
    answers = [await app.request("GET", path) for path in ("/api/health", "/api/stream")]
    assert not any(b"secret" in answer.body for answer in answers)
    assert not any("secret" in line for line in app.log_lines())
