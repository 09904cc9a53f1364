"""An outage is outlasted with short pauses, and given up in time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from callscribe.foundation.deadline import (
    NEVER,
    Deadline,
    current,
    retry,
    retry_request,
)
from callscribe.foundation.deadline import within as deadlines
from callscribe.foundation.errors import (
    ConflictError,
    KeysUnavailableError,
    StorageUnavailableError,
    TelephonyUnavailableError,
    UnavailableError,
)
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import STORAGE, Retry
from tests.fakes.orders import Orders

LOST = StorageUnavailableError("no reply")
KEYS = Retry(KeysUnavailableError, first=Seconds(0.1), longest=Seconds(2))
ACS = Retry(TelephonyUnavailableError, first=Seconds(1), longest=Seconds(4))


class Operation(Orders):
    """Something that succeeds unless ordered otherwise."""

    async def run(self) -> str:
        async with self.carry_out("run"):
            return "done"


def seconds() -> float:
    """Return how long the test has taken, all told."""
    return asyncio.get_running_loop().time()


def busy(seconds: float) -> TelephonyUnavailableError:
    """Return the error of somebody who wants to be left alone for so long."""
    return TelephonyUnavailableError("busy", http_status=429, retry_after=Seconds(seconds))


def within(span: float) -> Deadline:
    return Deadline.after(Seconds(span))


class TestDeadline:
    async def test_tells_how_long_is_left(self) -> None:
        deadline = within(5)
        assert deadline.left == Seconds(5)
        await asyncio.sleep(3)
        assert deadline.left == Seconds(2)
        await asyncio.sleep(3)
        assert deadline.left == Seconds(-1)

    async def test_may_be_never(self) -> None:
        await asyncio.sleep(1_000_000)
        assert NEVER.left == float("inf")


class TestWithin:
    async def test_there_is_none_outside(self) -> None:
        with deadlines(within(5)):
            assert current().left == Seconds(5)
        assert current() is NEVER

    async def test_of_two_the_earlier_one_holds(self) -> None:
        with deadlines(within(5)) as outer:
            with deadlines(within(45)) as inner:
                assert inner is outer is current()
            with deadlines(within(1)) as inner:
                assert inner is current() is not outer
            assert current() is outer

    async def test_what_is_tried_again_inside_ends_by_it(self) -> None:
        operation = Operation()
        operation.hang("run", 300)
        with deadlines(within(5)), pytest.raises(StorageUnavailableError, match="no answer"):
            await retry(operation.run, STORAGE, within(45))
        assert seconds() == 5

    async def test_what_is_tried_again_is_told_how_long_it_may_take(self) -> None:
        async def left() -> float:
            return current().left

        assert await retry(left, STORAGE, within(45)) == 45
        with deadlines(within(5)):
            assert await retry(left, STORAGE) == 5
        assert current() is NEVER

    async def test_an_error_ends_it_too(self) -> None:
        operation = Operation()
        operation.fail("run", ConflictError("changed"))
        with pytest.raises(ConflictError):
            await retry(operation.run, STORAGE, within(45))
        assert current() is NEVER


class TestTrying:
    async def test_returns_at_once_what_succeeds(self) -> None:
        assert await retry(Operation().run, STORAGE, within(45)) == "done"
        assert seconds() == 0

    async def test_pauses_grow_to_two_seconds(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=8)
        await retry(operation.run, STORAGE, within(45))
        # 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 2 + 2 + 2
        assert seconds() == pytest.approx(9.1)

    async def test_without_a_deadline_it_goes_on(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=10_000)
        operation.hang("run", 3_600)
        assert await retry(operation.run, STORAGE) == "done"

    @pytest.mark.parametrize("error", [ConflictError("changed"), ValueError("a bug")])
    async def test_anything_but_an_outage_is_raised_at_once(self, error: Exception) -> None:
        operation = Operation()
        operation.fail("run", error)
        with pytest.raises(type(error)) as raised:
            await retry(operation.run, STORAGE, within(45))
        assert raised.value is error
        assert operation.count("run") == 1

    async def test_another_outage_than_storages_is_outlasted_where_it_is_named(self) -> None:
        operation = Operation()
        operation.fail("run", KeysUnavailableError("no keys"), times=3)
        assert await retry(operation.run, KEYS, within(45)) == "done"
        operation.fail("run", LOST)
        with pytest.raises(StorageUnavailableError):
            await retry(operation.run, KEYS, within(45))
        operation.hang("run", 300)
        with pytest.raises(KeysUnavailableError):
            await retry(operation.run, KEYS, within(10))

    async def test_each_failure_is_told(self) -> None:
        operation, told = Operation(), list[UnavailableError]()
        first, second = KeysUnavailableError("one"), KeysUnavailableError("two")
        operation.fail("run", first)
        operation.fail("run", second)
        await retry(operation.run, KEYS, within(45), told.append)
        assert told == [first, second]

    async def test_the_last_failure_is_told_too_and_no_other_error_is(self) -> None:
        operation, told = Operation(), list[UnavailableError]()
        operation.fail("run", LOST)
        with pytest.raises(StorageUnavailableError):
            await retry(operation.run, replace(STORAGE, attempts=1), within(45), told.append)
        operation.fail("run", ConflictError("changed"))
        with pytest.raises(ConflictError):
            await retry(operation.run, STORAGE, within(45), told.append)
        assert told == [LOST]

    async def test_who_waits_can_be_cancelled(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=1_000)
        task = asyncio.create_task(retry(operation.run, STORAGE, within(45)))
        await asyncio.sleep(5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        assert seconds() == 5


class TestGivingUp:
    @pytest.mark.parametrize("span", [0.05, 1, 45])
    async def test_gives_up_within_the_patience(self, span: float) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=1_000)
        with pytest.raises(StorageUnavailableError) as raised:
            await retry(operation.run, STORAGE, within(span))
        assert raised.value is LOST
        assert seconds() <= span

    async def test_a_hang_is_given_up_at_the_end_of_the_patience(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, seconds=3)
        operation.hang("run", 300)
        with pytest.raises(StorageUnavailableError):
            await retry(operation.run, STORAGE, within(10))
        assert seconds() == 10

    async def test_the_deadline_cuts_a_try_that_hangs_with_the_error_of_the_policy(self) -> None:
        operation, told = Operation(), list[UnavailableError]()
        operation.hang("run", 300)
        with pytest.raises(KeysUnavailableError, match="no answer in time") as raised:
            await retry(operation.run, KEYS, within(10), told.append)
        assert isinstance(raised.value.__cause__, TimeoutError)
        assert told == [raised.value]

    @pytest.mark.parametrize("span", [0, -1])
    async def test_nothing_is_tried_when_no_time_is_left(self, span: float) -> None:
        operation = Operation()
        with pytest.raises(KeysUnavailableError, match="no time is left"):
            await retry(operation.run, KEYS, within(span))
        assert operation.log == []

    @pytest.mark.parametrize("deadline", [lambda: within(45), lambda: NEVER])
    async def test_a_timeout_of_the_operations_own_passes_through(
        self, deadline: Callable[[], Deadline]
    ) -> None:
        operation, own = Operation(), TimeoutError("of the operation's own")
        operation.fail("run", own)
        with pytest.raises(TimeoutError) as raised:
            await retry(operation.run, STORAGE, deadline())
        assert raised.value is own

    async def test_attempts_bound_the_tries(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=1_000)
        with pytest.raises(StorageUnavailableError):
            await retry(operation.run, replace(STORAGE, attempts=3), within(45))
        assert operation.count("run") == 3
        assert seconds() == pytest.approx(0.3)

    async def test_until_ends_the_tries(self) -> None:
        operation = Operation()
        operation.fail("run", busy(0), times=1_000)
        with pytest.raises(TelephonyUnavailableError):
            await retry(operation.run, replace(ACS, until=Seconds(10)), within(45))
        # At 0, 1, 3 and 7 seconds; the next would be at 11.
        assert (operation.count("run"), seconds()) == (4, 7)

    async def test_until_does_not_cut_a_try(self) -> None:
        operation = Operation()
        operation.hang("run", 30)
        assert await retry(operation.run, replace(ACS, until=Seconds(10)), within(45)) == "done"

    async def test_after_until_a_try_that_fails_is_the_last(self) -> None:
        operation = Operation()
        operation.fail("run", busy(0), seconds=30)
        with pytest.raises(TelephonyUnavailableError):
            await retry(operation.run, replace(ACS, until=Seconds(10)), within(45))
        assert operation.count("run") == 1


class TestPauses:
    @pytest.mark.parametrize(("asked", "pause"), [(0, 1), (0.5, 1), (7, 7)])
    async def test_what_the_other_side_asks_for_is_waited_for_where_it_is_longer(
        self, asked: float, pause: float
    ) -> None:
        operation = Operation()
        operation.fail("run", busy(asked))
        await retry(operation.run, ACS, within(45))
        assert seconds() == pause

    @pytest.mark.parametrize("wish", [9.5, 10, 60, float("inf")])
    async def test_a_wish_beyond_the_deadline_is_cut_so_that_a_last_try_has_a_second(
        self, wish: float
    ) -> None:
        operation = Operation()
        operation.fail("run", busy(wish))
        assert await retry(operation.run, ACS, within(10)) == "done"
        assert (operation.count("run"), seconds()) == (2, 9)

    async def test_a_pause_beyond_the_deadline_is_cut_too(self) -> None:
        operation = Operation()
        operation.fail("run", LOST, times=1_000)
        with pytest.raises(StorageUnavailableError):
            await retry(operation.run, STORAGE, within(10))
        # At 0, 0.1, 0.3, 0.7, 1.5, 3.1, 5.1, 7.1 seconds, and a second before the end.
        assert (operation.count("run"), seconds()) == (9, 9)

    async def test_a_last_try_that_fails_is_the_last(self) -> None:
        operation, told = Operation(), list[UnavailableError]()
        operation.fail("run", busy(60), times=1_000)
        with pytest.raises(TelephonyUnavailableError, match="busy"):
            await retry(operation.run, ACS, within(45), told.append)
        assert (operation.count("run"), seconds(), len(told)) == (2, 44, 2)

    async def test_with_less_than_a_second_left_no_wish_is_waited_for(self) -> None:
        operation = Operation()
        operation.fail("run", busy(60))
        with pytest.raises(TelephonyUnavailableError, match="busy"):
            await retry(operation.run, ACS, within(1))
        assert (operation.count("run"), seconds()) == (1, 0)

    async def test_jitter_keeps_within_its_share(self) -> None:
        operation, failures = Operation(), list[float]()
        operation.fail("run", busy(0), times=300)
        policy = Retry(TelephonyUnavailableError, Seconds(4), Seconds(4), least=0.25)
        await retry(operation.run, policy, failed=lambda _: failures.append(seconds()))
        ends = [*failures[1:], seconds()]
        pauses = [end - start for start, end in zip(failures, ends, strict=True)]
        assert all(0.999 < pause < 4.001 for pause in pauses)
        assert len(set(pauses)) > 1


class Server:
    """Somebody who answers after so long, if that is waited for."""

    def __init__(self, after: float) -> None:
        self.after = after
        self.told: list[float] = []

    async def answer(self, allowed: Seconds) -> str:
        self.told.append(allowed)
        await asyncio.sleep(min(self.after, allowed))
        if self.after > allowed:
            raise LOST
        return "done"

    async def ask(self) -> str:
        policy = Retry(StorageUnavailableError, Seconds(1), Seconds(1), attempts=4)
        spans = {"first": Seconds(5), "longest": Seconds(12), "alone": Seconds(20)}
        return await retry_request(self.answer, policy, **spans)


class TestRequests:
    async def test_each_time_an_answer_is_waited_for_twice_as_long_up_to_the_longest(self) -> None:
        server = Server(300)
        with deadlines(within(100)), pytest.raises(StorageUnavailableError):
            await server.ask()
        assert server.told == [5, 10, 12, 12]

    async def test_what_takes_longer_than_usual_is_answered_all_the_same(self) -> None:
        server = Server(7)
        assert await server.ask() == "done"
        assert (server.told, seconds()) == ([5, 10], 13)

    async def test_no_answer_is_waited_for_beyond_the_deadline(self) -> None:
        server = Server(300)
        with deadlines(within(8)), pytest.raises(StorageUnavailableError):
            await server.ask()
        assert (server.told, seconds()) == ([5, 2], 8)

    async def test_where_nobody_has_set_a_deadline_it_ends_all_the_same(self) -> None:
        server = Server(300)
        with pytest.raises(StorageUnavailableError):
            await server.ask()
        assert (server.told, seconds()) == ([5, 10, 3], 20)
