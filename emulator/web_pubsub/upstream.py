"""Delivery of events to the hubs' handlers: which one, whether it allows it, how often."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from emulator.web_pubsub.abuse_protection import AbuseProtection
from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.delivery import Delivery
from emulator.web_pubsub.events import SYSTEM, USER, Event, Reply
from emulator.web_pubsub.faults import Faults
from emulator.web_pubsub.hubs import EventHandler, Hubs
from emulator.web_pubsub.settings import Settings

NO_HANDLER = Reply(None, "no event handler takes this event")


class Upstream:
    """Posts events and returns what became of them; an upstream's failure is a reply, no error."""

    _session: aiohttp.ClientSession
    _abuse: AbuseProtection

    def __init__(self, settings: Settings, hubs: Hubs, faults: Faults) -> None:
        self._settings = settings
        self._hubs = hubs
        self._faults = faults
        self._notifications: set[asyncio.Task[Reply]] = set()

    async def lifetime(self, _app: web.Application) -> AsyncIterator[None]:
        """Keep one HTTP session, with as many connections as there are clients."""
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
        ) as self._session:
            self._abuse = AbuseProtection(
                self._session, self._settings.validation_timeout, self._settings.validation_refresh
            )
            yield
            await self._cancel_notifications()

    def event(
        self,
        connection: Connection,
        name: str,
        body: bytes,
        content_type: str,
        *,
        system: bool = False,
    ) -> Event:
        """Return the connection's next event; it takes its number now, whoever is told of it."""
        if self._faults.take("upstream", "skipId", (SYSTEM if system else USER) + name):
            connection.last_event_id += 1
        return connection.event(name, body, content_type, system=system)

    async def deliver(self, connection: Connection, event: Event) -> Reply:
        """Deliver an event, again if the hub repeats deliveries, and return the last reply."""
        settings = self._hubs.get(connection.hub)
        handler = settings.handler_for(event.name, system=event.system) if settings else None
        if settings is None or handler is None:
            return self._nobody(connection, event)
        record = connection.record(event)
        url = handler.url(connection.hub, event.name)
        delivery = Delivery(self._session, self._faults, connection, event, record, url)
        delays = self._settings.retry_delays if settings.upstream_retries else ()
        reply = await self._refusal(handler, connection)
        if reply is None:
            reply = await self._within_limit(delivery, delays)
        record.note(reply)
        return reply

    def notify(self, connection: Connection, event: Event) -> None:
        """Deliver an event beside everything else: nobody waits for the reply."""
        task = asyncio.create_task(self.deliver(connection, event))
        self._notifications.add(task)
        task.add_done_callback(self._notifications.discard)

    def forget(self) -> None:
        """Ask every address anew whether it allows events."""
        self._abuse.forget()

    def _nobody(self, connection: Connection, event: Event) -> Reply:
        if not event.system:
            connection.record(event).note(NO_HANDLER)
        return NO_HANDLER

    async def _refusal(self, handler: EventHandler, connection: Connection) -> Reply | None:
        """Return a reply in the place of an address that does not allow events."""
        url = handler.validation_url(connection.hub)
        verdict = await self._abuse.verdict(url, connection.source.origin)
        return None if verdict.allowed else Reply(None, verdict.refusal)

    async def _within_limit(self, delivery: Delivery, delays: tuple[float, ...]) -> Reply:
        limit = self._settings.upstream_timeout
        try:
            async with asyncio.timeout(limit):
                return await self._repeat(delivery, delays)
        except TimeoutError:
            return Reply(None, f"the event handler did not answer within {limit:g} s")

    async def _repeat(self, delivery: Delivery, delays: tuple[float, ...]) -> Reply:
        reply = await delivery.attempt()
        for delay in delays:
            if not reply.may_pass:
                break
            await asyncio.sleep(delay)
            reply = await delivery.attempt()
        return reply

    async def _cancel_notifications(self) -> None:
        for task in self._notifications:
            task.cancel()
        await asyncio.gather(*self._notifications, return_exceptions=True)
