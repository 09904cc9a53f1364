"""What may pass is outlasted until the deadline, what never will is refused at once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.deadline import Deadline, retry, within
from callscribe.foundation.errors import (
    StorageRefusedError,
    StorageUnavailableError,
)
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import STORAGE
from callscribe.storage.requests import ALONE, LONGEST, ROW, SERVICE
from callscribe.storage.tables import Table
from tests.fakes.clock import play
from tests.storage.answers import Answer, Answers, page, refusal

STREAM = Seconds(21)
Operation = Callable[[Table], Awaitable[object]]
WRITES: dict[str, Operation] = {
    "put": lambda table: table.put("p", "r", _row()),
    "merge": lambda table: table.merge("p", "r", _row()),
    "delete": lambda table: table.delete("p", "r"),
}
CONDITIONAL: dict[str, Operation] = {
    "insert": lambda table: table.insert("p", "r", _row()),
    "create": lambda table: table.create("p", "r", _row()),
    "replace": lambda table: table.replace("p", "r", _row(), "W/1"),
}
# Where a code is None, the answer is not storage's own.
PASSING = [
    (400, None),
    (400, "InvalidAuthenticationInfo"),
    (400, "InvalidHeaderValue"),
    (400, "SomethingNew"),
    (401, "NoAuthenticationInformation"),
    (403, "AuthorizationPermissionMismatch"),
    (404, None),
    (404, "SomethingNew"),
    (404, "TableNotFound"),
    (408, None),
    (409, None),
    (409, "AccountBeingCreated"),
    (409, "TableBeingDeleted"),
    (412, None),
    (413, None),
    (429, None),
    (500, "InternalError"),
    (500, "OperationTimedOut"),
    (503, "ServerBusy"),
]
FOREVER = [
    (400, "DuplicatePropertiesSpecified"),
    (400, "EntityTooLarge"),
    (400, "InvalidInput"),
    (400, "InvalidValueType"),
    (400, "KeyValueTooLarge"),
    (400, "OutOfRangeInput"),
    (400, "PropertiesNeedValue"),
    (400, "PropertyNameInvalid"),
    (400, "PropertyNameTooLong"),
    (400, "PropertyValueTooLarge"),
    (400, "RequestBodyTooLarge"),
    (400, "TooManyProperties"),
    (413, "RequestBodyTooLarge"),
]


def _row() -> Columns:
    return {"Text": "hello"}


async def outlast(answers: Answers, operation: Operation, span: Seconds = STREAM) -> None:
    """Perform an operation as a request does that has so long."""
    await retry(lambda: operation(answers.table), STORAGE, Deadline.after(span))


async def scanned(table: Table) -> list[str]:
    return [key async for key, _ in table.scan("p")]


def now() -> float:
    return asyncio.get_running_loop().time()


def raised(work: Coroutine[Any, Any, object]) -> BaseException | None:
    """Run something in virtual time; return what it raised."""
    try:
        play(work)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
    return None


class TestWhatMayPass:
    @pytest.mark.parametrize("name", WRITES)
    @pytest.mark.parametrize(("status", "code"), PASSING)
    def test_trouble_of_ten_seconds_is_outlasted(
        self, name: str, status: int, code: str | None
    ) -> None:
        async def write() -> None:
            answers = Answers(then=refusal(status, code))
            well = Answer(headers={"etag": "W/1"})
            asyncio.get_running_loop().call_later(10, setattr, answers, "then", well)
            await outlast(answers, WRITES[name])
            assert 10 <= now() <= 12

        play(write())

    @pytest.mark.parametrize("name", [*WRITES, *CONDITIONAL])
    @pytest.mark.parametrize(("status", "code"), PASSING)
    def test_trouble_that_lasts_is_unavailable(
        self, name: str, status: int, code: str | None
    ) -> None:
        answers = Answers(then=refusal(status, code))
        error = raised(outlast(answers, (WRITES | CONDITIONAL)[name]))
        assert type(error) is StorageUnavailableError

    @pytest.mark.parametrize(("status", "code"), [*PASSING, (412, "UpdateConditionNotSatisfied")])
    def test_reads_outlast_it_too(self, status: int, code: str | None) -> None:
        trouble = refusal(status, code)
        answers = Answers(trouble, trouble, trouble, then=page(["a"]))
        assert play(scanned(answers.table)) == ["a"]

    @pytest.mark.parametrize("code", ["ResourceNotFound", "EntityNotFound"])
    def test_only_storage_itself_says_that_there_is_no_row(self, code: str) -> None:
        answers = Answers(refusal(404, None), then=refusal(404, code))
        assert play(answers.table.read("p", "r")) is None
        assert len(answers.requests) == 2

    def test_a_table_that_is_being_deleted_is_made_once_it_is_gone(self) -> None:
        being_deleted = [refusal(404, "TableNotFound"), refusal(409, "TableBeingDeleted")]
        answers = Answers(*being_deleted * 12)
        play(outlast(answers, WRITES["put"]))
        assert [request.method for request in answers.requests[-2:]] == ["POST", "PUT"]


class TestWhatNeverWill:
    @pytest.mark.parametrize("name", ["put", "merge", "insert", "replace"])
    @pytest.mark.parametrize(("status", "code"), FOREVER)
    def test_a_row_that_can_never_be_written_is_refused_at_once(
        self, name: str, status: int, code: str
    ) -> None:
        answers = Answers(then=refusal(status, code))
        error = raised(outlast(answers, (WRITES | CONDITIONAL)[name]))
        assert type(error) is StorageRefusedError
        assert str(error) == code
        assert answers.moments == [0]

    @pytest.mark.parametrize("code", ["MessageTooLarge", "OutOfRangeQueryParameterValue"])
    def test_a_message_that_can_never_be_queued_is_refused_at_once(self, code: str) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
        headers = {"x-ms-error-code": code, "Content-Type": "application/xml"}
        answers = Answers(then=Answer(400, body, headers))
        error = raised(answers.jobs.put(Job("finish", "call"), Seconds(0)))
        assert type(error) is StorageRefusedError
        assert answers.moments == [0]


class TestWishes:
    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize("name", [*WRITES, *CONDITIONAL])
    def test_a_wish_beyond_the_deadline_is_cut_to_it(self, name: str, status: int) -> None:
        async def write() -> None:
            answers = Answers(refusal(status, "ServerBusy", Retry_After="60"))
            await outlast(answers, (WRITES | CONDITIONAL)[name])
            assert answers.moments == [0, STREAM - 1]

        play(write())

    def test_a_page_keeps_to_it_too(self) -> None:
        async def read() -> None:
            answers = Answers(refusal(503, "ServerBusy", Retry_After="60"), then=page(["a"]))
            with within(Deadline.after(Seconds(12))):
                assert await scanned(answers.table) == ["a"]
            assert answers.moments == [0, 11]

        play(read())

    def test_so_does_the_queue(self) -> None:
        async def put() -> None:
            queued = Answer(201, _QUEUED, {"Content-Type": "application/xml"})
            answers = Answers(Answer(503, headers={"Retry-After": "60"}), then=queued)
            with within(Deadline.after(Seconds(12))):
                await answers.jobs.put(Job("finish", "call"), Seconds(0))
            assert answers.moments == [0, 11]

        play(put())

    def test_a_wish_that_fits_is_respected(self) -> None:
        async def write() -> None:
            answers = Answers(refusal(503, "ServerBusy", Retry_After="7"))
            await outlast(answers, WRITES["put"])
            assert answers.moments == [0, 7]

        play(write())

    def test_where_nobody_set_a_deadline_a_wish_is_cut_all_the_same(self) -> None:
        async def write() -> None:
            answers = Answers(refusal(503, "ServerBusy", Retry_After="86400"))
            await answers.table.put("p", "r", _row())
            assert answers.moments == [0, ALONE - 1]

        play(write())

    def test_the_sdk_does_not_know_better_than_its_caller(self) -> None:
        """It repeats anything that has a Retry-After, a refusal too."""
        answers = Answers(then=refusal(400, "InvalidInput", Retry_After="60"))
        assert type(raised(answers.table.put("p", "r", _row()))) is StorageRefusedError
        assert answers.moments == [0]


class TestSlowStorage:
    def test_a_page_may_take_as_long_as_storage_may(self) -> None:
        async def read() -> None:
            answers = Answers(page(["a"], seconds=SERVICE))
            assert await scanned(answers.table) == ["a"]
            [request] = answers.requests
            assert request.seconds == LONGEST == Seconds(32)
            assert request.url.query["timeout"] == "30"

        play(read())

    @pytest.mark.parametrize(("left", "told"), [(12, "12"), (1.5, "1"), (0.5, "1"), (300, "30")])
    def test_a_page_is_not_waited_for_beyond_the_deadline(self, left: float, told: str) -> None:
        async def read() -> None:
            answers = Answers(then=page(["a"], seconds=600))
            with within(Deadline.after(Seconds(left))):
                with pytest.raises(StorageUnavailableError):
                    await scanned(answers.table)
                assert now() == pytest.approx(min(left, 4 * LONGEST + 1.4))
            assert answers.requests[0].seconds == min(left, LONGEST)
            assert answers.requests[0].url.query["timeout"] == told

        play(read())

    def test_each_page_has_what_is_left_then(self) -> None:
        async def read() -> None:
            answers = Answers(page(["a"], "b", seconds=4), page(["b"], "c", seconds=4), page(["c"]))
            with within(Deadline.after(Seconds(10))):
                assert await scanned(answers.table) == ["a", "b", "c"]
            assert [request.seconds for request in answers.requests] == [10, 6, 2]
            assert [each.url.query.get("NextRowKey") for each in answers.requests] == [
                None,
                "b",
                "c",
            ]

        play(read())

    def test_a_page_that_failed_is_asked_for_again_and_none_before_it(self) -> None:
        answers = Answers(page(["a"], "b"), refusal(500, "InternalError"), page(["b"]))
        assert play(scanned(answers.table)) == ["a", "b"]
        asked = [each.url.query.get("NextRowKey") for each in answers.requests]
        assert asked == [None, "b", "b"]

    def test_an_empty_page_with_a_continuation_is_not_the_end(self) -> None:
        """However many there are."""
        empty = [page([], f"{number}") for number in range(3_000)]
        answers = Answers(*empty, page(["a"], "z"), page([]))
        assert play(scanned(answers.table)) == ["a"]

    @pytest.mark.parametrize("name", [*WRITES, *CONDITIONAL])
    def test_a_row_that_takes_longer_than_usual_is_given_more_time(self, name: str) -> None:
        async def write() -> None:
            slowly = Answer(204, headers={"etag": "W/1"}, seconds=7)
            answers = Answers(then=slowly)
            await outlast(answers, (WRITES | CONDITIONAL)[name])
            assert [request.seconds for request in answers.requests] == [ROW, 2 * ROW]

        play(write())

    def test_the_queue_is_given_more_time_too(self) -> None:
        slowly = Answer(201, _QUEUED, {"Content-Type": "application/xml"}, seconds=7)
        answers = Answers(then=slowly)
        play(answers.jobs.put(Job("finish", "call"), Seconds(0)))
        assert [request.seconds for request in answers.requests] == [ROW, 2 * ROW]

    def test_no_answer_is_waited_for_longer_than_storage_may_take(self) -> None:
        async def write() -> None:
            answers = Answers(then=Answer(seconds=600))
            with within(Deadline.after(Seconds(300))), pytest.raises(StorageUnavailableError):
                await answers.table.put("p", "r", _row())
            assert [request.seconds for request in answers.requests] == [5, 10, 20, 32]

        play(write())


def test_a_row_that_is_inserted_is_not_sent_back() -> None:
    answers = Answers()
    play(answers.table.insert("p", "r", _row()))
    assert [request.headers["Prefer"] for request in answers.requests] == ["return-no-content"]


_QUEUED = (
    "<?xml version='1.0'?><QueueMessagesList><QueueMessage><MessageId>1</MessageId>"
    "<InsertionTime>Sun, 22 Nov 2026 18:54:03 GMT</InsertionTime>"
    "<ExpirationTime>Sun, 29 Nov 2026 18:54:03 GMT</ExpirationTime><PopReceipt>1</PopReceipt>"
    "<TimeNextVisible>Sun, 22 Nov 2026 18:54:03 GMT</TimeNextVisible></QueueMessage>"
    "</QueueMessagesList>"
)
