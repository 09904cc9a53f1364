"""docs/api.md is true: its examples print what it shows, its tables tell what there is."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from callscribe.foundation.errors import CallscribeError, IllegalStateError
from tests.api import curl
from tests.api.running import KEY, ORDER, Api
from tests.api.spec import kinds_of, operations, resolved
from tests.docs.markdown import ROOT, Block, blocks, code_in, section, table

PAGE = ROOT / "docs" / "api.md"
# Stands for what an example does not show.
REST = "…"
TITLES = {"list_calls": "List calls", "show_transcript": "Read a transcript"}
TRANSCRIPT = f"/api/calls/{ORDER}/transcript"
OPERATIONS = {operation.id: operation for operation in operations()}


def test_every_example_prints_what_is_shown_below_it(api: Api) -> None:
    variables = {"CALLSCRIBE": api.url, "KEY": KEY}
    shown = 0
    for line, below in _examples(variables):
        answer, printed = curl.run(line, variables)
        if below.language == "json":
            assert shows(json.loads(below.code), answer.json()), (line, printed)
            variables["NEXT"] = answer.json().get("continue", "")
        else:
            assert printed.rstrip("\n") == below.code.rstrip("\n"), line
        shown += 1
    assert shown > 10


def test_every_route_is_told_and_no_other() -> None:
    told = {code_in(row[0])[0] for row in table(section(PAGE, "All routes"))}
    assert told == {operation.label for operation in operations()}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_parameter_is_told_and_no_other(operation: str) -> None:
    described = OPERATIONS[operation].parameters("query").keys()
    told = table(section(PAGE, TITLES[operation])) if operation in TITLES else []
    assert {code_in(row[0])[0] for row in told if len(row) == 2} == described


def test_every_state_and_limit_of_a_list_is_told() -> None:
    told = {code_in(row[0])[0]: row[1] for row in table(section(PAGE, "List calls"))}
    parameters = OPERATIONS["list_calls"].parameters("query")
    assert code_in(told["state"]) == resolved(parameters["state"]["schema"])["enum"]
    limit = parameters["limit"]["schema"]
    assert f"{limit['minimum']} to {limit['maximum']}" in told["limit"]
    assert f"{limit['default']} of them" in section(PAGE, "List calls")


def test_every_format_is_told_and_comes_as_its_media_type(api: Api) -> None:
    rows = [row for row in table(section(PAGE, "Read a transcript")) if len(row) == 3]
    told = {code_in(name)[0]: code_in(media_type)[0] for name, media_type, _ in rows}
    operation = OPERATIONS["show_transcript"]
    described = operation.described["responses"]["200"]["content"]
    assert list(told) == operation.parameters("query")["format"]["schema"]["enum"]
    assert list(told.values()) == list(described)
    for name, media_type in told.items():
        for path, accept in ((f"{TRANSCRIPT}?format={name}", "*/*"), (TRANSCRIPT, media_type)):
            answer = api.ask(path, headers={"x-functions-key": KEY, "Accept": accept})
            assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)


def test_every_error_is_told_and_no_other() -> None:
    told = {(int(row[0]), code_in(row[1])[0]) for row in table(section(PAGE, "Errors"))}
    assert told == {
        (kind.status, kind.code) for kind in kinds_of(CallscribeError) - {IllegalStateError}
    }


def shows(shown: Any, found: Any) -> bool:
    """Tell whether an example shows what was found, but for what it leaves out."""
    match shown, found:
        case {"…": _}, dict():
            named = {name: value for name, value in shown.items() if name != REST}
            return found.keys() >= named.keys() and all(
                shows(value, found[name]) for name, value in named.items()
            )
        case dict(), dict():
            same = shown.keys() == found.keys()
            return same and all(shows(value, found[name]) for name, value in shown.items())
        case [*some, "…"], list():
            return len(found) > len(some) and all(map(shows, some, found))
        case list(), list():
            return len(shown) == len(found) and all(map(shows, shown, found))
        case str(), str():
            return found.startswith(shown[:-1]) if shown.endswith(REST) else shown == found
    return bool(shown == found)


def _examples(variables: dict[str, str]) -> Iterator[tuple[str, Block]]:
    """Yield the lines for curl, each with the block below it; take assignments on the way."""
    for block, below in pairwise(blocks(PAGE)):
        for line in block.code.splitlines() if block.language == "sh" else ():
            assigned = curl.ASSIGNMENT.match(line)
            if assigned:
                variables.setdefault(assigned[1], assigned[2])
            else:
                yield line, below
