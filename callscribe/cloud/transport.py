"""One HTTP session for all SDK clients of a worker, and how long and how often they try."""

from typing import Any

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry

# Storage answers in milliseconds; with the SDKs' own time-outs a lost answer would cost minutes.
CONNECT = Seconds(2)
READ = Seconds(5)
# The SDKs' retries are for short failures of storage; `retry` outlasts longer ones.
TABLES = Retry(StorageUnavailableError, first=Seconds(0.2), longest=Seconds(2), attempts=4)
QUEUES = Retry(StorageUnavailableError, first=Seconds(0.5), longest=Seconds(0.5), attempts=3)
# The SDK's own value, 3 s, would be far longer than these pauses.
_QUEUE_JITTER = Seconds(0.2)


def core_retries(policy: Retry) -> dict[str, Any]:
    """Return a policy that bounds its attempts as options of azure-core's AsyncRetryPolicy.

    The clients of Tables, Call Automation and Web PubSub use it. It counts the tries after the
    first, does not pause before the second, and then pauses like the policy, so in all never
    longer than that. A `Retry-After` replaces the pause, however long it is. Bad statuses, lost
    answers and failed connections are each repeated 3 times at most (its `retry_status`,
    `retry_read` and `retry_connect`), whatever the policy says.
    Raises ValueError where the attempts are not bounded.
    """
    return {
        "retry_total": _repeats(policy),
        "retry_backoff_factor": policy.first,
        "retry_backoff_max": policy.longest,
    }


def queue_retries(policy: Retry) -> dict[str, Any]:
    """Return a policy that bounds its attempts as options of azure-storage-queue's retry policy.

    The queue SDK has a retry policy of its own (ExponentialRetry), which would pause for 15
    seconds and more. It pauses for `increment_base` to the power of the number of failed tries,
    0.2 s more or less: with a first pause of 0.5 s that is 0.3 to 0.7 s, then 0.05 to 0.45 s.
    It knows no longest pause, so the first one must not be above a second, or pauses would grow
    without bound; and it does not read `Retry-After`.
    Raises ValueError where the attempts are not bounded.
    """
    return {
        "retry_total": _repeats(policy),
        "initial_backoff": 0,
        "increment_base": policy.first,
        "random_jitter_range": _QUEUE_JITTER,
    }


def _repeats(policy: Retry) -> int:
    if policy.attempts is None:
        raise ValueError("expected a policy that bounds its attempts")
    return policy.attempts - 1


TABLE_RETRIES = core_retries(TABLES)
QUEUE_RETRIES = queue_retries(QUEUES)


def new_session() -> aiohttp.ClientSession:
    """Open a session without the environment's proxies and without cookies.

    By default the SDKs read `~/.netrc` and the proxy variables in a thread at every request, which
    costs a third of an upsert's processor time.
    """
    # No limit of connections: a frame must not wait for one. azure-core unpacks bodies itself.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


def share(
    session: aiohttp.ClientSession,
    connect_seconds: Seconds = CONNECT,
    read_seconds: Seconds = READ,
) -> AioHttpTransport:
    """Return a transport over the session that no client closes.

    The time-outs bound the opening of a connection and the wait for each part of an answer. They
    are set here because a client applies its own only to a transport that it makes itself, and
    the transport's defaults are five minutes.
    """
    return AioHttpTransport(
        session=session,
        session_owner=False,
        use_env_settings=False,
        connection_timeout=connect_seconds,
        read_timeout=read_seconds,
    )
