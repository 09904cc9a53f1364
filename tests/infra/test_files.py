"""Every Bicep file parses and keeps to the language's plain core."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree_sitter import Node

from tests.infra.bicep import FILES, INFRA, parse, read_all

OUTSIDE = ("import", "type_declaration", "user_defined_function", "spread", "assert", "test_block")
# Its stable version takes neither groups of categories nor a name: everybody uses the preview.
PREVIEW = "Microsoft.Insights/diagnosticSettings"

# $BICEP, where it is set, is the compiler.
GIVEN = os.environ.get("BICEP") or shutil.which("bicep")
COMPILER = [GIVEN] if GIVEN else ["az", "bicep"] if shutil.which("az") else None


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.named_children:
        yield from _nodes(child)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_parses(path: Path) -> None:
    root = parse(path)
    assert not root.has_error
    assert not [node for node in _nodes(root) if node.type.startswith(OUTSIDE)]


def test_api_versions_are_stable_and_one_for_each_type() -> None:
    kinds = {each.kind for file in read_all().values() for each in file.resources.values()}
    types = [kind.partition("@")[0] for kind in kinds]
    assert len(types) == len(set(types))
    assert {kind.partition("@")[0] for kind in kinds if "preview" in kind} == {PREVIEW}


def test_every_module_is_there_and_gets_the_parameters_it_has() -> None:
    files = read_all()
    for name in ("main", "wiring"):
        for module in files[name].modules.values():
            parameters = files[module.kind.removesuffix(".bicep")].parameters
            given = set(module.body["params"])
            assert given <= set(parameters), module.symbol
            needed = {key for key, parameter in parameters.items() if parameter.default is None}
            assert needed <= given, module.symbol


def test_every_module_is_used() -> None:
    used = {each.kind for file in read_all().values() for each in file.modules.values()}
    assert used == {path.relative_to(INFRA).as_posix() for path in INFRA.glob("modules/*")}


@pytest.mark.skipif(COMPILER is None, reason="no Bicep CLI on this machine")
@pytest.mark.parametrize("name", ["main", "wiring"])
@pytest.mark.parametrize("verb", ["build", "lint"])
def test_the_compiler_takes_it(name: str, verb: str) -> None:
    command = [*(COMPILER or []), verb]
    command += ["--file"] if "az" in command else []
    command += [str(INFRA / f"{name}.bicep")] + (["--stdout"] if verb == "build" else [])
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    # Warnings are where wrong properties show.
    assert done.stderr == "", done.stderr
    assert verb == "build" or done.stdout == "", done.stdout


@pytest.mark.skipif(COMPILER is None, reason="no Bicep CLI on this machine")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_written_as_the_compiler_writes_it(path: Path) -> None:
    command = [*(COMPILER or []), "format", *(["--file"] if "az" in (COMPILER or []) else [])]
    done = subprocess.run(  # noqa: S603
        [*command, str(path), "--stdout"], capture_output=True, text=True, check=True
    )
    assert done.stdout == path.read_text(encoding="utf-8")
