"""Check that every module of the domain is covered whole by its own test file alone.

That of `rendering/vtt.py` is `test_rendering_vtt.py`.

Reads what `coverage run -m pytest tests/domain` has noted: tests/domain/conftest.py switches
coverage's context to the name of the test file.
"""

import sys
from io import StringIO
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

DOMAIN = Path(__file__).parents[2] / "callscribe" / "domain"
WHOLE = 100.0


def missing_from(coverage: Coverage, module: Path) -> str:
    """Return the report on a module that its own test file does not cover whole, or nothing."""
    report = StringIO()
    name = "_".join(module.relative_to(DOMAIN).with_suffix("").parts)
    contexts = ["^$", f"^test_{name}$"]
    try:
        covered = coverage.report(
            include=[str(module)], contexts=contexts, file=report, show_missing=True
        )
    except NoDataError:
        return f"{module}: not measured\n"
    return "" if covered == WHOLE else report.getvalue()


def main() -> int:
    """Print what is missing; return 1 if anything is."""
    coverage = Coverage()
    coverage.load()
    modules = sorted(DOMAIN.rglob("[!_]*.py"))
    missing = "".join(missing_from(coverage, module) for module in modules)
    sys.stdout.write(missing or f"{len(modules)} modules, each covered by its own tests\n")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
