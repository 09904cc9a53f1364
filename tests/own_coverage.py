"""Check that every pure module is covered whole by its own test files alone.

Those of `callscribe/trust/tokens.py` are `tests/trust/test_tokens.py` and all
`test_tokens_*.py` beside it; a name that fits two modules is that of the longer one.

    python tests/own_coverage.py list     the test files of all pure modules
    python tests/own_coverage.py          after `coverage run -m pytest` of those files

tests/conftest.py switches coverage's context to the path of the test file.
"""

import sys
import tomllib
from io import StringIO
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

ROOT = Path(__file__).parents[1]
WHOLE = 100.0


def modules() -> list[str]:
    """Return all modules of the app, by their dotted names."""
    found = (ROOT / "callscribe").rglob("*.py")
    names = (path.relative_to(ROOT).with_suffix("") for path in found if path.stem != "__init__")
    return sorted(".".join(name.parts) for name in names)


def acting() -> list[str]:
    """Return the modules that act: pyproject.toml lists them."""
    listed: list[str] = _project()["acting"]
    return listed


def covered() -> list[str]:
    """Return the modules that their own tests cover whole."""
    acts = set(acting())
    return [name for name in modules() if name not in acts] + _project()["covered_too"]


def own_tests(name: str) -> list[Path]:
    """Return a module's test files; those of a module with a longer name are not."""
    room, _, last = name.removeprefix("callscribe.").rpartition(".")
    folder = ROOT / "tests" / Path(*room.split("."))
    prefix = f"callscribe.{room}.{last}_"
    longer = [other.rpartition(".")[2] for other in modules() if other.startswith(prefix)]
    files = [folder / f"test_{last}.py", *folder.glob(f"test_{last}_*.py")]
    taken = [f"test_{each}" for each in longer]
    return sorted(
        path
        for path in files
        if path.exists()
        and not any(path.stem == each or path.stem.startswith(f"{each}_") for each in taken)
    )


def context_of(path: Path) -> str:
    """Return the name under which coverage notes what a test file runs."""
    return str(path.relative_to(ROOT / "tests").with_suffix(""))


def missing_from(coverage: Coverage, name: str) -> str:
    """Return the report on a module that its own test files do not cover whole, or nothing."""
    report = StringIO()
    module = str(ROOT / Path(*name.split(".")).with_suffix(".py"))
    contexts = ["^$", *(f"^{context_of(path)}$" for path in own_tests(name))]
    try:
        found = coverage.report(include=[module], contexts=contexts, file=report, show_missing=True)
    except NoDataError:
        return f"{name}: not measured\n"
    return "" if found == WHOLE else report.getvalue()


def main(arguments: list[str]) -> int:
    """Print what is missing; return 1 if anything is."""
    if arguments == ["list"]:
        files = {str(path.relative_to(ROOT)) for name in covered() for path in own_tests(name)}
        sys.stdout.write("\n".join(sorted(files)) + "\n")
        return 0
    coverage = Coverage()
    coverage.load()
    missing = "".join(missing_from(coverage, name) for name in covered())
    sys.stdout.write(missing or f"{len(covered())} modules, each covered by its own tests\n")
    return int(bool(missing))


def _project() -> dict[str, list[str]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: dict[str, list[str]] = tomllib.load(file)["tool"]["callscribe"]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
