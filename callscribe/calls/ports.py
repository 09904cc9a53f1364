"""What calls need from the world, as protocols: their tables, ACS, and Web PubSub's two hubs.

`storage/` and `cloud/` implement them. Every method may raise UnavailableError (of its own kind)
when the other side cannot answer now: StorageUnavailableError or TelephonyUnavailableError.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from callscribe.calls.call import Call, State
from callscribe.calls.events import Answered
from callscribe.calls.participants import Roster
from callscribe.calls.route import Route
from callscribe.calls.targets import Target
from callscribe.calls.transcription import Operation
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import Ms, Seconds, elapsed


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it was read or written, with the version that a save must be based on."""

    call: Call
    etag: str


# A call that is up is looked at so often: where transcription is wanted, and where it is not.
WANTED, NOT_WANTED = Seconds(20), Seconds(60)


@dataclass(frozen=True, slots=True)
class Active:
    """A call that is listed as active, as far as a poll of ACS is compared with it.

    `next_at` is when it is looked at, `try_at` when the call itself waits for something (None:
    it waits for nothing); `runs` is the locale that is transcribed, `number` that of the last
    operation. `etag` is the version of the row.
    """

    call_id: str
    etag: str
    next_at: Ms
    try_at: Ms | None = None
    connection_id: str | None = None
    connected: bool = False
    wanted: bool = False
    runs: str | None = None
    number: int = 0

    def is_due(self, now: Ms) -> bool:
        """Tell whether the call is to be looked at.

        A moment further ahead than calls are looked at was noted by a clock that was set since.
        """
        ahead = elapsed(now, self.next_at)
        return not 0 < ahead <= (WANTED if self.wanted else NOT_WANTED)


@dataclass(frozen=True, slots=True)
class CallStatus:
    """What ACS says of a call that it knows; `state` is its own word, of an open set."""

    state: str
    transcribing: bool
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Dial:
    """Who is dialled, as raw ids, and how: what a request to place a call says.

    `caller` is the number that is shown to numbers, `on_behalf_of` a Teams resource account.
    `intermediate` says whether hypotheses are wanted; None: as the app's settings say.
    """

    targets: tuple[str, ...]
    caller: str | None = None
    on_behalf_of: str | None = None
    display_name: str | None = None
    intermediate: bool | None = None


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a call is joined: the kind of its id (`serverCallId`, `groupCallId`, `roomId`), it."""

    kind: str
    id: str
    intermediate: bool | None = None


class CallStore(Protocol):
    """The Calls, ActiveCalls and Participants tables: calls, which are active, and whose."""

    async def create(self, call: Call, next_at: Ms) -> Stored:
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

    async def open(self, call: Call, next_at: Ms, try_at: Ms | None) -> None:
        """List the call as active, whatever was listed before."""
        ...

    async def track(
        self, call: Call, next_at: Ms, try_at: Ms | None, etag: str | None = None
    ) -> None:
        """Note how an active call stands and when it is due; one that is not listed stays so.

        With `etag` only a row that is still at that version. Raises ConflictError otherwise.
        """
        ...

    async def listed(self, call_id: str) -> str | None:
        """Return the version of an active call's row; None where it is not listed."""
        ...

    async def close(self, call_id: str, etag: str) -> None:
        """Take the call off the list of active ones, if its row is still at that version.

        Raises ConflictError otherwise. Who calls this has, after reading the row, saved the call
        under its own version: so no call that is up loses its row.
        """
        ...

    async def due(self, now: Ms, most: int) -> list[Active]:
        """Return up to `most` active calls of this deployment that are due, longest due first."""
        ...

    async def put_off(self, rows: Sequence[tuple[Active, Ms]]) -> None:
        """Note of active calls when each is due again; of rows that were changed nothing."""
        ...

    async def active(self) -> set[str]:
        """Return the ids of all active calls of this deployment."""
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
    """ACS Call Automation. To repeat a request is up to the caller: each is sent once.

    Every method raises TelephonyRefusedError where ACS answers 4xx, TelephonyUnavailableError
    where it answers 429 or 5xx, or not at all: then nobody knows whether the request took effect.
    """

    async def answer(
        self, call: Call, context: str, stream_url: str, *, intermediate: bool | None = None
    ) -> Answered:
        """Answer a ringing call, and return the ids that it has from then on.

        `intermediate` says whether hypotheses are wanted; None: as the settings say. Repeating it
        is safe: under the call's own request id it takes effect once.
        """
        ...

    async def reject(self, call: Call, context: str) -> None:
        """Reject a ringing call. Repeating it is safe, as it is with an answer."""
        ...

    async def place(self, call: Call, dial: Dial, stream_url: str) -> Answered:
        """Dial, and return the ids of the call: it is up once somebody answers.

        Repeating it is safe, as it is with an answer.
        """
        ...

    async def join(self, call: Call, locator: Locator, stream_url: str) -> Answered:
        """Join a call that is up without us. Repeating it is safe, as it is with an answer."""
        ...

    async def poll(self, connection_id: str) -> CallStatus | None:
        """Return the status of a call; None where ACS does not know it (404)."""
        ...

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        """Ask to start, update or stop transcription; the outcome comes as a callback.

        The operation's number comes back in that callback's `operationContext`, as `t{number}`.
        """
        ...

    async def hang_up(self, connection_id: str, *, everyone: bool) -> None:
        """Ask to end the call, or to leave it; the end comes as a callback."""
        ...


class StreamHub(Protocol):
    """The hub of Web PubSub that ACS streams to."""

    async def stream_url(self, call_id: str, ticket: str | None = None) -> str:
        """Return a WebSocket address for a call's stream, with a ticket where there is one.

        Else it has a token, which is new each time.
        """
        ...

    async def has_stream(self, call_id: str) -> bool:
        """Tell whether a stream of the call is open."""
        ...


class LiveFeed(Protocol):
    """The hub of Web PubSub that viewers listen to."""

    def publish(self, call_id: str, message: Json) -> None:
        """Send a message to the viewers of a call, later and at most once. Raises nothing."""
        ...

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        """Return a receive-only WebSocket address for one call, valid for so many minutes."""
        ...


class RouteBook(Protocol):
    """What is done about calls to whom. `people/` implements it."""

    async def find(self, callee: str) -> Route | None:
        """Return the route of whoever is called: their own, or that of everybody, or none.

        Raises StorageUnavailableError, and StorageRefusedError for one that cannot be read.
        """
        ...


class People(Protocol):
    """Who is on a call: their rows, and their links to it. `people/` implements it.

    Every method may be repeated, and may raise StorageUnavailableError.
    """

    async def introduce(self, call: Call, people: Iterable[Target]) -> None:
        """Note the names and the roles of people who are called; that links nobody to the call."""
        ...

    async def note(self, call: Call, roster: Roster, at: Ms) -> None:
        """Note who is on the call by a list of participants, which ACS made `at` a moment."""
        ...

    async def note_end(self, call: Call) -> None:
        """Note that nobody is on a call that has ended; nothing where it has not."""
        ...

    async def note_speakers(self, call: Call, raw_ids: Iterable[str]) -> None:
        """Note who was heard, though no list of participants had them."""
        ...
