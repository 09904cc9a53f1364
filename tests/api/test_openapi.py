"""docs/openapi.yaml is valid, and tells of every route, key, error and live message there is."""

import sys
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from callscribe.calls.call import Call, Direction, State
from callscribe.calls.call_columns import CALL_COLUMNS, Column
from callscribe.calls.call_json import state_json
from callscribe.calls.labels import Labels
from callscribe.foundation.errors import CallscribeError, IllegalStateError
from callscribe.foundation.moments import Ms, Seconds
from callscribe.stream.segments import Segment, live_json
from tests.api.running import ORDER
from tests.api.spec import Json, document, kinds_of, operations, resolved, strict_document
from tests.fakes.wishes import OFF
from tests.indexing import ROOT, index

ERROR = {"$ref": "#/components/schemas/Error"}
MOMENT = "2026-03-14T09:26:56.000Z"
# Operations that answer without asking anybody.
IDLE = ("health", "check_stream", "validate_stream")
# By the kind of a call's column: the schema that it must have.
KINDS: dict[object, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Labels: {"type": "array"},
    Seconds: {"type": "number"},
    Ms: {"type": "string", "format": "date-time"},
}
FAILURES = {"500", "503"}
WITH_KEY = [operation for operation in operations() if operation.wants_key]


@pytest.fixture(scope="module")
def doors() -> dict[str, str]:
    """Return the level of every HTTP route by method and path, as the runtime finds them."""
    found = index(ROOT, Path(sys.executable))["functions"]
    triggers = [binding for bindings in found.values() for binding in bindings]
    return {
        f"{method} /{trigger['route']}": trigger["authLevel"]
        for trigger in triggers
        if trigger["type"] == "httpTrigger"
        for method in trigger["methods"]
    }


def test_it_is_valid() -> None:
    validate(document())


def test_its_version_is_the_projects_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert document()["info"]["version"] == project["version"]


def test_every_route_is_described_and_no_other(doors: dict[str, str]) -> None:
    assert {operation.label for operation in operations()} == doors.keys()


def test_a_key_is_asked_for_where_it_says_so(doors: dict[str, str]) -> None:
    asked = {label for label, level in doors.items() if level == "FUNCTION"}
    assert {operation.label for operation in WITH_KEY} == asked
    assert set(doors.values()) == {"FUNCTION", "ANONYMOUS"}


def test_operations_are_named_once() -> None:
    names = [operation.id for operation in operations()]
    assert len(set(names)) == len(names)


def test_every_parameter_of_a_path_is_described() -> None:
    for operation in operations():
        assert all(f"{{{name}}}" in operation.path for name in operation.parameters("path"))
        assert operation.path.count("{") == len(operation.parameters("path"))


def test_every_code_of_an_error_is_described() -> None:
    error = document()["components"]["schemas"]["Error"]["properties"]["error"]
    codes = {kind.code for kind in kinds_of(CallscribeError) - {IllegalStateError}}
    assert set(error["properties"]["code"]["enum"]) == codes


def test_every_refusal_has_the_one_shape_but_the_hosts_own_and_healths() -> None:
    for operation in operations():
        for status, response in operation.described["responses"].items():
            content = resolved(response).get("content")
            others = (status == "401" and operation.wants_key) or operation.id == "health"
            if int(status) >= 400 and not others:
                assert content, operation.label
                assert content["application/json"]["schema"] == ERROR, operation.label


def test_what_may_fail_is_described_where_something_is_done() -> None:
    for operation in operations():
        told = operation.described["responses"].keys()
        idle = operation.id in IDLE
        # Any operation is refused while the app is not configured.
        assert told & FAILURES == ({"503"} if idle else FAILURES), operation.label


def test_every_status_of_an_error_is_described() -> None:
    told = {int(status) for each in operations() for status in each.described["responses"]}
    statuses = {kind.status for kind in kinds_of(CallscribeError)}
    assert {status for status in told if status >= 400} == statuses


@pytest.mark.parametrize("schema", ["Call", "Report"])
def test_every_field_of_a_call_is_described_with_its_type_and_no_other(schema: str) -> None:
    shown = {
        column.shown: column
        for column in CALL_COLUMNS
        if column.shown and (column.part == "report") == (schema == "Report")
    }
    described = document()["components"]["schemas"][schema]["properties"]
    assert described.keys() == shown.keys()
    for name, column in shown.items():
        assert is_described(column, resolved(described[name])), name


def test_what_comes_to_who_watches_is_described() -> None:
    call = Call(ORDER, Direction.INBOUND, State.CONNECTED, "4:+14255550123", "unknown", Ms(1), OFF)
    segment = Segment(
        row_key="s-1773480417-1773480415000-0000000004",
        text="Harbour Books, good morning.",
        speaker_id="4:+14255550123",
        start_time=MOMENT,
        end_time=None,
        duration_ms=None,
        confidence=None,
        locale=None,
        words=(),
        duplicate_of=None,
    )
    spec = strict_document()
    described = OAS31Validator(
        {"$ref": "#/components/schemas/LiveMessage", "components": spec["components"]}
    )
    for message in (state_json(call), {"type": "segment"} | live_json(segment)):
        described.validate(message | {"callId": ORDER})
    assert not described.is_valid({"type": "segment", "callId": ORDER})


def is_described(column: Column, schema: Json) -> bool:
    """Tell whether a schema is that of a column's kind, with all values of an enum."""
    kind = column.kind
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return bool(schema["enum"] == [member.value for member in kind])
    return KINDS[kind].items() <= schema.items()
