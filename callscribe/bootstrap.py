"""Put the app together: the only module that chooses an implementation for each port.

There is one set of parts per worker process. Each is made, and what it needs is imported, when it
is first used, so that no function waits for parts that it does not use.
"""

import math
import os
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from callscribe.foundation import log
from callscribe.foundation.errors import NotConfiguredError
from callscribe.options import (
    answer_options,
    call_options,
    deployment_of,
    marks,
    place_options,
    resources,
)
from callscribe.settings.host_json import host_problems
from callscribe.settings.settings import TIMES as USUAL
from callscribe.settings.settings import Settings, load

if TYPE_CHECKING:
    from callscribe.calls.actions import Actions
    from callscribe.calls.answering import Answering
    from callscribe.calls.callbacks import CallbackReceiver
    from callscribe.calls.controlling import Controlling
    from callscribe.calls.effects import Effects
    from callscribe.calls.labelling import Labelling
    from callscribe.calls.placing import Placing
    from callscribe.calls.ports import StreamHub
    from callscribe.calls.repeating import Repeating
    from callscribe.cloud.call_automation import AcsTelephony
    from callscribe.cloud.clients import Clients
    from callscribe.cloud.live_publisher import WebPubSubFeed
    from callscribe.foundation.clock import SystemClock
    from callscribe.jobs.runner import Runner
    from callscribe.jobs.sweep import Sweep
    from callscribe.jobs.watch import Watch
    from callscribe.people.attendance import Attendance
    from callscribe.people.routes import Routes
    from callscribe.proofs import Proofs
    from callscribe.reports.finishing import Finishing
    from callscribe.storage.calls import TableCallStore
    from callscribe.storage.queue import StorageJobQueue
    from callscribe.storage.tables import Table, TableTranscriptStore
    from callscribe.stream.connecting import Connecting
    from callscribe.stream.door import Door
    from callscribe.stream.doors import StreamDoor
    from callscribe.stream.receiving import StreamReceiver
    from callscribe.transcripts.reading import Reading

# The spans that are no settings. The tests' own app replaces them with shorter ones.
TIMES = USUAL
HOST_JSON = Path(__file__).parent.parent / "host.json"


