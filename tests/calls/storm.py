"""A call in bad weather: one call, one ACS and one app, in virtual seconds and repeatable chance.

Callbacks are lost, doubled, late and overtake each other; workers die between any two steps; ACS
refuses, freezes and does later what it was asked for; streams are cut; the door of the streams is
shut; languages are refused; people start, stop and change their minds; the app's clock is set.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

from callscribe.calls.call import Call, Direction, Machine, State
from callscribe.calls.decide import decide
from callscribe.calls.effects import WATCH
from callscribe.calls.events import (
    Decision,
    Event,
    NotTold,
    Polled,
    Replied,
    StreamClosed,
    StreamOpened,
    Want,
    Woken,
)
from callscribe.calls.ports import NOT_WANTED, WANTED, Active, CallStatus
from callscribe.calls.result_table import Advice
from callscribe.calls.results import Reason
from callscribe.calls.transcription import (
    LONGEST_WAIT,
    Failure,
    Operation,
    OperationKind,
    Transcribing,
    at_setup,
    is_due,
)
from callscribe.calls.transcription_steps import Look
from callscribe.calls.wish import Change, Language, Wish
from callscribe.foundation.moments import Ms, Seconds, elapsed, later
from callscribe.jobs.watch import SOON, as_expected
from tests.calls.deciding import a_call, an_event
from tests.fakes.clock import START

# Until then the weather is bad; from then on all is well.
QUIET = 220.0
LATEST = later(START, Seconds(10**9))
REFUSED_LANGUAGE = "xx-XX"
LANGUAGES = ("en-US", "de-DE", "fr-FR", REFUSED_LANGUAGE)
NO_ANSWER = 5.0

Span = tuple[float, float]


@dataclass(frozen=True)
class Weather:
    """What goes wrong: a share of everything (`rough`), ACS `frozen`, the streams' door `shut`.

    The app's clock is set at a moment, by some seconds (`clock`).
    """

    rough: bool = False
    frozen: Span | None = None
    shut: Span | None = None
    clock: Span | None = None


class Storm:
    """One call in some weather. The `true` time is what everybody but the app goes by."""

    def __init__(self, seed: int, weather: Weather, *, joined: bool, setup: bool) -> None:
        self.seed, self.weather = seed, weather
        self.chance = chance_of(f"storm {seed}")
        self.true = 0.0
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        self.call = self._ringing(joined=joined, setup=setup)
        self.up = False
        self.runs: str | None = None
        self._runs_by = 0
        self._starting = 0
        self.starts: list[tuple[float, int]] = []
        self.beside: list[float] = []
        self._row = self._listed(self.call, self.now, None)
        self.plan(1.0, self._connect)
        if setup:
            self.plan(0.9, lambda: self._begin(1, LANGUAGES[0]))
        self.plan(WATCH, self._watch)

    @property
    def now(self) -> Ms:
        """What the app's clock says."""
        clock = self.weather.clock
        ahead = clock[1] if clock is not None and self.true >= clock[0] else 0.0
        return later(START, Seconds(self.true + ahead))

    def plan(self, pause: float, what: Callable[[], object]) -> None:
        """Have something happen after a pause."""
        heappush(self._agenda, (self.true + pause, next(self._numbers), what))

    def pass_until(self, true: float) -> None:
        """Let time pass, with all that happens in it."""
        while self._agenda and self._agenda[0][0] <= true:
            self.true, _, happens = heappop(self._agenda)
            happens()
        self.true = true

    def want(self, *, on: bool | None = None, locale: str | None = None) -> None:
        """Have somebody change what is wanted."""
        language = None if locale is None else Language(locale)
        self._tell(Want(Change(on=on, language=language)))

    def cut(self) -> None:
        """Have ACS lose the stream that runs; it says so, unless that is lost as well."""
        if self.runs is None:
            return
        self.runs = None
        self._call_back("TranscriptionFailed", self._runs_by, 500, 8579)
        if not self._unlucky(0.3):
            self.plan(0.1, lambda: self._tell(StreamClosed()))

    def lose(self) -> None:
        """Have ACS lose the stream, and nobody says so."""
        self.runs = None

    @property
    def as_wanted(self) -> bool:
        """Whether that runs which is wanted, or the best that ACS does not refuse for good."""
        part, wish = self.call.transcribing, self.call.wish
        locale = wish.language.locale if wish.on else None
        if locale == REFUSED_LANGUAGE:
            locale = part.good.locale if part.good else None
        return self.runs == locale

    @property
    def waiting(self) -> Seconds:
        """How long the app still waits before it tries again."""
        next_at = self.call.transcribing.next_at
        left = Seconds(0) if next_at is None else elapsed(self.now, next_at)
        return Seconds(max(0.0, min(left, LONGEST_WAIT)))

    # --- the app --------------------------------------------------------------------------------

    def _ringing(self, *, joined: bool, setup: bool) -> Call:
        part = at_setup(Language(LANGUAGES[0])) if setup else Transcribing()
        return a_call(
            State.CONNECTING,
            part,
            id=f"call {self.seed}",
            direction=Direction.JOINED if joined else Direction.INBOUND,
            begun_at=START,
            wish=Wish(on=True, language=Language(LANGUAGES[0]), at=START),
            machine=Machine(transcribing=part),
        )

    def _tell(self, event: Event) -> None:
        decision = decide(self.call, event, self.now)
        if decision.call != self.call and not self._saved(decision):
            return
        for step in decision.steps:
            if self._unlucky(0.1):
                return  # the worker died
            if isinstance(step, Operation):
                self._ask(step)
            else:
                self._poll(step.after if isinstance(step, Look) else 0)

    def _saved(self, decision: Decision) -> bool:
        """Save a change, and note when the call is due; return False where the worker dies."""
        row = self._row
        if decision.next_at is not None:
            self._note(decision)
        if self._unlucky(0.03):
            return False
        self.call = decision.call
        if self._unlucky(0.03):
            return False
        if decision.next_at is None and self._row is row:
            self._note(decision)
        if decision.soon is not None and not self._unlucky(0.1):
            pause = max(elapsed(self.now, decision.soon), 0)
            if pause < WATCH:
                self.plan(pause + self.chance.uniform(0, 2), lambda: self._tell(Woken()))
        return True

    def _note(self, decision: Decision) -> None:
        every = WANTED if decision.call.wish.on else NOT_WANTED
        due = min(later(self.now, every), decision.next_at or LATEST)
        self._row = self._listed(decision.call, due, decision.next_at)

    def _listed(self, call: Call, next_at: Ms, try_at: Ms | None) -> Active:
        """Return the row by which the watch knows the call."""
        part = call.transcribing
        return Active(
            call_id=call.id,
            etag="",
            next_at=next_at,
            try_at=try_at,
            connection_id=call.connection_id,
            connected=call.state is State.CONNECTED,
            wanted=call.wish.on,
            runs=part.runs.language.locale if part.runs else None,
            number=part.number,
        )

    def _watch(self) -> None:
        self.plan(WATCH, self._watch)
        if self._row.is_due(self.now):
            self._look(self._row)

    def _look(self, row: Active) -> None:
        if self._is_unanswered():
            self.plan(NO_ANSWER, lambda: self._not_told(row))
        else:
            status = self._status()
            self.plan(0.05, lambda: self._compared(row, status))

    def _compared(self, row: Active, status: CallStatus) -> None:
        due = row.try_at is not None and is_due(row.try_at, self.now)
        if as_expected(row, status) and not due:
            regular = later(self.now, WANTED if row.wanted else NOT_WANTED)
            self._put_off(row, regular if row.try_at is None else min(regular, row.try_at))
            return
        before = self.call
        self._tell(Polled(status.state, status.transcribing, status.locale, row.number))
        if self.call == before and self._row is row:
            self._note(decide(self.call, Woken(), self.now))

    def _not_told(self, row: Active) -> None:
        if row.try_at is not None and is_due(row.try_at, self.now):
            self._tell(Woken())
        self._put_off(row, later(self.now, SOON))

    def _put_off(self, row: Active, next_at: Ms) -> None:
        if self._row is row:
            self._row = replace(row, next_at=next_at)

    # --- between the app and ACS ----------------------------------------------------------------

    def _poll(self, asked_after: int) -> None:
        if self._is_unanswered():
            self.plan(NO_ANSWER, lambda: self._tell(NotTold(None)))
            return
        status = self._status()
        seen = Polled(status.state, status.transcribing, status.locale, asked_after)
        self.plan(0.05, lambda: self._tell(seen))

    def _is_unanswered(self) -> bool:
        return self._unlucky(0.2) or self._is_in(self.weather.frozen)

    def _status(self) -> CallStatus:
        state = "connected" if self.up else "connecting"
        return CallStatus(state, self.runs is not None, self.runs)

    def _ask(self, operation: Operation) -> None:
        number, locale = operation.number, operation.language.locale
        act = {
            OperationKind.START: lambda: self._begin(number, locale),
            OperationKind.UPDATE: lambda: self._change(number, locale),
            OperationKind.STOP: lambda: self._end(number),
        }[operation.kind]
        frozen = self.weather.frozen
        if frozen is not None and self._is_in(frozen):
            if self.chance.random() < 0.5:  # ACS has received it, and does it when it wakes up
                self.plan(frozen[1] - self.true + self.chance.uniform(0, 1), act)
            self.plan(NO_ANSWER, lambda: self._tell(Replied(number, None)))
            return
        if self._unlucky(0.15):
            after = Seconds(self.chance.choice([0, 0, 5, 60]))
            refusal = Failure(Reason("busy", 429), Advice.RETRY, after)
            self.plan(0.1, lambda: self._tell(Replied(number, refusal)))
            return
        if self._unlucky(0.1):  # ACS does it, and its reply is lost
            self.plan(NO_ANSWER, lambda: self._tell(Replied(number, None)))
        self.plan(0.05, act)

    def _call_back(self, kind: str, number: int | None, code: int = 200, sub: int = 0) -> None:
        if self._unlucky(0.15):
            return
        context = None if number is None else f"t{number}"
        event = an_event(kind, code, sub, time=self.now, context=context)
        for _ in range(2 if self._unlucky(0.15) else 1):
            slowest = 6.0 if self._unlucky(0.3) else 0.3
            self.plan(self.chance.uniform(0.02, slowest), lambda: self._tell(event))

    # --- ACS ------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.up = True
        self._call_back("CallConnected", None)

    def _begin(self, number: int, locale: str) -> None:
        self.starts.append((self.true, self.call.wish.revision))
        if locale == REFUSED_LANGUAGE:
            self._call_back("TranscriptionFailed", number, 400, 8565)
        elif self.runs is not None or self._starting:
            self.beside.append(self.true)
            self._call_back("TranscriptionFailed", number, 400, 8500)
        else:
            self._starting += 1
            self.plan(self.chance.uniform(0.2, 2), lambda: self._begun(number, locale))

    def _begun(self, number: int, locale: str) -> None:
        self._starting -= 1
        if self._is_in(self.weather.shut):
            self._call_back("TranscriptionFailed", number, 500, 8578)
            return
        self.runs, self._runs_by = locale, number
        self._call_back("TranscriptionStarted", number)
        if not self._unlucky(0.1):
            self.plan(0.1, lambda: self._tell(StreamOpened("connection")))

    def _change(self, number: int, locale: str) -> None:
        if self.runs is None:
            self._call_back("TranscriptionFailed", number, 400, 8501)
        elif locale == REFUSED_LANGUAGE:
            self._call_back("TranscriptionFailed", number, 400, 8565)
        else:
            self.runs = locale
            self._call_back("TranscriptionUpdated", number)

    def _end(self, number: int) -> None:
        self.runs = None
        self._call_back("TranscriptionStopped", number)

    # --- chance ---------------------------------------------------------------------------------

    def _unlucky(self, share: float) -> bool:
        rough = self.weather.rough and self.true < QUIET
        return rough and self.chance.random() < share

    def _is_in(self, span: Span | None) -> bool:
        return span is not None and span[0] <= self.true < span[1]


def chance_of(seed: str) -> random.Random:
    """Return chance that is the same each time."""
    return random.Random(seed)  # noqa: S311 - nothing is secret here
