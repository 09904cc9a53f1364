"""When and how often something is tried again: one policy value for every kind of retry.

Policies are used by `deadline.retry` inside a request, by the SDKs' own pipelines (`cloud/`), and
for what is put off through the queue. docs/architecture.md lists all of them with their totals.
"""

from dataclasses import dataclass

from callscribe.foundation.errors import StorageUnavailableError, UnavailableError
from callscribe.foundation.moments import Seconds

# By then every pause is the longest one; more doublings would overflow a float.
_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Retry:
    """A policy: what counts as passing trouble, how long to pause, and when to give up.

    Pauses double from `first` to `longest`. At least the share `least` of each is waited, the rest
    at random (jitter), so that requests which failed together do not come back together. There are
    at most `attempts` tries, and none begins later than `until` after the first. Without either,
    only the deadline of the request ends the retries.
    """

    passing: type[UnavailableError]
    first: Seconds
    longest: Seconds
    attempts: int | None = None
    until: Seconds | None = None
    least: float = 1.0

    def pause(self, tries: int) -> Seconds:
        """Return the longest pause after so many tries (1 or more) have failed."""
        doubled = self.first * 2 ** min(tries - 1, _MOST_DOUBLINGS)
        return Seconds(min(doubled, self.longest))

    def spent(self, tries: int) -> bool:
        """Tell whether so many tries are all that are allowed."""
        return self.attempts is not None and tries >= self.attempts

    @property
    def pauses(self) -> Seconds:
        """The sum of all pauses of a policy that bounds its attempts. Raises ValueError else."""
        if self.attempts is None:
            raise ValueError("expected a policy that bounds its attempts")
        return Seconds(sum(self.pause(tries) for tries in range(1, self.attempts)))


# An outage of storage, outlasted inside a request until its deadline. The first retry comes soon,
# for speech goes on meanwhile; the longer pauses of later ones let storage recover.
STORAGE = Retry(StorageUnavailableError, first=Seconds(0.1), longest=Seconds(2))
