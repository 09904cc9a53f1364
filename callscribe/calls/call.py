"""A call: its record, its states, and how it begins.

    answering ──▶ connecting ──▶ connected ──▶ ended
        │              └──▶ failed   ▲
        └──▶ missed                  │
    dialing ─────────────────────────┤
        └──▶ unanswered, failed

`missed`, `ended` and `failed` may be inferences (`inferred`): they yield once to what ACS says.
How a call begins is in `beginnings.py`; what an event makes of it is decided in `decide.py`.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from callscribe.calls.labels import Labels
from callscribe.calls.results import Reason
from callscribe.calls.transcription import Looking, OperationKind, Transcribing, is_due
from callscribe.calls.wish import Why, Wish
from callscribe.foundation.moments import Ms, Seconds

_NO_TIME = Seconds(0)


class Direction(StrEnum):
    """Who began the call: somebody who rang us, or we; `own` calls are another application's."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    JOINED = "joined"
    OWN = "own"


class State(StrEnum):
    """Where a call stands."""

    ANSWERING = "answering"
    DIALING = "dialing"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    ENDED = "ended"
    MISSED = "missed"
    UNANSWERED = "unanswered"
    REJECTED = "rejected"
    FAILED = "failed"
    ERASED = "erased"


UP = frozenset({State.ANSWERING, State.DIALING, State.CONNECTING, State.CONNECTED})


class Transcription(StrEnum):
    """Where a call's transcription stands, as it is shown."""

    OFF = "off"
    WAITING = "waiting"
    STARTING = "starting"
    ACTIVE = "active"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class EndedBy(StrEnum):
    """What told that a call is over."""

    CALLBACK = "callback"
    INFERRED = "inferred"
    HANGUP = "hangup"
    LIMIT = "limit"
    END = "end"


class HangUp(StrEnum):
    """How we want to leave: alone, or ending the call for everyone."""

    LEAVE = "leave"
    EVERYONE = "everyone"


class Consent(StrEnum):
    """Whether those on the call have agreed to be transcribed; `none`: nobody was asked."""

    NONE = "none"
    PENDING = "pending"
    ANNOUNCED = "announced"
    GIVEN = "given"
    REFUSED = "refused"
    SILENT = "silent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Report:
    """The completeness report. Frames = metadata + intermediates + finals + quarantined.

    `duplicates` counts the finals that repeat another one; `suspected_missing` the events that
    seem to have been lost on the way, and the rows that are gone. Words were lost in the seconds
    without a stream, but in those in which none was wanted.
    """

    frames: int = 0
    metadata: int = 0
    intermediates: int = 0
    finals: int = 0
    quarantined: int = 0
    duplicates: int = 0
    suspected_missing: int = 0
    seconds_without_stream: Seconds = _NO_TIME
    seconds_not_wanted: Seconds = _NO_TIME


