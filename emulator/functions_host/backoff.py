"""The delays between polls of an empty queue."""

import random
from dataclasses import dataclass

MINIMUM = 0.1
JITTER = 0.2


@dataclass(slots=True)
class Backoff:
    """Exponential backoff with jitter, from 100 ms to `maximum` seconds; a message resets it.

    https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Timers/RandomizedExponentialBackoffStrategy.cs
    """

    maximum: float
    _exponent: int = -1

    def next(self) -> float:
        """Return the next delay in seconds."""
        self._exponent += 1
        if self._exponent == 0:
            return min(MINIMUM, self.maximum)
        jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (spreads polls, no secret)
        # The exponent has a limit only to keep the power from overflowing.
        delay = MINIMUM + jitter * MINIMUM * 2.0 ** min(self._exponent - 1, 32)
        return min(delay, self.maximum)

    def reset(self) -> None:
        """Start again from the shortest delay."""
        self._exponent = -1
