"""Index an app as Microsoft's runtime does, in a fresh process."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.ports import Ports
from emulator.wiring import stack_settings

ROOT = Path(__file__).parent.parent
SCRIPT = """
import asyncio, json, sys
from pathlib import Path
from emulator.functions_host import worker

indexed = asyncio.run(worker.load(Path(sys.argv[1])))
functions = {function.name: function.bindings for function in indexed.functions}
places = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
print(json.dumps({"functions": functions, "modules": places}))
"""


def index(
    app: Path, python: Path, harness: Path = ROOT, settings: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the runtime found in `app`, and the modules that were loaded, with their files.

    `harness` is the folder that holds the emulator, which drives the runtime. The settings are
    those of the local stack, unless told others.
    """
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(harness)}
    finished = subprocess.run(  # noqa: S603 (our own command line)
        [python, "-c", SCRIPT, app],
        env=environ | (stack_settings(Ports()) if settings is None else dict(settings)),
        cwd=app,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return found
