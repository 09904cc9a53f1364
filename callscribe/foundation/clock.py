"""The machine's clock."""

import time

from callscribe.foundation.moments import Ms


class SystemClock:
    """Implements ports.Clock."""

    def now(self) -> Ms:
        """Return the current moment."""
        return Ms(time.time_ns() // 1_000_000)
