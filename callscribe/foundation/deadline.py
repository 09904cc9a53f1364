"""How long a request may take, and retries within that time.

Spans are measured by the running loop's clock, which is never set: a jump of the machine's clock
neither shortens nor lengthens them. https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.time
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from callscribe.foundation.errors import UnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry


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


NEVER = Deadline(float("inf"))


async def retry[T](
    operation: Callable[[], Awaitable[T]],
    policy: Retry,
    deadline: Deadline = NEVER,
    failed: Callable[[UnavailableError], None] | None = None,
) -> T:
    """Run an operation, which must be safe to repeat, until it succeeds or no retry is left.

    Before each retry the policy's pause is waited, or the error's `retry_after` where that is
    longer. `failed` is called with each error of the policy's kind. Raises the last of these when
    no try is left, or when the next pause would not end before the deadline. Raises a new error of
    that kind when the deadline has passed, or cuts a try short. Raises any other error at once.
    """
    # The first try is made in any case: `until` bounds when a later one may begin.
    again = Deadline.after(Seconds(float("inf") if policy.until is None else policy.until))
    tries = 0
    while True:
        tries += 1
        try:
            return await _once(operation, policy, deadline)
        except policy.passing as error:
            if failed is not None:
                failed(error)
            pause = _pause(policy, tries, error)
            # A pause that leaves no time for another try only keeps the sender waiting: fail now.
            if policy.spent(tries) or pause >= deadline.left or pause > again.left:
                raise
        await asyncio.sleep(pause)


async def _once[T](operation: Callable[[], Awaitable[T]], policy: Retry, deadline: Deadline) -> T:
    if deadline is NEVER:
        return await operation()
    if deadline.left <= 0:
        raise policy.passing("no time is left")
    scope = asyncio.timeout(deadline.left)
    try:
        async with scope:
            return await operation()
    except TimeoutError as error:
        # The operation's own TimeoutError is no matter of the deadline.
        if not scope.expired():
            raise
        raise policy.passing("no answer in time") from error


def _pause(policy: Retry, tries: int, error: UnavailableError) -> Seconds:
    share = random.uniform(policy.least, 1)  # noqa: S311 - jitter is no secret
    # What the server asks for is the least to wait:
    # https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    return Seconds(max(policy.pause(tries) * share, error.retry_after or 0))
