"""ACS in bad weather: a share of its replies fails, to all that it is asked, in one of seven ways.

Of each kind of request the first, second, … fails or not by chance, and the same ones each time.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from random import Random
from typing import Any

from callscribe.calls.call import Call, Direction
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus, Dial, Locator
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.foundation.errors import TelephonyRefusedError, TelephonyUnavailableError
from callscribe.foundation.moments import Seconds
from tests.fakes.world import World
from tests.outages.lines import Line
from tests.outages.town import Town

SHARE = 0.3
REFUSED = ("429", "500", "503")
# `timeout` and `replyLost` are done, `swallowed` and `reset` are not; the app sees no difference.
NOT_DONE = (*REFUSED, "swallowed", "reset")
KINDS = (*NOT_DONE, "timeout", "replyLost")
# The app's client waits so long for a reply; where the app gives up sooner, it is not told.
TIME_OUT = 10.0
# What is done although nobody is told is done within this.
LATE = 12.0
RINGING = 30.0
ANSWERS = ("answer", "place", "join")
OPERATIONS = (*ANSWERS, "poll", "start", "stop", "update", "hangUp")


@dataclass(frozen=True)
class Phone:
    """What becomes of a call that is dialled or joined: it `answers`, or fails with a code.

    `invalid` numbers are refused at once.
    """

    does: str = "answers"
    after: float = 2.0
    code: int = 603


@dataclass
class Weather:
    """What share of all fails, and how, until it is over; `struck` counts by operation and kind."""

    seed: int
    share: float = SHARE
    kinds: tuple[str, ...] = KINDS
    over: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)

    @cached_property
    def chance(self) -> Random:
        """Chance of all that takes its time."""
        return Random(f"times {self.seed}")  # noqa: S311 - no secret

    def strike(self, operation: str) -> str | None:
        """Return what becomes of the next request of an operation; None where it is spared."""
        if self.over:
            return None
        self.asked[operation] += 1
        number = self.asked[operation]
        chance = Random(f"weather {self.seed} {operation} {number}")  # noqa: S311 - no secret
        if chance.random() >= self.share:
            return None
        # In turn, so that a few hundred calls meet each kind.
        kind = self.kinds[(self.seed // 3 + number) % len(self.kinds)]
        self.struck[operation, kind] += 1
        return kind


class Weathered(Town):
    """A town whose ACS is asked in bad weather, and makes calls too.

    `brought` counts the calls that came about by an answer, a dial or a joining, by their request
    id: ACS acts once under each, and refuses another request under the same.
    """

    def __init__(self, world: World, weather: Weather, phone: Phone) -> None:
        super().__init__(world)
        self.weather, self.phone = weather, phone
        self.brought: Counter[str] = Counter()
        self._requests: dict[str, tuple[object, ...]] = {}
        self._rings_until = RINGING
        self._last_callback = 0.0

    def rings_no_more(self) -> None:
        """Have the caller give up, where nobody has answered."""
        self._rings_until = self.now

    def leave(self) -> None:
        """Have the people of the calls hang up, or decline."""
        for line in self.lines.values():
            if line.ringing and line.up:
                (operation,) = self.brought
                self.spawn(self._fails(line, operation))
            else:
                self.end(line.call_id)

    def start_takes(self) -> float:
        """Return how long ACS takes to begin a transcription, in seconds."""
        return 0.5 if self.weather.over else self.weather.chance.uniform(0.3, 3)

    def callback_takes(self) -> float:
        """Return how long a callback is on its way; replies and streams overtake it, none other."""
        slow = not self.weather.over and self.weather.chance.random() < SHARE
        comes = self.now + (self.weather.chance.uniform(0.3, 6) if slow else 0.1)
        self._last_callback = max(comes, self._last_callback + 0.01)
        return self._last_callback - self.now

    # --- ACS, as the app asks it ----------------------------------------------------------------

    async def answer(
        self, call: Call, context: str, stream_url: str, *, intermediate: bool | None = None
    ) -> Answered:
        async def act() -> Answered:
            if self._is_new(call, context, stream_url):
                if self.now >= self._rings_until:
                    raise TelephonyRefusedError("it rings no more", http_status=400, sub_code=8501)
                self._bring(call, "answer", context, stream_url)
            return await Town.answer(self, call, context, stream_url, intermediate=intermediate)

        return await self._request("answer", act)

    async def place(self, call: Call, dial: Dial, stream_url: str) -> Answered:
        async def act() -> Answered:
            await self._asked()
            if self.phone.does == "invalid":
                raise TelephonyRefusedError("no such number", http_status=400, sub_code=8523)
            return self._made(call, "place", dial, stream_url)

        return await self._request("place", act)

    async def join(self, call: Call, locator: Locator, stream_url: str) -> Answered:
        async def act() -> Answered:
            await self._asked()
            return self._made(call, "join", locator, stream_url)

        return await self._request("join", act)

    async def poll(self, connection_id: str) -> CallStatus | None:
        return await self._request("poll", partial(super().poll, connection_id))

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        async def act() -> None:
            call = self.world.calls.call(self._call_id(connection_id))
            if operation.kind is OperationKind.UPDATE and call.direction is Direction.JOINED:
                raise TelephonyRefusedError("not here", http_status=405, sub_code=8520)
            await Town.transcribe(self, connection_id, operation)

        await self._request(operation.kind.value, act)

    async def hang_up(self, connection_id: str, *, everyone: bool) -> None:
        act = partial(super().hang_up, connection_id, everyone=everyone)
        await self._request("hangUp", act)

    async def _request[T](self, operation: str, act: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do what is asked, or not, and answer, or not, as the weather is."""
        kind = self.weather.strike(operation)
        if kind in REFUSED:
            after = Seconds(2) if kind == "429" else None
            status = int(kind or 0)
            raise TelephonyUnavailableError("busy", http_status=status, retry_after=after)
        if kind == "timeout":
            self.spawn(self._late(act))
        elif kind not in ("swallowed", "reset"):
            done = await act()
            if kind is None:
                return done
        await asyncio.sleep(0 if kind in ("reset", "replyLost") else TIME_OUT)
        raise TelephonyUnavailableError("no reply")

    async def _late(self, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Do what nobody waits for any more, at once or after a while."""
        await asyncio.sleep(self.weather.chance.choice((0, self.weather.chance.uniform(0, LATE))))
        with suppress(TelephonyRefusedError):
            await act()

    # --- ACS, by itself -------------------------------------------------------------------------

    def _is_new(self, call: Call, *request: object) -> bool:
        """Tell whether no request had this id. Raises TelephonyRefusedError for another one."""
        if self._requests.get(call.id, request) != request:
            raise TelephonyRefusedError("another request had this id", http_status=400)
        return call.id not in self._requests

    def _bring(self, call: Call, operation: str, *request: object) -> None:
        self._requests[call.id] = request
        self.brought[operation] += 1

    def _made(self, call: Call, operation: str, *request: object) -> Answered:
        if self._is_new(call, *request):
            self._bring(call, operation, *request)
            line = self._begun(call.id, ringing=True)
            self.spawn(self._called(line, call, operation))
        return Answered(self.lines[call.id].connection_id, "server", "correlation")

    async def _called(self, line: Line, call: Call, operation: str) -> None:
        await asyncio.sleep(self.phone.after)
        if not line.up:
            return
        if self.phone.does == "answers":
            await self._connect(line, call.transcribing.out)
            return
        await self._fails(line, operation)

    async def _fails(self, line: Line, operation: str) -> None:
        line.up = False
        kind = "CreateCallFailed" if operation == "place" else "ConnectFailed"
        await self._call_back(line, kind, None, self.phone.code)

    def _call_id(self, connection_id: str) -> str:
        line = self._line(connection_id)
        assert line is not None, connection_id
        return line.call_id
