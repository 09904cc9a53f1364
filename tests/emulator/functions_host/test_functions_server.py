"""The host as a process: apps that cannot be served, and how it ends."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from emulator.part import PartFailedError
from tests.emulator.functions_host.conftest import StartHost
from tests.emulator.functions_host.running_host import RunningHost

HEAD = "import azure.functions as func\napp = func.FunctionApp()\n"
ROUTE = '@app.route(route="{route}")\ndef f(req: func.HttpRequest) -> func.HttpResponse: ...\n'

BROKEN_APPS = {
    "f: a binding of type queue is not emulated": HEAD
    + '@app.queue_output(arg_name="o", queue_name="q", connection="")\n'
    + ROUTE.format(route="x").replace("(req", "(o: func.Out[str], req"),
}


async def test_an_app_that_cannot_be_served_ends_the_host_with_the_reason(tmp_path: Path) -> None:
    printed = await asyncio.gather(
        *(_refused(_written(tmp_path / str(n), app)) for n, app in enumerate(BROKEN_APPS.values()))
    )
    for log, message in zip(printed, BROKEN_APPS, strict=True):
        assert f"functions: {message}" in log


async def test_an_app_that_raises_while_it_is_loaded_has_no_functions_and_every_route_is_404(
    start_host: StartHost, tmp_path: Path
) -> None:
    """The real host says nothing; this one says why."""
    app = HEAD + ROUTE.format(route="api/calls") + 'raise ValueError("settings are missing: TEA")\n'
    host = await start_host(_written(tmp_path / "app", app))
    assert (await host.request("GET", "/admin/host/status")).json()["state"] == "Running"
    assert (await host.request("GET", "/admin/functions")).json() == []
    assert (await host.request("GET", "/api/calls")).status == 404
    assert (await host.deliver("incoming_call", [])).status == 404
    assert "ValueError: settings are missing: TEA" in host.log
    assert "runs without any function, as the real one does" in host.log


async def test_a_reserved_route_takes_that_function_alone(
    start_host: StartHost, tmp_path: Path
) -> None:
    """`runtimeX` is reserved too: the host compares texts."""
    app = HEAD + "".join(
        ROUTE.format(route=route)
        .replace("def f", f"def {name}")
        .replace("...", "return func.HttpResponse()")
        for name, route in (("a", "/admin/f"), ("r", "runtimeX/f"), ("f", "x"))
    )
    host = await start_host(_written(tmp_path / "app", app))
    assert "Function 'a' is not served: its route admin/f conflicts" in host.log
    assert "Function 'r' is not served: its route runtimeX/f conflicts" in host.log
    statuses = [(await host.request("GET", path)).status for path in ("/runtimeX/f", "/x")]
    assert statuses == [404, 200]


async def test_so_has_one_that_declares_none(start_host: StartHost, tmp_path: Path) -> None:
    host = await start_host(_written(tmp_path / "app", HEAD))
    assert (await host.request("GET", "/admin/functions")).json() == []
    assert "no functions were found" in host.log


def _written(folder: Path, app: str) -> Path:
    folder.mkdir()
    (folder / "function_app.py").write_text(app, encoding="utf-8")
    (folder / "host.json").write_text(
        '{"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}', encoding="utf-8"
    )
    return folder


async def _refused(folder: Path) -> str:
    """Start a host with an app that it cannot serve, and return what it has printed."""
    host = RunningHost(folder, folder, {})
    try:
        with pytest.raises(PartFailedError, match="exit code 1"):
            await host.part.start()
    finally:
        await host.part.stop()
    return host.log


async def test_a_queue_that_cannot_be_reached_by_its_settings_leaves_the_other_functions(
    tmp_path: Path,
) -> None:
    """As the real host starts partially; the log says which function is not called, and why."""
    queue = '@app.queue_trigger(arg_name="m", queue_name="q", connection="{tea}")\n'
    apps = [
        HEAD + queue.format(tea="Tea") + "def g(m: str) -> None: ...\n" + ROUTE.format(route="x"),
        HEAD + queue.format(tea="BAD") + "def g(m: str) -> None: ...\n" + ROUTE.format(route="x"),
    ]
    for number, app in enumerate(apps):
        folder = _written(tmp_path / str(number), app)
        host = RunningHost(folder, folder, {"BAD": "no connection string"})
        try:
            await host.part.start()
            log = host.log
        finally:
            await host.part.stop()
        assert "The listener for function 'g' was unable to start: " in log


async def test_the_reason_is_the_apps_own_and_names_where_its_settings_come_from(
    start_host: StartHost, tmp_path: Path
) -> None:
    app = "def make() -> None:\n    raise ValueError('no tea')\nmake()\n"
    log = (await start_host(_written(tmp_path / "app", app))).log
    frames = [line.split(",")[0] for line in log.splitlines() if line.startswith("  File")]
    assert frames == [f'  File "{tmp_path / "app" / "function_app.py"}"'] * 2
    assert "of no file, which FUNCTIONS_SETTINGS would name.\n" in log


async def test_an_app_that_is_not_there_is_said_without_a_traceback(tmp_path: Path) -> None:
    host = RunningHost(tmp_path / "nowhere", tmp_path, {})
    with pytest.raises(PartFailedError):
        await host.part.start()
    await host.part.stop()
    assert host.log == (
        f"functions: FUNCTIONS_APP: {tmp_path / 'nowhere'}: No such file or directory\n"
    )


async def test_a_taken_port_is_named_with_its_variable(web: RunningHost) -> None:
    command = [sys.executable, "-m", "emulator", "functions"]
    child = await asyncio.create_subprocess_exec(
        *command, env=web.part.environ, stderr=asyncio.subprocess.PIPE
    )
    _, printed = await child.communicate()
    assert child.returncode == 1
    assert "FUNCTIONS_PORT" in printed.decode().splitlines()[-1]


async def test_what_is_in_flight_may_end_before_the_host_does(start_host: StartHost) -> None:
    host = await start_host("web")
    call = asyncio.create_task(host.request("GET", "/api/held/stop"))
    await host.noted("held started")
    await host.stop_while_held("stop")
    assert (await call).body == b"at last"


async def test_a_function_that_never_ends_does_not_keep_the_host_up(start_host: StartHost) -> None:
    """Not even one in a thread, which nobody can end."""
    host = await start_host(
        "web", AzureFunctionsJobHost__functionTimeout="01:00:00", FUNCTIONS_SPEED="100"
    )
    call = asyncio.create_task(host.request("GET", "/api/stuck/3600"))
    await host.noted("stuck started")
    await host.part.stop()
    with pytest.raises(aiohttp.ClientError):
        await call
    assert "Function 'stuck' still runs, and is cut off" in host.log
