"""One HTTP session for all SDK clients of a worker, how long they wait and how often they try."""

from typing import Any

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from callscribe.foundation.moments import Seconds
from callscribe.foundation.retry import Retry

# Storage answers in milliseconds; with the SDKs' own time-outs a lost answer would cost minutes.
CONNECT = Seconds(2)
READ = Seconds(5)
# Storage's clients repeat nothing: the rooms that use them do, within the deadline of a request.
ONE_TRY = {"retry_total": 0}


def core_retries(policy: Retry) -> dict[str, Any]:
    """Return a policy that bounds its attempts as options of azure-core's AsyncRetryPolicy.

    The clients of Tables, Call Automation and Web PubSub have that one. It counts the tries after
    the first, does not pause before the second, and pauses like the policy before later ones:
    never longer in all than the policy. A `Retry-After` replaces the pause, however long it is.
    Bad statuses, lost answers and failed connections are each repeated 3 times at most (its
    `retry_status`, `retry_read` and `retry_connect`), whatever the policy says.
    Raises ValueError where the attempts are not bounded.
    """
    if policy.attempts is None:
        raise ValueError("expected a policy that bounds its attempts")
    return {
        "retry_total": policy.attempts - 1,
        "retry_backoff_factor": policy.first,
        "retry_backoff_max": policy.longest,
    }


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