class Worker:
    """The parts that one worker process works with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def answering(self) -> "Answering":
        """The service that answers calls."""
        from callscribe.calls.answering import Answering

        return Answering(
            calls=self.calls,
            transcripts=self.transcripts,
            telephony=self._telephony,
            stream=self._stream,
            effects=self._effects,
            routes=self.routes,
            labelling=self.labelling,
            clock=self.clock,
            options=answer_options(self.settings),
        )

    @cached_property
    def callbacks(self) -> "CallbackReceiver":
        """The service that takes ACS's callbacks."""
        from callscribe.calls.callbacks import CallbackReceiver

        services = self._people, self._effects, self.clock
        return CallbackReceiver(self.calls, self.transcripts, *services)

    @cached_property
    def receiver(self) -> "StreamReceiver":
        """The service that takes the stream's events."""
        from callscribe.stream.receiving import StreamReceiver

        return StreamReceiver(self._door, self.connecting, self.transcripts, self.feed, self.clock)

    @cached_property
    def connecting(self) -> "Connecting":
        """The service that lets streams in."""
        from callscribe.stream.connecting import Connecting

        services = self.transcripts, self._effects, self.clock
        return Connecting(self._door, self.entrance, self.proofs.dials, *services)

    @cached_property
    def entrance(self) -> "StreamDoor":
        """The door by which streams come in."""
        from callscribe.stream.doors import TicketDoor, TokenDoor

        if not self.settings.by_ticket:
            return TokenDoor(self._door)
        return TicketDoor(self.calls, self.clock, self.settings.times.address)

    @cached_property
    def watch(self) -> "Watch":
        """The watch over calls that have not ended."""
        from callscribe.jobs.watch import Watch

        return Watch(
            calls=self.calls,
            transcripts=self.transcripts,
            telephony=self._telephony,
            effects=self._effects,
            clock=self.clock,
            answer_until=self.settings.times.answer_until,
        )

    @cached_property
    def sweep(self) -> "Sweep":
        """The daily search for calls that nobody looks after."""
        from callscribe.jobs.sweep import Sweep

        return Sweep(self.calls, self.clock, deployment_of(self.settings))

    @cached_property
    def runner(self) -> "Runner":
        """The runner of the queue's jobs."""
        from callscribe.jobs.runner import Runner

        return Runner(jobs=self._jobs, effects=self._effects, finishing=self._finishing)

    @cached_property
    def reading(self) -> "Reading":
        """The service that shows calls and transcripts."""
        from callscribe.transcripts.reading import Reading

        return Reading(self.calls, self.transcripts, self.labelling, self.feed, self.clock)

    @cached_property
    def proofs(self) -> "Proofs":
        """Who checks what senders prove themselves by."""
        from callscribe.proofs import Proofs

        return Proofs(self.settings, lambda: self._clients.session, lambda: self.calls)

    @cached_property
    def routes(self) -> "Routes":
        """The service that keeps routes."""
        from callscribe.people.routes import Routes

        return Routes(self._table("Routes"), self.clock)

    @cached_property
    def placing(self) -> "Placing":
        """The service that places calls, joins them, and expects those of others."""
        from callscribe.calls.placing import Placing
        from callscribe.calls.repeating import Dialling, Joins

        rows, settings = self._table("Requests"), self.settings
        options = place_options(settings)
        return Placing(
            calls=self.calls,
            transcripts=self.transcripts,
            people=self._people,
            telephony=self._telephony,
            stream=self._stream,
            effects=self._effects,
            repeating=self.repeating,
            joins=Joins(rows, self.clock, options.deployment),
            dialling=Dialling(rows, options.deployment, settings.dial_at_once),
            actions=self._actions,
            labelling=self.labelling,
            clock=self.clock,
            options=options,
        )

    @cached_property
    def controlling(self) -> "Controlling":
        """The service that controls calls."""
        from callscribe.calls.controlling import Controlling

        return Controlling(self.calls, self._effects, self._actions, self.placing)

    @cached_property
    def labelling(self) -> "Labelling":
        """The service that labels calls, and finds them by their labels."""
        from callscribe.calls.labelling import Labelling

        return Labelling(self.calls, self._table("Labels"), self._actions)

    @cached_property
    def repeating(self) -> "Repeating":
        """The service that has each request done once."""
        from callscribe.calls.repeating import Repeating

        rows, deployment = self._table("Requests"), deployment_of(self.settings)
        return Repeating(rows, self.clock, deployment)

    @cached_property
    def clock(self) -> "SystemClock":
        """The machine's clock."""
        from callscribe.foundation.clock import SystemClock

        return SystemClock()

    @cached_property
    def calls(self) -> "TableCallStore":
        """The tables of calls."""
        from callscribe.storage.active import ActiveTable
        from callscribe.storage.calls import TableCallStore

        active = ActiveTable(self._clients.table("ActiveCalls"), deployment_of(self.settings))
        return TableCallStore(self._table("Calls"), active, self._table("Participants"))

    @cached_property
    def transcripts(self) -> "TableTranscriptStore":
        """The table of transcripts."""
        from callscribe.storage.tables import TableTranscriptStore

        return TableTranscriptStore(self._clients.table("Transcripts"))

    @cached_property
    def feed(self) -> "WebPubSubFeed":
        """The live feed."""
        from callscribe.cloud.live_publisher import WebPubSubFeed

        return WebPubSubFeed(self._clients.lean_hub(self.settings.live_hub))

    async def close(self) -> None:
        """Close what was opened. Only tests need this: a worker process just ends."""
        await self.feed.drain()
        await self._clients.session.close()

    @cached_property
    def _clients(self) -> "Clients":
        from callscribe.cloud.clients import Clients

        return Clients(resources(self.settings))

    @cached_property
    def _telephony(self) -> "AcsTelephony":
        from callscribe.cloud.call_automation import AcsTelephony

        return AcsTelephony(self._clients.call_automation(), call_options(self.settings))

    @cached_property
    def _stream(self) -> "StreamHub":
        from callscribe.cloud.web_pubsub import TicketedStream, WebPubSubStream

        settings, host = self.settings, self.settings.stream_host
        client = self._clients.hub(settings.stream_hub)
        if settings.by_ticket:
            return TicketedStream(client, settings.webpubsub_endpoint, settings.stream_hub, host)
        return WebPubSubStream(client, math.ceil(settings.times.address / 60), host)

    @cached_property
    def _door(self) -> "Door":
        from callscribe.stream.door import Door

        return Door(self.calls, self.clock, marks(self.settings))

    @cached_property
    def _effects(self) -> "Effects":
        from callscribe.calls.effects import Effects

        return Effects(
            calls=self.calls,
            transcripts=self.transcripts,
            telephony=self._telephony,
            stream=self._stream,
            jobs=self._jobs,
            feed=self.feed,
            clock=self.clock,
            finish_delay=self.settings.times.finish_delay,
            longest=self.settings.times.longest_call,
        )

    @cached_property
    def _finishing(self) -> "Finishing":
        from callscribe.reports.finishing import Finishing

        return Finishing(
            calls=self.calls,
            transcripts=self.transcripts,
            people=self._people,
            labelling=self.labelling,
            feed=self.feed,
            clock=self.clock,
            shortest_gap=self.settings.times.gap,
        )

    @cached_property
    def _actions(self) -> "Actions":
        from callscribe.calls.actions import Actions

        return Actions(self.transcripts, self.clock)

    @cached_property
    def _people(self) -> "Attendance":
        from callscribe.people.attendance import Attendance

        return Attendance(self.calls, self.transcripts)

    @cached_property
    def _jobs(self) -> "StorageJobQueue":
        from callscribe.storage.queue import NAME, POISON, StorageJobQueue

        return StorageJobQueue(self._clients.queue(NAME), self._clients.queue(POISON))

    def _table(self, name: str) -> "Table":
        from callscribe.storage.tables import Table

        return Table(self._clients.table(name))


@cache
def worker() -> Worker:
    """Return this process's worker.

    Raises NotConfiguredError when a setting is missing or wrong, or host.json is: each time anew.
    """
    log.quiet_azure()
    return Worker(_settings())


def problems() -> list[str]:
    """Return what keeps the app from working, one line each; nothing where it is configured."""
    try:
        worker()
    except NotConfiguredError as error:
        return error.problems
    return []


def _settings() -> Settings:
    """Read the settings and host.json. Raises NotConfiguredError that names all that is wrong."""
    of_the_host = host_problems(_host_json(), os.environ)
    try:
        settings = load(os.environ, TIMES)
    except NotConfiguredError as error:
        raise NotConfiguredError(error.problems + of_the_host) from None
    if of_the_host:
        raise NotConfiguredError(of_the_host)
    return settings


def _host_json() -> bytes | None:
    try:
        return HOST_JSON.read_bytes()
    except FileNotFoundError:
        return None
