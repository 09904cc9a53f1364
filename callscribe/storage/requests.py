"""How often a request to storage is made, and how long each may take.

The SDKs repeat nothing by themselves: they would obey any `Retry-After`, however long, and know
nothing of the deadline of what the request is for.
"""

from dataclasses import dataclass

from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry

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


def service_seconds(allowed: Seconds) -> int:
    """Return what storage may take for a request whose answer is waited for so long.

    https://learn.microsoft.com/rest/api/storageservices/setting-timeouts-for-table-service-operations
    """
    return max(1, int(min(allowed, SERVICE)))