@dataclass(frozen=True, slots=True)
class Line:
    """What is out, and what is due, on the line: leaving, and whether ACS still knows the call.

    `asked` is when ACS was last asked to hang up, `tries` how often; `unknown_at` when it first
    said that it does not know the call; `stream_closed` that a stream has closed since ACS last
    said that the call is up, `left_at` when that was, if it was not cut; `roster` is the number of
    the newest list of participants.
    """

    asked: Ms | None = None
    tries: int = 0
    next_at: Ms | None = None
    unknown_at: Ms | None = None
    stream_closed: bool = False
    left_at: Ms | None = None
    roster: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop that ends by itself: when it began, and how long it lasts."""

    since: Ms
    span: Seconds


@dataclass(frozen=True, slots=True)
class Own:
    """What is observed of a call that another application keeps: its streams, and silence.

    The first stream is waited for so long (`wait`); after `idle` without one, ACS is asked whether
    the call is still up. `silent` is since when no stream is known to be open, `ask_at` when ACS
    is asked next.
    """

    wait: Seconds
    idle: Seconds
    silent: Ms | None = None
    ask_at: Ms | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """The app's own part of a call's record: operations that are out, numbers, what is due.

    `idle_since` is since when no transcription runs; it stays while one runs.
    """

    line: Line = field(default_factory=Line)
    transcribing: Transcribing = field(default_factory=Transcribing)
    idle_since: Ms | None = None
    pause: Pause | None = None
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """The record of one call; what is not known yet is None. Raw ids are ACS's own.

    `caller` and `callee` are raw ids, or `UNKNOWN`; of a group that was dialled `callee` is the
    first. `locator` is where a call was joined. `begun_at` is when it rang or was dialled.
    `reason` is why the call ended as it did. `lease_id` names the delivery that answers the call,
    or answered it, `lease_until` when others may take over, `drives` how many have tried.
    """

    id: str
    direction: Direction
    state: State
    caller: str
    callee: str
    begun_at: Ms
    wish: Wish
    machine: Machine = field(default_factory=Machine)
    caller_name: str | None = None
    connection_id: str | None = None
    server_call_id: str | None = None
    correlation_id: str | None = None
    locator: str | None = None
    answered_at: Ms | None = None
    connected_at: Ms | None = None
    ended_at: Ms | None = None
    ended_by: EndedBy | None = None
    closed_at: Ms | None = None
    finished_at: Ms | None = None
    reason: Reason | None = None
    hang_up: HangUp | None = None
    consent: Consent = Consent.NONE
    consent_at: Ms | None = None
    consent_by: str | None = None
    consent_what: str | None = None
    people_now: int | None = None
    labels: Labels = ()
    deployment: str | None = None
    route: str | None = None
    tickets: str | None = None
    request_key: str | None = None
    lease_id: str | None = None
    lease_until: Ms | None = None
    drives: int = 0
    report: Report | None = None

    @property
    def terminal(self) -> bool:
        """Whether the call is over, one way or another."""
        return self.state not in UP

    @property
    def inferred(self) -> bool:
        """Whether the call is over only as far as we can tell: what ACS says corrects that."""
        inferred = self.ended_by in (EndedBy.INFERRED, EndedBy.LIMIT)
        return self.state is State.MISSED or (self.terminal and inferred)

    @property
    def line(self) -> Line:
        """What is out and due on the line."""
        return self.machine.line

    @property
    def is_own(self) -> bool:
        """Whether another application keeps the call: it is only observed."""
        return self.direction is Direction.OWN

    @property
    def transcribing(self) -> Transcribing:
        """What was observed of the transcription."""
        return self.machine.transcribing

    @property
    def transcription(self) -> Transcription:
        """Where the transcription stands, as it is shown."""
        own = self.machine.own
        return _shown(self) if own is None else _shown_own(self, own)

    @property
    def problem(self) -> Reason | None:
        """Why transcription does not run as wanted, and what can be done about it."""
        return self.transcribing.reason

    @property
    def transcription_next_at(self) -> Ms | None:
        """When the next try is due, where one is waited for because of the problem."""
        part = self.transcribing
        wanted = self.wish.on and not self.terminal
        runs = part.runs is not None and part.blocked == self.wish.revision
        waits = part.reason is not None and part.out is None and not runs
        return part.next_at if wanted and waits else None

    @property
    def locale(self) -> str | None:
        """The locale that runs, or ran last."""
        part = self.transcribing
        language = part.runs.language if part.runs else part.good
        return language.locale if language else None

    def around(self, now: Ms) -> Looking:
        """Return what the transcription's rules look at besides its own part."""
        return Looking(
            call_id=self.id,
            wish=self.wish,
            now=now,
            connected=self.state is State.CONNECTED,
            may_update=self.direction is not Direction.JOINED,
        )


def with_line(call: Call, line: Line) -> Call:
    """Return the call with another line."""
    return replace(call, machine=replace(call.machine, line=line))


def with_transcribing(call: Call, part: Transcribing) -> Call:
    """Return the call with another observation of its transcription."""
    return replace(call, machine=replace(call.machine, transcribing=part))


def acquire(call: Call, lease_id: str, until: Ms) -> Call:
    """Give one delivery the lease on the call; every time counts as one more drive."""
    return replace(call, lease_id=lease_id, lease_until=until, drives=call.drives + 1)


def renew(call: Call, until: Ms) -> Call:
    """Make the lease last longer."""
    return replace(call, lease_until=until)


def held_by_other(call: Call, lease_id: str, now: Ms) -> bool:
    """Tell whether another delivery holds the lease, and it has not expired."""
    until = call.lease_until
    return call.lease_id != lease_id and until is not None and not is_due(until, now)


def _shown(call: Call) -> Transcription:
    part, wish = call.transcribing, call.wish
    if call.terminal:
        if part.good is None and part.reason is not None:
            return Transcription.FAILED
        return Transcription.STOPPED if part.good is not None else Transcription.OFF
    if wish.on:
        return _shown_on(part, blocked=part.blocked == wish.revision)
    stopping = part.runs is not None or part.out is not None
    if stopping:
        return Transcription.STOPPING
    if wish.why is Why.CONSENT_PENDING:
        return Transcription.WAITING
    return Transcription.STOPPED if part.good is not None else Transcription.OFF


def _shown_own(call: Call, own: Own) -> Transcription:
    if call.connected_at is None:
        return Transcription.OFF
    streams = own.silent is None and not call.terminal
    return Transcription.ACTIVE if streams else Transcription.STOPPED


def _shown_on(part: Transcribing, *, blocked: bool) -> Transcription:
    if part.runs is not None:
        stopping = part.out is not None and part.out.kind is OperationKind.STOP
        return Transcription.STOPPING if stopping else Transcription.ACTIVE
    waits_for_people = blocked and not part.fallback
    return Transcription.FAILED if waits_for_people else Transcription.STARTING
