"""What the services need from the world, as protocols; `adapters/` keeps these promises.

Every method may raise UnavailableError (of its own kind) when the other side cannot answer now.
"""

from dataclasses import dataclass
from typing import Protocol

from callscribe.calls.call import Call, State
from callscribe.calls.events import Answered
from callscribe.foundation.json_input import Json


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it was read or written, with the version that a save must be based on."""

    call: Call
    etag: str


@dataclass(frozen=True, slots=True)
class Active:
    """A call that is not over, as far as is known. Times are Unix ms."""

    call_id: str
    last_seen: int


@dataclass(frozen=True, slots=True)
class CallStatus:
    """What ACS says of a call that it knows."""

    connected: bool
    transcribing: bool


class CallStore(Protocol):
    """The Calls, ActiveCalls and Participants tables."""

    async def create(self, call: Call) -> Stored:
        """Insert the call as active, then its record. Raises ConflictError if it exists."""
        ...

    async def read(self, call_id: str) -> Stored | None:
        """Return the call, or None."""
        ...

    async def save(self, call: Call, etag: str) -> Stored:
        """Write the call if it is still at `etag`. Raises ConflictError otherwise."""
        ...

    async def remember(self, call_id: str, last_seen: int) -> None:
        """Note that the call is active, and when ACS was last asked about it."""
        ...

    async def forget(self, call_id: str) -> None:
        """Note that the call is over; nothing happens if that was known."""
        ...

    async def active(self) -> list[Active]:
        """Return all calls that are not over."""
        ...

    async def of_day(
        self, day: str, after: str, limit: int, state: State | None = None
    ) -> list[Call]:
        """Return up to `limit` calls of a UTC day, newest first, behind the row key `after`.

        Only those in a state, where one is given.
        """
        ...

    async def of_person(self, person: str, after: str, end: str, limit: int) -> list[str]:
        """Return the ids of up to `limit` calls in which a person took part, newest first.

        The person is a participant id; the calls' row keys lie behind `after` and before `end`.
        """
        ...

    async def link(self, raw_id: str, call: Call) -> None:
        """Note that a person took part in the call."""
        ...


class Telephony(Protocol):
    """ACS Call Automation."""

    async def answer(self, call: Call, context: str, stream_url: str) -> Answered:
        """Answer a ringing call, once: repeating it has the effect of the first time.

        Raises TelephonyUnavailableError or TelephonyRefusedError.
        """
        ...

    async def poll(self, connection_id: str) -> CallStatus | None:
        """Return what ACS says of the call; None if it does not know it."""
        ...

    async def start_transcription(self, call: Call) -> None:
        """Ask for transcription; the outcome comes as a callback.

        Raises TelephonyUnavailableError or TelephonyRefusedError.
        """
        ...


class StreamHub(Protocol):
    """Where ACS streams to."""

    async def stream_url(self, call_id: str) -> str:
        """Return the WebSocket address for a call's words, with its token."""
        ...


class LiveFeed(Protocol):
    """Who watches."""

    def publish(self, call_id: str, message: Json) -> None:
        """Send a message to whoever watches the call, without waiting and without a promise."""
        ...

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        """Return a receive-only WebSocket address for one call."""
        ...
