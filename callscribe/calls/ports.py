"""What calls need from the world, as protocols: their tables, ACS, and Web PubSub's two hubs.

`storage/` and `cloud/` implement them. Every method may raise UnavailableError (of its own kind)
when the other side cannot answer now: StorageUnavailableError or TelephonyUnavailableError.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from callscribe.calls.call import Call, State
from callscribe.calls.events import Answered
from callscribe.calls.participants import Roster
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it was read or written, with the version that a save must be based on."""

    call: Call
    etag: str


@dataclass(frozen=True, slots=True)
class Active:
    """A call that is not over, as far as is known, and when ACS last said so."""

    call_id: str
    last_seen: Ms


@dataclass(frozen=True, slots=True)
class CallStatus:
    """What ACS says of a call that it knows."""

    connected: bool
    transcribing: bool


class CallStore(Protocol):
    """The Calls, ActiveCalls and Participants tables: calls, which are active, and whose."""

    async def create(self, call: Call) -> Stored:
        """Insert the call as active, then its record; return it with its first version.

        Raises ConflictError if it exists, unless it is what this very call wrote.
        """
        ...

    async def read(self, call_id: str) -> Stored | None:
        """Return the call, or None. Raises CallscribeError where its row cannot be understood."""
        ...

    async def save(self, call: Call, etag: str) -> Stored:
        """Write the call if it is still at the version `etag`; return it with the new version.

        Raises ConflictError where it was changed or erased in the meantime.
        """
        ...

    async def remember(self, call_id: str, last_seen: Ms) -> None:
        """List the call as active, and note when ACS last said so."""
        ...

    async def forget(self, call_id: str) -> None:
        """Take the call off the list of active ones; one that is not listed is no error."""
        ...

    async def active(self) -> list[Active]:
        """Return all calls that are listed as active, in no order."""
        ...

    async def of_day(
        self, day: str, after: str | None, limit: int, state: State | None = None
    ) -> list[Call]:
        """Return up to `limit` calls of a UTC day (`2026-11-22`), newest first.

        Behind the row key `after` and in that state, where they are given. Rows that are no call
        are left out.
        """
        ...

    async def of_person(self, person: str, after: str | None, end: str, limit: int) -> list[str]:
        """Return the ids of up to `limit` calls in which a person took part, newest first.

        `person` is a participant id. The calls' row keys lie before `end`, and behind `after` where
        it is given.
        """
        ...

    async def link(self, raw_id: str, call: Call) -> None:
        """Note that a person took part in the call; doing so again changes nothing.

        Nobody is noted whose raw id is hidden (`foundation.identifiers.is_hidden`).
        """
        ...


class Telephony(Protocol):
    """ACS Call Automation. To repeat an answer, or a start, is up to the caller.

    Every method raises TelephonyRefusedError where ACS answers 4xx, TelephonyUnavailableError
    where it answers 429 or 5xx, or not at all.
    """

    async def answer(self, call: Call, context: str, stream_url: str) -> Answered:
        """Answer a ringing call, and return the ids that it has from then on.

        Repeating it is safe: under the call's own request id it takes effect once.
        """
        ...

    async def poll(self, connection_id: str) -> CallStatus | None:
        """Return the status of a call; None where ACS does not know it (404)."""
        ...

    async def start_transcription(self, call: Call) -> None:
        """Ask for transcription of a connected call; the outcome comes as a callback."""
        ...


class StreamHub(Protocol):
    """The hub of Web PubSub that ACS streams to."""

    async def stream_url(self, call_id: str) -> str:
        """Return a WebSocket address for a call's stream; its token is new each time."""
        ...


class LiveFeed(Protocol):
    """The hub of Web PubSub that viewers listen to."""

    def publish(self, call_id: str, message: Json) -> None:
        """Send a message to the viewers of a call, later and at most once. Raises nothing."""
        ...

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        """Return a receive-only WebSocket address for one call, valid for so many minutes."""
        ...


class People(Protocol):
    """Who is on a call: their rows, and their links to it. `people/` implements it.

    Every method may be repeated, and may raise StorageUnavailableError.
    """

    async def note(self, call: Call, roster: Roster, at: Ms) -> None:
        """Note who is on the call by a list of participants, which ACS made `at` a moment."""
        ...

    async def note_end(self, call: Call) -> None:
        """Note that nobody is on a call that has ended; nothing where it has not."""
        ...

    async def note_speakers(self, call: Call, raw_ids: Iterable[str]) -> None:
        """Note who was heard, though no list of participants had them."""
        ...
