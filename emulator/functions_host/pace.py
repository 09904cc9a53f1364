"""The spans in which the real host was seen to act, and the pace at which this one does."""

from dataclasses import dataclass

# Storage that refuses connections: requests were refused after 25 to 29 seconds, and the process
# had ended by 42. Storage that answers 503, or hangs, ended nothing in 109 and 136 seconds.
STORAGE_REFUSED_SECONDS = 27.0
STORAGE_GONE_SECONDS = 42.0
# So long a host that starts waits for storage; not seen, it is the same retries of the same SDK.
STORAGE_AT_START_SECONDS = 25.0
STORAGE_PROBE_SECONDS = 1.0
# After SIGTERM: HTTP calls that took 20 seconds more were answered, a queue function was cut off
# after 12. Where the limit for HTTP lies was not seen.
DRAIN_HTTP_SECONDS = 60.0
DRAIN_OTHERS_SECONDS = 12.0
# Three deaths of workers within this time end the host.
DEATHS = 3
DEATHS_SECONDS = 1800.0
# Timers of a host that followed one killed by SIGKILL ran 71 seconds after its start with a lock of
# 60 seconds, and 27 with one of 15: so much longer than the lock.
AFTER_LOCK_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times faster than in Azure these spans pass; tests cannot wait for them."""

    speed: float = 1

    def real(self, seconds: float) -> float:
        """Return how long the host really waits for a span of Azure's."""
        return seconds / self.speed

    def azure(self, seconds: float) -> float:
        """Return Azure's span for a real one."""
        return seconds * self.speed
