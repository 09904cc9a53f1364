"""One request to storage, as often and as long as it may take.

The SDKs repeat nothing by themselves: they would obey any `Retry-After`, however long, and know
nothing of the deadline of what the request is for.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from azure.core.exceptions import AzureError

from callscribe.foundation.deadline import NEVER, Deadline, current, retry
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry
from callscribe.storage.errors import translated

# A short disturbance, bridged in each request; `foundation.retry.STORAGE` outlasts longer ones.
REQUEST = Retry(StorageUnavailableError, first=Seconds(0.2), longest=Seconds(2), attempts=4)
# What storage takes for a request at most, queueing included.
# https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
SERVICE = Seconds(30)
# How long an answer is waited for: storage's own time, and the way there and back.
LONGEST = Seconds(SERVICE + 2)
# A healthy answer to one row takes milliseconds: a connection that died is not waited for so long.
ROW = Seconds(5)
# How long a request may take in all where nobody has set a deadline.
ALONE = Seconds(45)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer is waited for, of one row and of a page of them, and how often."""

    row: Seconds = ROW
    page: Seconds = LONGEST
    policy: Retry = REQUEST


LIMITS = Limits()


async def perform[T](
    request: Callable[[Seconds], Awaitable[T]],
    policy: Retry,
    answer: Seconds,
    conflicts: Collection[str] = (),
) -> T:
    """Make a request, again where it fails for what may pass, until the deadline at the latest.

    `request` is told how long it may wait for its answer: `answer`, then twice as long each time,
    for storage that is slow is not mended by asking again. `conflicts` are as in `translated`.
    Raises StorageUnavailableError, StorageRefusedError, ConflictError.
    """
    deadline = current()
    if deadline is NEVER:
        deadline = Deadline.after(ALONE)

    async def once() -> T:
        nonlocal answer
        allowed, answer = min(answer, deadline.left), Seconds(min(2 * answer, LONGEST))
        try:
            return await request(allowed)
        except AzureError as error:
            raise translated(error, conflicts) from error

    return await retry(once, policy, deadline)


def service_seconds(allowed: Seconds) -> int:
    """Return what storage may take for a request whose answer is waited for so long.

    https://learn.microsoft.com/rest/api/storageservices/setting-timeouts-for-table-service-operations
    """
    return max(1, int(min(allowed, SERVICE)))
