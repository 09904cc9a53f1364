"""Delivery of events to the event handlers: selection, validation, retries."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from emulator.web_pubsub.abuse_protection import AbuseProtection
from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.delivery import Delivery
from emulator.web_pubsub.events import SYSTEM, USER, Event, Reply
from emulator.web_pubsub.faults import Faults
from emulator.web_pubsub.hubs import EventHandler, Hubs, HubSettings
from emulator.web_pubsub.settings import Settings

NO_HANDLER = Reply(None, "no event handler takes this event")


class Upstream:
    """Delivers events; the failure of an upstream is a reply, not an exception."""

    _session: aiohttp.ClientSession
    _abuse: AbuseProtection

    def __init__(self, settings: Settings, hubs: Hubs, faults: Faults) -> None:
        self._settings = settings
        self._hubs = hubs
        self._faults = faults
        self._notifications: set[asyncio.Task[Reply]] = set()

    async def lifetime(self, _app: web.Application) -> AsyncIterator[None]:
        """Keep one HTTP session while the application runs."""
        # No limit of connections: each client has an event at the upstream at the same moment.
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            # Cookies belong to one client each; they are kept with its connection.
            cookie_jar=aiohttp.DummyCookieJar(),
            # The limit of an event covers its retries, too, and is kept by `_within_limit`.
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
        """Return the next event of a connection; its number is used up even without a handler."""
        if self._faults.take("upstream", "skipId", (SYSTEM if system else USER) + name):
            connection.last_event_id += 1
        return connection.event(name, body, content_type, system=system)

    async def deliver(self, connection: Connection, event: Event) -> Reply:
        """Deliver an event, with retries if the hub has them, and return the last reply."""
        settings = self._hubs.get(connection.hub)
        handler = settings.handler_for(event.name, system=event.system) if settings else None
        if settings is None or handler is None:
            return self._without_handler(connection, event)
        record = connection.record(event)
        url = handler.url(connection.hub, event.name)
        delivery = Delivery(self._session, self._faults, connection, event, record, url)
        delays = self._settings.retry_delays if settings.upstream_retries else ()
        reply = await self._refusal(settings, handler, connection)
        if reply is None:
            reply = await self._within_limit(delivery, delays)
        record.note(reply)
        return reply

    def notify(self, connection: Connection, event: Event) -> None:
        """Deliver an event in the background."""
        task = asyncio.create_task(self.deliver(connection, event))
        self._notifications.add(task)
        task.add_done_callback(self._notifications.discard)

    def forget(self) -> None:
        """Forget which addresses allow events."""
        self._abuse.forget()

    def _without_handler(self, connection: Connection, event: Event) -> Reply:
        # Only a message is dropped by the lack of a handler; system events are optional.
        if not event.system:
            connection.record(event).note(NO_HANDLER)
        return NO_HANDLER

    async def _refusal(
        self, settings: HubSettings, handler: EventHandler, connection: Connection
    ) -> Reply | None:
        """Return the reply for an address whose validation failed, None if events are allowed."""
        url = handler.validation_url(connection.hub)
        origins = (connection.source.origin, *settings.validation_origins)
        validation = await self._abuse.validation(url, origins)
        return None if validation.allowed else Reply(None, validation.refusal)

    async def _within_limit(self, delivery: Delivery, delays: tuple[float, ...]) -> Reply:
        limit = self._settings.upstream_timeout
        try:
            async with asyncio.timeout(limit):
                return await self._with_retries(delivery, delays)
        except TimeoutError:
            return Reply(None, f"the event handler did not answer within {limit:g} s")

    async def _with_retries(self, delivery: Delivery, delays: tuple[float, ...]) -> Reply:
        reply = await delivery.attempt()
        for delay in delays:
            if not reply.is_transient:
                break
            await asyncio.sleep(delay)
            reply = await delivery.attempt()
        return reply

    async def _cancel_notifications(self) -> None:
        for task in self._notifications:
            task.cancel()
        await asyncio.gather(*self._notifications, return_exceptions=True)
