"""The deployable package: what `.funcignore` leaves, on what `requirements.txt` installs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pathspec
import pytest

from emulator.ports import Ports
from emulator.wiring import stack_settings
from tests.indexing import ROOT, index

DEPLOYED = {"callscribe", "function_app.py", "handlers", "host.json", "requirements.txt"}
# What costs a cold start and is needed by some functions only.
NOT_AT_THE_START = (
    "azure.communication",
    "azure.core",
    "azure.data",
    "azure.identity",
    "azure.messaging",
    "azure.storage",
    "cryptography",
    "jwt",
)
IDENTITY = {
    "TranscriptStorage": "",
    "TranscriptStorage__accountName": "transcripts",
    "ACS_ENDPOINT": "https://acs.example",
    "ACS_ACCESS_KEY": "",
}
EVERYTHING = """
import asyncio, importlib, os, pkgutil
import callscribe, handlers
from callscribe.bootstrap import Worker
from callscribe.settings.settings import load

for package in (callscribe, handlers):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)

async def make():
    worker = Worker(load(os.environ))
    made = [name for name in dir(Worker) if not name.startswith("__")]
    parts = [getattr(worker, name) for name in made]
    await worker.close()
    print(len(parts))

asyncio.run(make())
"""


def _left(folder: Path, ignored: pathspec.PathSpec[Any]) -> Iterator[str]:
    """Yield the files that are deployed, as paths from the root."""
    for entry in sorted(folder.iterdir()):
        path = entry.relative_to(ROOT).as_posix()
        if ignored.match_file(f"{path}/" if entry.is_dir() else path):
            continue
        if entry.is_dir():
            yield from _left(entry, ignored)
        else:
            yield path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what is deployed into a folder of its own."""
    target = tmp_path_factory.mktemp("package")
    lines = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    for path in _left(ROOT, pathspec.PathSpec.from_lines("gitignore", lines)):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target / path)
    return target


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Path:
    """Install the package's requirements alone, as Azure does, and return that Python."""
    home = tmp_path_factory.mktemp("environment")
    uv = _run("sh", ROOT / "scripts" / "setup.sh", "uv").strip()
    _run(uv, "venv", "--python", sys.executable, home)
    found = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    requirements = package / "requirements.txt"
    _run(uv, "pip", "install", "--require-hashes", "--python", found, "-r", requirements)
    return found


@pytest.fixture(scope="module")
def indexed(package: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Index the package; the emulator that drives the runtime comes from elsewhere."""
    harness = tmp_path_factory.mktemp("harness")
    leave = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(ROOT / "emulator", harness / "emulator", ignore=leave)
    return index(package, python, harness)


def _run(*command: str | Path, **environ: str) -> str:
    finished = subprocess.run(  # noqa: S603 (our own command lines)
        command, capture_output=True, text=True, env=os.environ | environ, timeout=600, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_app_is_deployed_and_nothing_else(package: Path) -> None:
    assert {entry.name for entry in package.iterdir()} == DEPLOYED
    kinds = {path.suffix for path in package.rglob("*") if path.is_file()}
    assert kinds == {".py", ".json", ".txt"}


def test_no_deployed_file_names_what_stays_behind(package: Path) -> None:
    pattern = re.compile(
        r"^\s*(?:from|import) (?:emulator|tests|bench|drills|infra)\b", re.MULTILINE
    )
    naming = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert naming == []


def test_the_runtime_finds_the_same_functions_in_it(indexed: Any) -> None:
    assert indexed["functions"] == index(ROOT, Path(sys.executable))["functions"]


def test_all_of_the_app_was_loaded_from_it(indexed: Any, package: Path) -> None:
    own = [
        file
        for name, file in indexed["modules"].items()
        if name.partition(".")[0] in ("callscribe", "handlers", "function_app")
    ]
    assert own
    assert [file for file in own if not Path(file).is_relative_to(package)] == []


def test_starting_loads_no_sdk_that_only_some_functions_need(indexed: Any) -> None:
    loaded = [
        name
        for name in indexed["modules"]
        if any(name == heavy or name.startswith(f"{heavy}.") for heavy in NOT_AT_THE_START)
    ]
    assert loaded == []


@pytest.mark.parametrize("by", ["key", "identity"])
def test_every_part_of_the_app_can_be_made_from_it(package: Path, python: Path, by: str) -> None:
    """What is imported at first use is installed too."""
    changes = IDENTITY if by == "identity" else {}
    environ = stack_settings(Ports(), changes) | {"PYTHONPATH": str(package), "PYTHONSAFEPATH": "1"}
    assert int(_run(python, "-c", EVERYTHING, **environ)) > 10


def test_every_requirement_is_pinned_with_its_hash_and_names_no_registry(package: Path) -> None:
    text = (package / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + re.sub(r"(?m)^\s*#.*\n", "", text))[1:]
    assert len(entries) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert [entry for entry in entries if "==" not in entry] == []
    assert "://" not in re.sub(r"#.*", "", text)
    assert "azure-functions-runtime==1.3.0" in text
