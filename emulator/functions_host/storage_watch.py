"""The host's storage: without it the host does not start, and one that runs ends.

Only storage that refuses connections counts: one that hangs or answers errors ends no host.
"""

import asyncio
import contextlib
import logging
from urllib.parse import urlsplit

from emulator.functions_host.pace import (
    STORAGE_AT_START_SECONDS,
    STORAGE_PROBE_SECONDS,
    STORAGE_REFUSED_SECONDS,
    Pace,
)

_DEVELOPMENT = ("127.0.0.1", 10000)
# A storage that is frozen accepts connections, or lets them wait; either way it does not refuse.
_CONNECT_SECONDS = 5.0

log = logging.getLogger(__name__)


class Outage:
    """For how long storage has refused every connection."""

    def __init__(self) -> None:
        self._since: float | None = None

    def observe(self, now: float, *, refused: bool) -> float:
        """Take a probe at the moment `now`, and return for how long it has been out, in seconds."""
        if not refused:
            self._since = None
            return 0
        if self._since is None:
            self._since = now
        return now - self._since


class StorageWatch:
    """Probes the blob service, in which the host keeps its locks."""

    def __init__(self, connection: str, pace: Pace) -> None:
        self._host, self._port = blob_address(connection)
        self._pace = pace

    async def answers_at_start(self) -> bool:
        """Wait for storage as long as a host that starts does; tell whether it was there."""
        return not await self._refused_for(STORAGE_AT_START_SECONDS, until_it_answers=True)

    async def until_given_up(self) -> None:
        """Return when storage has refused connections for too long."""
        await self._refused_for(STORAGE_REFUSED_SECONDS, until_it_answers=False)

    async def refuses(self) -> bool:
        """Tell whether storage refuses connections now."""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except ConnectionRefusedError:
            return True
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return False

    async def _refused_for(self, seconds: float, *, until_it_answers: bool) -> bool:
        """Probe until storage has refused for so long; False when it has answered before."""
        outage, was_refused = Outage(), False
        time = asyncio.get_running_loop().time
        while True:
            refused = await self.refuses()
            if refused != was_refused:
                log.warning("Storage %s", "refuses connections" if refused else "answers again")
            was_refused = refused
            if until_it_answers and not refused:
                return False
            if outage.observe(self._pace.azure(time()), refused=refused) >= seconds:
                return True
            pause = min(STORAGE_PROBE_SECONDS, self._pace.real(STORAGE_PROBE_SECONDS))
            await asyncio.sleep(pause)


def blob_address(connection: str) -> tuple[str, int]:
    """Return host and port of the blob service that a connection string names."""
    parts = dict(part.partition("=")[::2] for part in connection.split(";") if part)
    if parts.get("UseDevelopmentStorage", "").lower() == "true":
        return _DEVELOPMENT
    scheme = parts.get("DefaultEndpointsProtocol", "https")
    suffix = parts.get("EndpointSuffix", "core.windows.net")
    default = f"{scheme}://{parts.get('AccountName', '')}.blob.{suffix}"
    url = urlsplit(parts.get("BlobEndpoint") or default)
    return url.hostname or "", url.port or (80 if url.scheme == "http" else 443)
