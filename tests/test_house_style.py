"""What CONTRIBUTING.md promises: short functions, files of one subject, and who is pure."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.own_coverage import acting, modules

ROOT = Path(__file__).parent.parent
PLACES = ("callscribe", "handlers", "emulator", "bench", "drills", "scripts", "tests")
LONGEST_FILE = 400
LONGEST_FUNCTION = 45

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def _sources(place: str) -> list[Path]:
    return [
        path for path in sorted((ROOT / place).rglob("*.py")) if "node_modules" not in path.parts
    ]


def _functions(path: Path) -> Iterator[Function]:
    """Yield all of them, methods and inner ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("place", PLACES)
def test_no_file_is_longer_than_one_subject_takes(place: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in _sources(place)
    }
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


@pytest.mark.parametrize("place", PLACES)
def test_functions_are_short(place: str) -> None:
    """Half of them have at most 14 lines, nine of ten at most 30, and none more than 45."""
    found = [(_length(each), each.name) for path in _sources(place) for each in _functions(path)]
    lengths = [length for length, _ in found]
    assert median(lengths) <= 14
    assert quantiles(lengths, n=10)[-1] <= 30
    assert [each for each in found if each[0] > LONGEST_FUNCTION] == []


def test_every_module_is_either_pure_or_acting() -> None:
    """import-linter knows no name patterns, so its contract lists the pure ones."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (pure,) = [each for each in contracts if each["name"].startswith("Pure modules")]
    assert sorted(pure["source_modules"] + acting()) == modules()
