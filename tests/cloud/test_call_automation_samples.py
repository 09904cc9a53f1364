"""What the adapter makes of every sample of an answer, through the SDK and a real socket."""

import json
from typing import Any

import pytest

from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.foundation.errors import (
    CallscribeError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
)
from tests.cloud.acs import answered, look, service, start
from tests.wire_samples import names, sample

CONNECTION = "18dea47f-b081-4107-9a5c-4300819d2c6c"
ANSWERED = {
    "answered": (
        Answered(CONNECTION, "aHR0cHM6Ly9jb252", None),
        CallStatus("connected", transcribing=True),
    ),
    "answered-in-full": (
        Answered(CONNECTION, "aHR0cHM6Ly9jb252", "d732db64-4803-462d-be9c-518943ea2b7a"),
        CallStatus("connecting", transcribing=False, locale="en-US"),
    ),
    "connected": (
        Answered(CONNECTION, "aHR0cHM6Ly9jb252", None),
        CallStatus("connecting", transcribing=False),
    ),
}
REFUSALS = {
    "error": (400, 8501, "Action is invalid when call is not in Established state."),
    "error-plain": (404, 8522, "Call not found."),
    "error-message-only": (400, None, "Call not found."),
    "error-capital-message": (404, None, "ACS answered 404"),
    "error-callback-uri": (400, None, "The field CallbackUri is invalid."),
}
TOO_EARLY = 8501
NEVER_ASKED_FOR = {"participants"}


def test_every_sample_has_its_expectation() -> None:
    assert set(ANSWERED) | set(REFUSALS) | NEVER_ASKED_FOR == names("responses")


@pytest.mark.parametrize("name", ANSWERED)
async def test_an_answer_names_the_connection_and_tells_how_the_call_stands(name: str) -> None:
    async with service() as acs:
        acs.body = json.loads(sample("responses", name))
        assert (await answered(acs), await look(acs)) == ANSWERED[name]


@pytest.mark.parametrize("operation", [answered, start])
@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_one_in_every_shape(operation: Any, name: str) -> None:
    """Whether it is for good goes by its code: of a start one that came too early may pass."""
    passes = operation is start and REFUSALS[name][1] == TOO_EARLY
    error_type = TelephonyUnavailableError if passes else TelephonyRefusedError
    async with service() as acs:
        acs.status, acs.body = REFUSALS[name][0], json.loads(sample("responses", name))
        with pytest.raises(error_type) as failure:
            await operation(acs)
    error: Any = failure.value
    assert (error.http_status, error.sub_code, str(error)) == REFUSALS[name]


@pytest.mark.parametrize("status", [200, 202, 503])
async def test_the_answer_to_something_else_is_no_answer(status: int) -> None:
    """Whatever was meant, the call may be answered: asking again tells."""
    async with service() as acs:
        acs.status, acs.body = status, json.loads(sample("responses", "participants"))
        with pytest.raises(TelephonyUnavailableError) as failure:
            await answered(acs)
    assert isinstance(failure.value, CallscribeError)
