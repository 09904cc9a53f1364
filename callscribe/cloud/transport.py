"""One HTTP session for all SDK clients of a worker, and how long and how often they try."""

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0

TABLE_RETRIES = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 2}
QUEUE_RETRIES = {
    "retry_total": 2,
    "initial_backoff": 0,
    "increment_base": 0.5,
    "random_jitter_range": 0.2,
}
"""The queue's SDK has retries of its own kind: unless told it pauses for 15 seconds and more."""


def new_session() -> aiohttp.ClientSession:
    """Open a session without the environment's proxies and without cookies.

    The SDKs' default reads `~/.netrc` and the proxy variables in a thread at every request: a third
    of an upsert's CPU time.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


def share(
    session: aiohttp.ClientSession,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
) -> AioHttpTransport:
    """Return a transport over the session that no client closes.

    Time-outs are set here: those given to a client count only for a transport of its own making,
    and the transport's defaults are five minutes.
    """
    return AioHttpTransport(
        session=session,
        session_owner=False,
        use_env_settings=False,
        connection_timeout=connect_seconds,
        read_timeout=read_seconds,
    )
