"""One HTTP session for all SDK clients of a worker, how long they wait and how often they try."""

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from callscribe.foundation.moments import Seconds

# Storage answers in milliseconds; with the SDKs' own time-outs a lost answer would cost minutes.
CONNECT = Seconds(2)
READ = Seconds(5)
# The clients repeat nothing: the rooms that use them do, within the deadline of a request.
ONE_TRY = {"retry_total": 0}


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
