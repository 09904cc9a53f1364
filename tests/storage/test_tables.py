"""A write under a condition says when somebody else wrote first; no other write does."""

from collections.abc import Awaitable, Callable

import pytest

from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import ConflictError, StorageUnavailableError
from callscribe.storage.tables import Table
from tests.fakes.clock import play
from tests.storage.answers import Answers, refusal

ROW: Columns = {"Text": "hello"}
EXISTS = (409, "EntityAlreadyExists")
CHANGED = (
    (412, "UpdateConditionNotSatisfied"),
    (412, "ConditionNotMet"),
    (404, "ResourceNotFound"),
    (404, "EntityNotFound"),
)
WITHOUT_CONDITION: dict[str, Callable[[Table], Awaitable[object]]] = {
    "put": lambda table: table.put("p", "r", ROW),
    "merge": lambda table: table.merge("p", "r", ROW),
}


def test_a_row_that_exists_is_not_created() -> None:
    answers = Answers(then=refusal(*EXISTS))
    with pytest.raises(ConflictError):
        play(answers.table.create("p", "r", ROW))
    assert answers.moments == [0]


@pytest.mark.parametrize(("status", "code"), CHANGED)
def test_a_row_that_was_changed_or_is_gone_is_not_replaced(status: int, code: str) -> None:
    answers = Answers(then=refusal(status, code))
    with pytest.raises(ConflictError):
        play(answers.table.replace("p", "r", ROW, "W/1"))
    assert answers.moments == [0]


@pytest.mark.parametrize("name", WITHOUT_CONDITION)
@pytest.mark.parametrize(("status", "code"), [EXISTS, *CHANGED])
def test_a_write_without_a_condition_never_conflicts(name: str, status: int, code: str) -> None:
    async def write() -> None:
        await WITHOUT_CONDITION[name](Answers(then=refusal(status, code)).table)

    with pytest.raises(StorageUnavailableError):
        play(write())
