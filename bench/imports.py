"""The time in which a worker loads the app; baseline: loading the libraries that it imports."""

import asyncio
import json
import os
import sys

from bench.figures import Figure, Goal, interleaved, ratio
from bench.rig import Rig
from emulator.wiring import ROOT

GOAL = Goal(1.15)
LIBRARIES = (
    "aiohttp",
    "azure.communication.callautomation",
    "azure.core",
    "azure.data.tables",
    "azure.functions",
    "azure.identity",
    "azure.messaging.webpubsubservice",
    "azure.storage.queue",
    "cryptography",
    "jwt",
    "msgspec",
)
# Prints which modules of libraries the app has imported.
LOADED = """
import json, sys
import function_app
places = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(json.dumps([name for name, place in places.items() if "site-packages" in place]))
"""
TIMED = """
import time
began = time.perf_counter()
{imports}
print(time.perf_counter() - began)
"""


async def measure(rig: Rig) -> list[Figure]:
    """Import the app in new processes, in turns with importing its libraries alone."""
    loaded: list[str] = json.loads(await _python(rig, LOADED))
    libraries = "\n".join(f"import {name}" for name in loaded)

    async def ours() -> float:
        return float(await _python(rig, TIMED.format(imports="import function_app")))

    async def baseline() -> float:
        return float(await _python(rig, TIMED.format(imports=libraries)))

    rounds = await interleaved(rig.scaled(15, 1), ours, baseline)
    what = "Import of function_app ÷ import of the libraries that it loads"
    at_once, later = (
        ", ".join(name for name in LIBRARIES if (name in loaded) is now) for now in (True, False)
    )
    return [ratio(what, rounds, GOAL, f"at once: {at_once}; when first used: {later}")]


async def _python(rig: Rig, program: str) -> str:
    """Run a program with the app's settings; return what it prints."""
    # A process for each run: a module is loaded only once in a process.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        cwd=ROOT,
        env=os.environ | rig.stack.settings,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"a program to time an import ended with {process.returncode}")
    return printed.decode()
