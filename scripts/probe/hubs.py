"""The hubs whose doors are tried: scratch ones where they can be made, or one that is named."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from scripts.probe.doors import Door
from scripts.probe.target import Target

# Names must begin with a letter. A token's door may be tried at a hub that nobody has set up.
SCRATCH = "probe"


@dataclass(frozen=True, slots=True)
class Hubs:
    """The hub of each door; None where there is none to try it at."""

    token: str
    ticket: str | None

    def of(self, door: Door) -> str | None:
        """Return the hub of a door."""
        return self.token if door is Door.TOKEN else self.ticket


@asynccontextmanager
async def hubs(
    target: Target, session: aiohttp.ClientSession, port: int | None
) -> AsyncIterator[Hubs]:
    """Yield the hubs; those that were made are removed. `port` is that of our event handler."""
    scratch = f"{SCRATCH}{uuid.uuid4().hex}"
    if target.hub is not None:
        # A token that counts for nothing on an anonymous hub must not seem to open it: only our own
        # event handler can tell, which lets nobody in who has neither token nor ticket.
        yield Hubs(target.hub if port else scratch, target.hub)
        return
    made = Hubs(f"{scratch}a", f"{scratch}b")
    if not await _make(target, session, port, made):
        yield Hubs(scratch, None)
        return
    try:
        yield made
    finally:
        for hub in (made.token, made.ticket):
            with suppress(aiohttp.ClientError):
                async with session.delete(f"{target.endpoint}/emulator/hubs/{hub}"):
                    pass


async def _make(
    target: Target, session: aiohttp.ClientSession, port: int | None, made: Hubs
) -> bool:
    """Set the hubs up on the emulator; tell whether it is one."""
    if not target.is_local:
        return False
    handler = {
        "UrlTemplate": f"http://127.0.0.1:{port}/{{event}}",
        "SystemEvents": ["connect"],
    }
    for hub, policy in ((made.token, "deny"), (made.ticket, "allow")):
        body = {"EventHandlers": [handler], "AnonymousConnect": policy}
        url = f"{target.endpoint}/emulator/hubs/{hub}"
        try:
            async with session.put(url, json=body) as response:
                if response.status != HTTPStatus.OK:
                    return False
        except aiohttp.ClientError:
            return False
    return True
