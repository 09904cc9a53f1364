"""The machine's clock counts Unix milliseconds."""

import time

from callscribe.foundation.clock import SystemClock


def test_counts_unix_milliseconds() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before * 1000 - 1 <= now <= time.time() * 1000 + 1
