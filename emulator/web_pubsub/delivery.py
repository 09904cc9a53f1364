"""One attempt to deliver one event, with the faults that apply to it."""

import asyncio
from dataclasses import dataclass, replace

import aiohttp
from yarl import URL

from emulator.web_pubsub.connections import Connection, EventRecord
from emulator.web_pubsub.events import Event, Reply, header_value, is_transient
from emulator.web_pubsub.faults import Fault, Faults

LOST_REPLY = Reply(None, "the reply was lost", is_transient=True)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one address."""

    session: aiohttp.ClientSession
    faults: Faults
    connection: Connection
    event: Event
    record: EventRecord
    url: str

    async def attempt(self) -> Reply:
        """Deliver the event, note each reply, and return the last 2xx, or else the last reply."""
        if slow := self.faults.take("upstream", "delay", self.event.type):
            await asyncio.sleep(slow.number)
        if fault := self.faults.take("upstream", "status", self.event.type):
            status = int(fault.number)
            replies = [Reply(status, is_transient=is_transient(status))]
        else:
            replies = await self._post_all()
        for reply in replies:
            self.record.attempts += 1
            self.record.note(reply)
        return next((reply for reply in reversed(replies) if reply.ok), replies[-1])

    async def _post_all(self) -> list[Reply]:
        twice = self.faults.take("upstream", "deliverTwice", self.event.type)
        lost = self.faults.take("upstream", "loseReply", self.event.type)
        replies = await self._post_twice(twice) if twice else [await self._post()]
        # The upstream has handled the event, but this service behaves as if it had heard nothing.
        return [LOST_REPLY] * len(replies) if lost else replies

    async def _post_twice(self, fault: Fault) -> list[Reply]:
        if fault.value == "together":
            return list(await asyncio.gather(self._post(), self._post()))
        return [await self._post(), await self._post()]

    async def _post(self) -> Reply:
        headers = dict(self.event.headers)
        # Microsoft's emulator keeps the cookies of each connection: affinity cookies of a front end
        # then send all events of one client to one instance.
        if cookies := self.connection.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        try:
            async with self.session.post(
                URL(self.url, encoded=True),
                data=self.event.body,
                headers=headers,
                # Only a 2xx acknowledges an event; a redirect does not.
                allow_redirects=False,
            ) as response:
                return await self._read(response)
        except aiohttp.ClientError as error:
            return Reply(None, f"{type(error).__name__}: {error}", is_transient=True)

    async def _read(self, response: aiohttp.ClientResponse) -> Reply:
        states = response.headers.getall("ce-connectionState", [])
        reply = Reply(
            response.status,
            is_transient=is_transient(response.status),
            body=await response.read(),
            content_type=response.headers.get("Content-Type", ""),
            state=header_value(states[-1]) if states else None,
        )
        if not reply.ok:
            return replace(reply, error=f"the event handler answered {reply.status}")
        cookies = response.cookies.items()
        self.connection.cookies.update({name: cookie.value for name, cookie in cookies})
        return reply
