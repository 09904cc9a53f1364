"""One run: each door is dialled without and with the header, directly and through a front."""

import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from scripts.acs_headers import ACS_ISSUER, acs_headers
from scripts.probe.dial import dial
from scripts.probe.doors import Dialled, Door, Trial
from scripts.probe.hubs import Hubs, hubs
from scripts.probe.target import Target
from scripts.probe.tokens import NoTokenError, client_token
from scripts.probe.upstream import CALL_HEADER, Marks, Upstream, listening


@dataclass(frozen=True, slots=True)
class Run:
    """What all trials of a run share."""

    target: Target
    hold: float
    marks: Marks
    session: aiohttp.ClientSession
    upstream: Upstream

    async def trial(self, door: Door, hub: str | None, front: str | None) -> Trial:
        """Try a door."""
        if hub is None:
            return Trial(door, front, why_not="no hub that allows anonymous clients")
        try:
            query = await self._query(door, hub)
        except NoTokenError as error:
            return Trial(door, front, why_not=str(error))
        url = self.target.client_url(hub, query, front)
        # New for each dial, as ACS's are.
        headers = acs_headers(self.marks.call, ACS_ISSUER)
        plain = await self._dial(url, {CALL_HEADER: headers[CALL_HEADER]})
        return Trial(door, front, plain, await self._dial(url, headers))

    async def _query(self, door: Door, hub: str) -> str:
        values = {"call": self.marks.call}
        if door is Door.TOKEN:
            values["access_token"] = await client_token(self.target, hub, self.marks.call)
        else:
            values["ticket"] = self.marks.ticket
        return urlencode(values)

    async def _dial(self, url: str, headers: dict[str, str]) -> Dialled:
        self.upstream.take()
        answer = await dial(self.session, url, headers, self.hold)
        return Dialled(answer, self.upstream.take())


async def try_doors(target: Target, hold: float, tell: Callable[[Trial], None]) -> list[Trial]:
    """Try every door. Raises TargetError where that cannot be begun."""
    marks = Marks(f"probe-{secrets.token_hex(8)}", secrets.token_urlsafe(32))
    upstream = Upstream(marks)
    async with AsyncExitStack() as stack:
        port = target.listen
        if port is not None or _makes_hubs(target):
            port = await stack.enter_async_context(listening(upstream, port or 0))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        tried = await stack.enter_async_context(hubs(target, session, port))
        run = Run(target, hold, marks, session, upstream)
        return [await _told(run, way, tried, tell) for way in _ways(target)]


async def _told(
    run: Run, way: tuple[Door, str | None], tried: Hubs, tell: Callable[[Trial], None]
) -> Trial:
    door, front = way
    trial = await run.trial(door, tried.of(door), front)
    tell(trial)
    return trial


def _makes_hubs(target: Target) -> bool:
    return target.is_local and target.hub is None


def _ways(target: Target) -> list[tuple[Door, str | None]]:
    fronts = [None, target.front] if target.front else [None]
    return [(door, front) for front in fronts for door in Door]
