"""How long a worker takes to load the app, beside loading the libraries that it needs for that."""

import asyncio
import json
import os
import sys

from bench.figures import Figure, Goal, interleaved, ratio
from bench.yard import Yard
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


async def measure(yard: Yard) -> list[Figure]:
    """Import the app in new processes, taking turns with importing its libraries alone."""
    loaded: list[str] = json.loads(await _python(yard, LOADED))
    libraries = "\n".join(f"import {name}" for name in loaded)

    async def ours() -> float:
        return float(await _python(yard, TIMED.format(imports="import function_app")))

    async def floor() -> float:
        return float(await _python(yard, TIMED.format(imports=libraries)))

    rounds = await interleaved(yard.scaled(15, 1), ours, floor)
    what = "Import of function_app ÷ import of the libraries that it loads"
    at_once, later = (
        ", ".join(name for name in LIBRARIES if (name in loaded) is now) for now in (True, False)
    )
    return [ratio(what, rounds, GOAL, f"at once: {at_once}; when first used: {later}")]


async def _python(yard: Yard, program: str) -> str:
    """Run a program in the project's folder with the app's settings; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        cwd=ROOT,
        env=os.environ | yard.stack.settings,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"a program to time an import ended with {process.returncode}")
    return printed.decode()
