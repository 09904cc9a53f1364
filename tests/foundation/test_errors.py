import inspect

import pytest

from callscribe.foundation import errors
from callscribe.foundation.errors import (
    CallscribeError,
    NotConfiguredError,
    StorageUnavailableError,
    TelephonyRefusedError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.moments import Seconds

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_in_the_drawn_tree(kind: type[CallscribeError]) -> None:
    assert issubclass(kind, CallscribeError)
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", CLASSES)
def test_just_what_may_pass_is_answered_with_503(kind: type[CallscribeError]) -> None:
    assert issubclass(kind, UnavailableError) == (kind.status == 503)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (errors.BadInputError, 400, "badInput"),
        (errors.UnauthorizedError, 401, "unauthorized"),
        (errors.NotFoundError, 404, "notFound"),
        (errors.NotAcceptableError, 406, "notAcceptable"),
        (errors.ForbiddenError, 403, "notAllowed"),
        (errors.OtherBodyError, 422, "otherBody"),
        (errors.TooManyError, 429, "tooMany"),
        (errors.StorageRefusedError, 500, "storageRefused"),
        (errors.TelephonyRefusedError, 502, "telephonyRefused"),
        (errors.ConflictError, 503, "unavailable"),
        (errors.NotConfiguredError, 503, "notConfigured"),
    ],
)
def test_what_the_sender_is_told(kind: type[CallscribeError], status: int, code: str) -> None:
    assert (kind.status, kind.code) == (status, code)


def test_errors_of_acs_say_what_it_answered() -> None:
    refused = TelephonyRefusedError("no", http_status=400, sub_code=8501)
    unavailable = TelephonyUnavailableError("busy", http_status=429, retry_after=Seconds(2.5))
    assert (str(refused), refused.http_status, refused.sub_code) == ("no", 400, 8501)
    assert (unavailable.http_status, unavailable.retry_after) == (429, 2.5)


def test_what_nobody_said_is_none() -> None:
    silence = TelephonyUnavailableError("silence")
    assert (silence.http_status, silence.retry_after) == (None, None)
    assert TelephonyRefusedError("no", http_status=400).sub_code is None
    assert StorageUnavailableError("no reply").retry_after is None


def test_what_is_not_configured_is_named_once_in_the_message_and_told_in_the_problems() -> None:
    problems = ["GAP_SECONDS: expected seconds", "B: missing; expected text", "B: expected text"]
    error = NotConfiguredError(problems)
    assert str(error) == "the app is not configured; wrong or missing: GAP_SECONDS, B"
    assert error.problems == problems


def test_an_illegal_state_names_the_call_and_has_a_code_of_its_own() -> None:
    over = errors.CallOverError("the call is ended", "id")
    assert (over.status, over.code, over.call_id) == (409, "callOver", "id")
    busy = errors.InProgressError("id")
    assert (busy.status, busy.code, busy.call_id) == (409, "inProgress", "id")
    assert busy.retry_after == Seconds(1)


def test_bad_input_names_the_field() -> None:
    assert errors.BadInputError("to: expected", "to").target == "to"
    assert errors.BadInputError("expected").target is None
    assert errors.ForbiddenError("to: not allowed", "to").target == "to"
