"""`FUNCTIONS_HOST=func`, tried with a stand-in for the Core Tools, which are not installed here."""

import os
import sys
from pathlib import Path

import pytest

from emulator.part import PartFailedError
from tests.emulator.functions_host.running_host import RunningHost, until

STAND_IN = """#!{python}
import os, signal, sys, time
print("stand-in", *sys.argv[1:], os.getcwd(), os.environ["WEBSITE_HOSTNAME"], flush=True)
time.sleep(float(os.environ["STAND_IN_SECONDS"]))
sys.exit(3)
"""


def _host(folder: Path, seconds: float) -> RunningHost:
    func = folder / "func"
    func.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
    func.chmod(0o755)
    environ = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "FUNCTIONS_HOST": "func"}
    return RunningHost(folder, folder, environ | {"STAND_IN_SECONDS": str(seconds)})


async def test_func_start_runs_in_the_app_s_folder_until_it_is_told_to_stop(tmp_path: Path) -> None:
    host = _host(tmp_path, 60)
    host.part.launch()
    try:
        port = host.part.port
        started = f"stand-in start --port {port} {tmp_path} localhost:{port}"
        await until(lambda: started in host.log)
    finally:
        await host.part.stop()
    assert "ended by itself" not in host.log


async def test_func_start_that_ends_by_itself_is_an_error(tmp_path: Path) -> None:
    host = _host(tmp_path, 0)
    try:
        with pytest.raises(PartFailedError, match="exit code 1"):
            await host.part.start()
    finally:
        await host.part.stop()
    assert "`func start` ended by itself with exit code 3" in host.log


async def test_without_the_core_tools_the_reason_is_named(tmp_path: Path) -> None:
    host = RunningHost(tmp_path, tmp_path, {"FUNCTIONS_HOST": "func", "PATH": str(tmp_path)})
    try:
        with pytest.raises(PartFailedError, match="exit code 1"):
            await host.part.start()
    finally:
        await host.part.stop()
    assert "there is no `func` on the PATH" in host.log
