"""Alerts ask for events and fields that the code writes, and each is explained."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from callscribe.calls.call import State
from tests.docs.markdown import code_in, section, table
from tests.infra.bicep import predicted

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/operating.md"
QUERY_RULES = "Microsoft.Insights/scheduledQueryRules"
SUFFIX = predicted("plain").only("Microsoft.Web/sites").name.removeprefix("func-")
# Every query begins so: where the platform puts the app's lines.
LINES = (
    'AppTraces | where Message startswith "{" | extend line = parse_json(Message)'
    " | extend event = tostring(line.event) | where "
)
WANTED = {
    "not-configured": {"notConfigured"},
    "unanswered-calls": {"callOver"},
    "transcription-out": {"transcriptionOut"},
    "quarantined-frames": {"frameQuarantined"},
    "stream-errors": {"unexpected", "refused"},
    "poison-messages": {"jobGivenUp", "jobFailed"},
    "overlong-calls": {"callOverlong"},
}
# The host's `maxDequeueCount`, which host.json leaves as it is.
MOST_ATTEMPTS = 5


def _rules(name: str = "plain") -> list[dict[str, Any]]:
    """Return what each alert looks for, by its name in the documents."""
    return [
        {
            "name": each.name.removesuffix(f"-{SUFFIX}"),
            "query": each.properties["criteria"]["allOf"][0]["query"],
            "actions": each.properties["actions"]["actionGroups"],
        }
        for each in predicted(name).of(QUERY_RULES)
    ]


RULES = [{"name": rule["name"], "where": rule["query"].removeprefix(LINES)} for rule in _rules()]


def written_lines() -> dict[str, set[str]]:
    """Return every event that the code logs, with its fields."""
    found: dict[str, set[str]] = {}
    for folder in ("callscribe", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for event, fields in _lines(node):
                    found.setdefault(event, {"event", "callId"}).update(fields)
    return found


def _lines(node: ast.AST) -> list[tuple[str, set[str]]]:
    match node:
        case ast.Call(func, [ast.Constant(str(event)), *_], keywords):
            logs = ast.unparse(func).startswith("log.") or ast.unparse(func) == "write"
            return [(event, {each.arg or "" for each in keywords})] if logs else []
        case _:
            return []


def test_there_is_an_alert_for_everything_that_must_not_go_unseen() -> None:
    events = {rule["name"]: set(re.findall(r'\bevent == "(\w+)"', rule["where"])) for rule in RULES}
    assert events == WANTED


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["name"]))
def test_an_alert_asks_for_what_is_written(rule: dict[str, Any]) -> None:
    lines = written_lines()
    for event in WANTED[rule["name"]]:
        assert event in lines
    fields = set(re.findall(r"\bline\.(\w+)", rule["where"]))
    assert fields <= set().union(*(lines[event] for event in WANTED[rule["name"]]))


def test_an_alert_asks_for_values_that_there_are() -> None:
    where = {rule["name"]: rule["where"] for rule in RULES}
    states = set(re.findall(r'"(missed|failed)"', where["unanswered-calls"]))
    assert states == {State.MISSED.value, State.FAILED.value}
    handler = (ROOT / "handlers/stream_events.py").read_text(encoding="utf-8")
    (function,) = re.findall(r'line.function\) == "(\w+)"', where["stream-errors"])
    assert f"async def {function}(" in handler
    assert f"toint(line.attempt) >= {MOST_ATTEMPTS}" in where["poison-messages"]
    assert "maxDequeueCount" not in (ROOT / "host.json").read_text(encoding="utf-8")


def test_every_line_is_looked_for_where_the_platform_puts_it() -> None:
    assert [rule["query"][: len(LINES)] for rule in _rules()] == [LINES] * len(WANTED)


def test_who_is_told_is_told_by_every_alert() -> None:
    people = predicted("everything").only("Microsoft.Insights/actionGroups")
    (receiver,) = people.properties["emailReceivers"]
    assert receiver["emailAddress"] == "you@example.com"
    undelivered = predicted("everything").only("Microsoft.Insights/metricAlerts")
    assert undelivered.properties["actions"] == [{"actionGroupId": people.id}]
    assert all(rule["actions"] == [people.id] for rule in _rules("everything"))
    assert predicted("plain").of("Microsoft.Insights/actionGroups") == []
    assert all(rule["actions"] == [] for rule in _rules())


def test_every_alert_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = [rule["name"] for rule in RULES] + ["undelivered-calls"]
    assert [name for name in names if f"### `{name}`" not in page] == []


def test_every_event_is_documented_with_its_fields_and_no_other() -> None:
    documented = {
        event: {"event", "callId", *code_in(fields)}
        for events, fields, *_ in table(section(PAGE, "The log lines"))
        for event in code_in(events)
    }
    assert documented == written_lines()


def test_the_lines_that_alerts_look_at_come_first() -> None:
    first, _ = section(PAGE, "The log lines").split("The other lines")
    events = {event for row in table(first) for event in code_in(row[0])}
    assert events == set().union(*WANTED.values())
