"""The table of retries tells each policy as it is, and its totals add up."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from callscribe.cloud import call_automation, signing_keys, transport
from callscribe.foundation.retry import Retry
from callscribe.settings.settings import Times
from tests.docs.markdown import ROOT, code_in, section, table
from tests.fakes.settings import settings

PAGE = ROOT / "docs/architecture.md"
ROWS = {
    code_in(row[1])[0]: row for row in table(section(PAGE, "Every retry, and how long it takes"))
}
NONE = "·"
TIMES: Times = settings().times


def _policy(name: str) -> Retry:
    module, _, constant = name.rpartition(".")
    found = getattr(import_module(f"callscribe.{module}"), constant)
    assert isinstance(found, Retry)
    return found


def _span(policy: Retry) -> str:
    longest = "" if policy.longest == policy.first else f" to {policy.longest:g}"
    return f"{policy.first:g}{longest} s"


def _declared() -> set[str]:
    """Return where the app declares policies, by module and name."""
    found = set()
    for path in (ROOT / "callscribe").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT / "callscribe").with_suffix("").parts)
        found |= {f"{module}.{name}" for name in _policies_in(path)}
    return found


def _policies_in(path: Path) -> list[str]:
    return [
        ast.unparse(node.targets[0])
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Retry(")
    ]


def _tables_in_all() -> float:
    return transport.TABLES.pauses + 4 * transport.READ


# What one try takes at most, and what ends the tries where no number of them does.
ONE_TRY = {
    "cloud.transport.TABLES": transport.READ,
    "cloud.transport.QUEUES": transport.READ,
    "cloud.call_automation.POLL": call_automation.READ,
    "foundation.retry.STORAGE": _tables_in_all(),
    "trust.verifying.KEYS": signing_keys.FETCH,
    "calls.answering.OUTCOME": TIMES.answer_until,
    "calls.answering.ANSWER": call_automation.READ,
}
ENDS = {
    "foundation.retry.STORAGE": TIMES.storage_patience,
    "trust.verifying.KEYS": TIMES.storage_patience,
    "calls.answering.ANSWER": TIMES.answer_until,
}


def test_every_policy_of_the_app_is_in_the_table() -> None:
    assert set(ROWS) == _declared()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_policy_is_told_as_it_is(name: str) -> None:
    policy, row = _policy(name), ROWS[name]
    assert row[2] == (NONE if policy.attempts is None else str(policy.attempts))
    assert row[3] == _span(policy)
    assert row[4] == (f"{ONE_TRY[name]:g} s" if name in ONE_TRY else NONE)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_total_adds_up(name: str) -> None:
    policy = _policy(name)
    if name not in ONE_TRY:
        total = None
    elif policy.attempts is not None:
        total = policy.pauses + policy.attempts * ONE_TRY[name]
    elif policy.until is not None:
        total = policy.until + ONE_TRY[name]
    else:
        total = ENDS[name]
    assert ROWS[name][5] == (NONE if total is None else f"{total:g} s")


def test_a_request_in_all_adds_up() -> None:
    """A frame waits for keys, its row, and its connection's row or a job."""
    most = 3 * TIMES.storage_patience
    text = section(PAGE, "Every retry, and how long it takes")
    assert text.count(f"{most:g} s at most") == 1
    assert f"keys, row and job: {most:g} s" in text
