"""The running app keeps docs/openapi.yaml's promises, whatever it is sent.

Requests are made up from the description: some as it wants them, some that break it on purpose.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, Config, GenerationMode, Response
from schemathesis.checks import CheckContext, CheckFunction
from schemathesis.specs.openapi import checks

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from tests.api.running import ACTIVE, KEY, ORDER, PATIENCE, Api
from tests.api.spec import Operation, operations, strict_document

OPERATIONS = {operation.label: operation for operation in operations()}
WITH_PARAMETERS = [
    operation.label
    for operation in operations()
    if operation.parameters("path") or operation.parameters("query")
]
OF_A_CALL = [
    operation.label
    for operation in operations()
    if operation.wants_key
    and "404" in operation.described["responses"]
    # A route is made for anybody.
    and operation.id != "put_route"
]
# What must fit together there no schema can say: a list's days and its token, everybody once, or
# which of its fields are for which action.
FIT_TOGETHER = ("list_calls", "place_call", "control_transcription", "put_route")
NOBODY_RANG = new_call_id(Ms(1_795_373_643_000), "nobody rang")
IN_PATHS = {"call_id": ORDER, "action": "start", "participant": "*"}
# What can be done to a call that is over, too.
LASTING = ("label_call",)
WITH_KEY = [operation.label for operation in operations() if operation.wants_key]
schemathesis.openapi.format(
    "iana-time-zone", st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Etc/GMT+12"])
)
SCHEMA = schemathesis.openapi.from_dict(
    strict_document(),
    # Only the tests below give keys.
    config=Config.from_dict({"generation": {"with-security-parameters": False}}),
)


def no_failure(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """Let no answer say that the app failed; 502 says that ACS has refused a call."""
    told = OPERATIONS[case.operation.label].described["responses"]
    assert response.status_code < 500 or (response.status_code == 502 and "502" in told)
    return None


CHECKS: list[CheckFunction] = [
    no_failure,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_as_described_is_answered_as_described(api: Api, label: str) -> None:
    operation = OPERATIONS[label]
    known = _known(api, operation)
    seen = _answers(api, label, GenerationMode.POSITIVE, known)
    assert _good_end(operation) in seen
    assert 400 not in seen or operation.id in FIT_TOGETHER


@pytest.mark.parametrize("label", OF_A_CALL)
def test_a_call_that_is_made_up_is_not_found(api: Api, label: str) -> None:
    known = {"call_id": NOBODY_RANG} if OPERATIONS[label].id in LASTING else None
    assert 404 in _answers(api, label, GenerationMode.POSITIVE, known)


@pytest.mark.parametrize("label", WITH_PARAMETERS)
def test_what_is_not_as_described_is_refused(api: Api, label: str) -> None:
    # Made-up ids are mostly the described example: only a call that is shown nowhere is changed.
    known = {"call_id": ACTIVE} if OPERATIONS[label].id in LASTING else None
    assert max(_answers(api, label, GenerationMode.NEGATIVE, known)) >= 400


@pytest.mark.parametrize("label", WITH_KEY)
@pytest.mark.parametrize("sent", ["", "wrong"])
def test_without_the_key_nothing_is_told(api: Api, label: str, sent: str) -> None:
    operation = OPERATIONS[label]
    path = operation.path.format(**IN_PATHS)
    answer = api.ask(path, operation.method, {"x-functions-key": sent} if sent else {})
    assert (answer.status, answer.body) == (401, b"")


@pytest.mark.parametrize("label", WITH_KEY)
def test_the_key_may_be_in_the_address(api: Api, label: str) -> None:
    operation = OPERATIONS[label]
    path = operation.path.format(**IN_PATHS)
    # Without a body no call is begun or labelled, and no route is made.
    _known(api, operation)
    wants_body = operation.id in ("place_call", "put_route", *LASTING)
    expected = 400 if wants_body else _good_end(operation)
    assert api.ask(f"{path}?code={KEY}", operation.method).status == expected


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "TRACE"])
def test_the_host_knows_no_other_method(api: Api, method: str) -> None:
    known = {(operation.method, operation.path) for operation in operations()}
    for path in {path for _, path in known if (method, path) not in known}:
        answer = api.ask(path.format(**IN_PATHS), method)
        assert (answer.status, answer.body) == (404, b""), path


def _known(api: Api, operation: Operation) -> dict[str, str] | None:
    """Return parameters of its path that name what there is."""
    if "participant" in operation.parameters("path"):
        headers = {"x-functions-key": KEY}
        assert api.ask("/api/routes/*", "PUT", headers, b'{"action": "answer"}').status < 300
        return {"participant": "*"}
    call_id = ACTIVE if operation.id in LASTING else ORDER
    return {"call_id": call_id} if "call_id" in operation.parameters("path") else None


def _good_end(operation: Operation) -> int:
    """Return the status of a request as described, and short.

    The services want a proof first, and the call that is asked for is over: nothing can be done
    about it.
    """
    told = {int(status) for status in operation.described["responses"]}
    if {404, 409} <= told and operation.id not in LASTING:
        return 409
    return 401 if 401 in told and not operation.wants_key else min(told - {401, 413})


def _answers(
    api: Api, label: str, mode: GenerationMode, known: dict[str, str] | None = None
) -> set[int]:
    """Send requests, with `known` in their paths; return the statuses that came, all described."""
    seen = set[int]()
    operation = OPERATIONS[label]
    headers = {"x-functions-key": KEY} if operation.wants_key else {}

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=15,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=SCHEMA[operation.path][operation.method].as_strategy(mode, path_parameters=known))
    def hold(case: Case[Any]) -> None:
        # What is no header of HTTP at all, the server refuses before the app sees it.
        told = operation.parameters("header")
        for name, value in dict(case.headers).items():
            if not (name in told and value.isascii() and value.isprintable()):
                del case.headers[name]
        response = case.call(base_url=api.url, headers=headers, timeout=PATIENCE)
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    hold()
    return seen
