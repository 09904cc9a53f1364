"""The table of retries tells each policy as it is, and its totals add up."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from callscribe.calls import effects
from callscribe.cloud import call_automation, signing_keys
from callscribe.foundation.deadline import LAST_TRY
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry
from callscribe.jobs import runner, watch
from callscribe.settings.settings import Times
from callscribe.storage import requests
from handlers.call_events import CALLBACK
from handlers.http import REQUEST
from handlers.incoming_call import DELIVERY
from handlers.stream_connect import CONNECT
from handlers.stream_events import STREAM
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


# What one try takes at most, and what ends the tries before their number does.
ONE_TRY = {
    "storage.requests.REQUEST": requests.LONGEST,
    "calls.effects.ONCE": effects.ASK,
    "cloud.call_automation.POLL": effects.ASK,
    "foundation.retry.STORAGE": requests.ALONE,
    "trust.verifying.KEYS": signing_keys.FETCH,
    "calls.answering.OUTCOME": TIMES.answer_until,
    "calls.answering.ANSWER": call_automation.READ,
    "jobs.runner.REPORT": runner.JOB,
    "jobs.runner.WAKE": runner.JOB,
}
ENDS = {
    "calls.effects.ONCE": effects.ASK,
    "cloud.call_automation.POLL": effects.ASK,
    "storage.requests.REQUEST": requests.ALONE,
    "calls.answering.ANSWER": TIMES.answer_until,
}
# What ends their tries is the deadline of the request that they are made for.
BY_DEADLINE = {"foundation.retry.STORAGE", "trust.verifying.KEYS"}


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
    total: float | None
    if name not in ONE_TRY or name in BY_DEADLINE or name.startswith("jobs."):
        total = None
    elif name in ENDS:
        total = ENDS[name]
    elif policy.attempts is not None:
        total = policy.pauses + policy.attempts * ONE_TRY[name]
    else:
        assert policy.until is not None
        total = policy.until + ONE_TRY[name]
    assert ROWS[name][5] == (NONE if total is None else f"{total:g} s")


def test_the_times_of_a_request_to_storage_are_told() -> None:
    text = section(PAGE, "Every retry, and how long it takes")
    limits = requests.Limits()
    assert f"waits {limits.row:g} s for an answer that concerns one row" in text
    assert f"a page up to {limits.page:g} s" in text
    assert f"tells storage how long that is ({requests.SERVICE:g} s at most)" in text
    assert f"{requests.ALONE:g} s where nobody has set a deadline" in text
    assert Seconds(1) == LAST_TRY
    assert "leaves a second for one last try" in text
    assert Seconds(3600) == signing_keys.FRESH
    assert Seconds(30) == signing_keys.COOLDOWN
    assert "older than an hour are fetched anew beside the work, every 30 s" in text


DEADLINES = {
    "a stream's event": STREAM,
    "its `connect`": CONNECT,
    "a callback": CALLBACK,
    "an event of Event Grid": DELIVERY,
    "any other request": REQUEST,
    "a round of the watch": watch.ROUND,
    "a job": runner.JOB,
}


def test_the_deadlines_are_told() -> None:
    told = ", ".join(f"{what} {span:g} s" for what, span in DEADLINES.items())
    assert f"Deadlines: {told}." in section(PAGE, "Every retry, and how long it takes")


def test_web_pubsub_may_call_four_times_while_it_waits() -> None:
    """It pauses for 1, 3 and 5 s, and waits 100 s in all."""
    assert 4 * STREAM + 1 + 3 + 5 < 100
