"""The telephony adapter as the app makes it, over an ACS emulator that rings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from azure.communication.callautomation.aio import CallAutomationClient
from azure.core.credentials import AzureKeyCredential

from callscribe.adapters.call_automation import CONNECT_SECONDS, AcsTelephony
from callscribe.adapters.transport import new_session, share
from callscribe.domain.call import Call, Direction, State, Transcription
from callscribe.domain.identifiers import new_call_id
from tests.emulator.acs.stacks import Stack, stack
from tests.fakes.clock import START
from tests.fakes.settings import settings


@asynccontextmanager
async def telephony(
    url: str, callbacks: str, read_seconds: float = 10, **changes: str
) -> AsyncIterator[AcsTelephony]:
    """Yield the adapter for the ACS at `url`."""
    chosen = settings(ACS_ENDPOINT=url, CALLBACK_BASE_URL=callbacks, **changes)
    async with new_session() as session:
        client = CallAutomationClient(
            url,
            AzureKeyCredential(chosen.acs_access_key),
            transport=share(session, CONNECT_SECONDS, read_seconds),
            retry_total=0,
        )
        yield AcsTelephony(client, chosen)


def call(**changes: Any) -> Call:
    """Return a call that rings, to be transcribed from the answer on."""
    usual: dict[str, Any] = {
        "id": new_call_id(START, "event"),
        "direction": Direction.INBOUND,
        "state": State.ANSWERING,
        "caller": "4:+493012345",
        "callee": "4:+498998765",
        "rang_at": START,
        "locale": "en-US",
        "transcription": Transcription.STARTING,
        "transcription_at": START,
        "transcription_attempts": 1,
    }
    return Call(**(usual | changes))


@dataclass
class Acs:
    """The emulator, its peer, and the adapter that answers."""

    stack: Stack
    telephony: AcsTelephony

    @property
    def stream_url(self) -> str:
        return self.stack.peer.stream_url

    async def ring(self) -> str:
        """Ring, and return the context to answer with."""
        return await self.stack.context(await self.stack.ring(stay=True))


@asynccontextmanager
async def acs(**changes: str) -> AsyncIterator[Acs]:
    """Yield an emulator that is up, and the adapter for it."""
    async with stack() as running:
        await running.subscribe()
        changes = {"ACS_ACCESS_KEY": running.settings.access_key or "", **changes}
        async with telephony(running.url, running.peer.callback_url, 10, **changes) as adapter:
            yield Acs(running, adapter)
