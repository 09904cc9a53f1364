"""Check that every module of the domain is covered whole by its own test files alone.

Those of `rendering/vtt.py` are `test_rendering_vtt.py` and all `test_rendering_vtt_*.py`; a name
that fits two modules, like `test_call_events.py`, is that of the longer one.

Reads what `coverage run -m pytest tests/domain` has noted: tests/domain/conftest.py switches
coverage's context to the name of the test file.
"""

import sys
from io import StringIO
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

DOMAIN = Path(__file__).parents[2] / "callscribe" / "domain"
MODULES = {
    "_".join(path.relative_to(DOMAIN).with_suffix("").parts): path
    for path in sorted(DOMAIN.rglob("[!_]*.py"))
}
WHOLE = 100.0


def own_tests(name: str) -> str:
    """Return the pattern of a module's test files; those of a module with a longer name are not."""
    others = [other.removeprefix(name) for other in MODULES if other.startswith(f"{name}_")]
    not_theirs = "".join(f"(?!{other}(_|$))" for other in others)
    return f"^test_{name}{not_theirs}(_|$)"


def missing_from(coverage: Coverage, name: str) -> str:
    """Return the report on a module that its own test files do not cover whole, or nothing."""
    report = StringIO()
    module = str(MODULES[name])
    contexts = ["^$", own_tests(name)]
    try:
        covered = coverage.report(
            include=[module], contexts=contexts, file=report, show_missing=True
        )
    except NoDataError:
        return f"{module}: not measured\n"
    return "" if covered == WHOLE else report.getvalue()


def main() -> int:
    """Print what is missing; return 1 if anything is."""
    coverage = Coverage()
    coverage.load()
    missing = "".join(missing_from(coverage, name) for name in MODULES)
    sys.stdout.write(missing or f"{len(MODULES)} modules, each covered by its own tests\n")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
