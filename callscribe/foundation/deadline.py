"""How long a request may take, and retries within that time.

Spans are measured by the running loop's clock, which is never set: a jump of the machine's clock
neither shortens nor lengthens them. https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.time

A deadline that is set with `within`, or given to `retry`, holds for everything that is done inside,
however deep: no retry inside goes on beyond it, and a request is told how long it may take
(`retry_request`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from callscribe.foundation.errors import UnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry

# What is left for the last try where a longer pause was wished for than there is time.
LAST_TRY = Seconds(1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the running loop's clock (seconds), by which something must be done."""

    at: float

    @classmethod
    def after(cls, span: Seconds) -> "Deadline":
        """Return the deadline that lies a span from now."""
        return cls(asyncio.get_running_loop().time() + span)

    @property
    def left(self) -> Seconds:
        """How long there is until then; negative once it has passed."""
        return Seconds(self.at - asyncio.get_running_loop().time())

    def no_later_than(self, other: "Deadline") -> "Deadline":
        """Return the earlier of two deadlines."""
        return min(self, other, key=lambda deadline: deadline.at)


NEVER = Deadline(float("inf"))
_CURRENT: ContextVar[Deadline] = ContextVar("deadline", default=NEVER)
# The deadline at which a retry further out interrupts what is being done: once is enough.
_INTERRUPTS: ContextVar[Deadline] = ContextVar("interrupts", default=NEVER)


def current() -> Deadline:
    """Return the deadline of what is being done; NEVER where none was set."""
    return _CURRENT.get()


@contextmanager
def within(deadline: Deadline) -> Iterator[Deadline]:
    """Set the deadline of all that is done inside; yield the earlier of it and the one before.

    It interrupts nothing by itself: retries and requests to storage keep to it. A task that is
    started inside has it too; one that outlives it is to be started with a context of its own.
    https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
    """
    earlier = _earlier(deadline, _CURRENT.get())
    token = _CURRENT.set(earlier)
    try:
        yield earlier
    finally:
        _CURRENT.reset(token)


async def retry[T](
    operation: Callable[[], Awaitable[T]],
    policy: Retry,
    deadline: Deadline = NEVER,
    failed: Callable[[UnavailableError], None] | None = None,
) -> T:
    """Run an operation, which must be safe to repeat, until it succeeds or no retry is left.

    The current deadline holds too where it is the earlier one. What the other side asks for
    (`retry_after`) is waited for where it is longer than the pause; a pause that is longer than
    what is left is cut, so that one last try has a second before the deadline.
    `failed` is told of each failure of the policy's kind. Raises the last one where no try is
    left; an error of the same kind where no time is left for a try, or where the deadline cuts
    one short; any other error at once.
    """
    earlier = _earlier(deadline, _CURRENT.get())
    token = _CURRENT.set(earlier)
    try:
        return await _try(operation, policy, earlier, failed)
    finally:
        _CURRENT.reset(token)


async def retry_request[T](
    request: Callable[[Seconds], Awaitable[T]],
    policy: Retry,
    *,
    first: Seconds,
    longest: Seconds,
    alone: Seconds,
) -> T:
    """Make a request, again where it fails for what may pass, until the deadline at the latest.

    `request` is told how long it may wait for its answer: `first`, then twice as long each time up
    to `longest`, for a service that is slow is not mended by asking again. Where nobody has set a
    deadline, all of it ends after `alone`. Raises as `retry` does.
    """
    deadline = current()
    if deadline is NEVER:
        deadline = Deadline.after(alone)
    answer = first

    async def once() -> T:
        nonlocal answer
        allowed, answer = min(answer, deadline.left), Seconds(min(2 * answer, longest))
        return await request(allowed)

    return await retry(once, policy, deadline)


async def _try[T](
    operation: Callable[[], Awaitable[T]],
    policy: Retry,
    deadline: Deadline,
    failed: Callable[[UnavailableError], None] | None,
) -> T:
    again = NEVER if policy.until is None else Deadline.after(policy.until)
    tries, last = 0, False
    while True:
        tries += 1
        try:
            return await _once(operation, policy, deadline)
        except policy.passing as error:
            if failed is not None:
                failed(error)
            pause, left = _pause(policy, tries, error), deadline.left
            if last or policy.spent(tries) or pause > again.left:
                raise
            last = 0 < left - LAST_TRY < pause
            pause = Seconds(left - LAST_TRY) if last else pause
            if pause >= left:
                raise
        await asyncio.sleep(pause)


async def _once[T](operation: Callable[[], Awaitable[T]], policy: Retry, deadline: Deadline) -> T:
    if deadline is _INTERRUPTS.get():
        return await operation()
    if deadline.left <= 0:
        raise policy.passing("no time is left")
    scope = asyncio.timeout(deadline.left)
    token = _INTERRUPTS.set(deadline)
    try:
        async with scope:
            return await operation()
    except TimeoutError as error:
        # The operation's own TimeoutError is no matter of the deadline.
        if not scope.expired():
            raise
        raise policy.passing("no answer in time") from error
    finally:
        _INTERRUPTS.reset(token)


def _earlier(one: Deadline, other: Deadline) -> Deadline:
    return one if one.at < other.at else other


def _pause(policy: Retry, tries: int, error: UnavailableError) -> Seconds:
    share = random.uniform(policy.least, 1)  # noqa: S311 - jitter is no secret
    # What the server asks for is the least to wait:
    # https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    return Seconds(max(policy.pause(tries) * share, error.retry_after or 0))
