"""A host with keys, a disabled function, no prefix and few log lines: doors and switches."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.emulator.functions_host.running_host import APPS, RunningHost

WEBHOOK = "/runtime/webhooks/EventGrid?functionName=raw_event"
MASTER, FUNCTION, EVENT_GRID = "m4ster", "f3nction", "gr1d"
SETTINGS = {
    "FUNCTIONS_KEY": MASTER,
    "FUNCTIONS_FUNCTION_KEY": FUNCTION,
    "FUNCTIONS_EVENTGRID_KEY": EVENT_GRID,
    "AzureWebJobsDisableHomepage": "true",
    "AzureWebJobs.text.Disabled": "true",
    "AzureWebJobs.typed_event.Disabled": "1",
    "AzureFunctionsJobHost__extensions__http__routePrefix": "",
    "AzureFunctionsJobHost__logging__logLevel__default": "Warning",
}
# For each door what no key and each of the keys get, as the real host was seen to answer.
DOORS = {
    "/guarded": {"": 401, "wr0ng": 401, MASTER: 200, FUNCTION: 200},
    "/admin/functions": {"": 401, "wr0ng": 401, MASTER: 200, FUNCTION: 403, EVENT_GRID: 403},
    "/admin/host/status": {"": 401, "wr0ng": 401, MASTER: 200, FUNCTION: 403},
    WEBHOOK: {"": 401, "wr0ng": 401, MASTER: 400, FUNCTION: 403, EVENT_GRID: 400},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHost]:
    """Yield a host with all these settings."""
    running = RunningHost(APPS / "web", tmp_path_factory.mktemp("locked"), SETTINGS)
    try:
        await running.part.start()
        yield running
    finally:
        await running.part.stop()


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("how", ["header", "code", "CODE"])
async def test_a_door_opens_for_its_own_key_and_the_master_key(
    host: RunningHost, path: str, how: str
) -> None:
    for key, status in DOORS[path].items():
        headers = {"x-functions-key": key} if how == "header" else {}
        query = "" if how == "header" else f"{'&' if '?' in path else '?'}{how}={key}"
        answer = await host.request("GET", path + query, headers=headers)
        assert (answer.status, key) == (status, key)


async def test_the_handshake_wants_a_key_too(host: RunningHost) -> None:
    assert (await host.request("OPTIONS", WEBHOOK)).status == 401
    assert (await host.request("OPTIONS", f"{WEBHOOK}&code={EVENT_GRID}")).status == 200


async def test_what_is_anonymous_wants_none(host: RunningHost) -> None:
    assert (await host.request("GET", "/items/7")).status == 200


async def test_a_disabled_function_is_not_there(host: RunningHost) -> None:
    headers = {"x-functions-key": MASTER}
    assert (await host.request("GET", "/text")).status == 404
    gone = f"/runtime/webhooks/EventGrid?functionName=typed_event&code={MASTER}"
    assert (await host.request("POST", gone, json=[])).status == 404
    listed = (await host.request("GET", "/admin/functions", headers=headers)).json()
    off = {function["name"] for function in listed if function["isDisabled"]}
    assert off == {"text", "typed_event"}


async def test_the_root_is_a_functions_where_one_has_it(host: RunningHost) -> None:
    """https://github.com/Azure/azure-functions-host/issues/4638: no function has an empty route."""
    assert (await host.request("POST", "/")).body == b"root"
    assert (await host.request("GET", "/")).status == 204


async def test_at_the_level_warning_a_call_and_a_refusal_leave_nothing(host: RunningHost) -> None:
    before = host.log
    await host.request("GET", "/items/7")
    await host.request("GET", "/guarded", headers={"Authorization": "Bearer abc"})
    await host.request("GET", "/logs")
    assert host.log == before
