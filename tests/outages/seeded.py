"""Calls in bad weather, placed, rung and joined: a seed says all of one.

People hang up, streams are cut, somebody stops and starts transcription and changes its language,
who asks for a call asks again: all while a share of ACS's replies fails (weather.py). Then the
weather is fair, the call goes on for a minute, and ends. promises.py says what is to hold.

python -m tests.outages.seeded 2000     plays so many, and prints the seeds of those that fail
"""

import asyncio
import json
import logging
import random
import secrets
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from random import Random
from unittest.mock import patch

from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import (
    CallOverError,
    InProgressError,
    TelephonyRefusedError,
    UnavailableError,
)
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Seconds
from tests.fakes.clock import START, play
from tests.fakes.settings import settings
from tests.fakes.wire import incoming
from tests.fakes.world import World
from tests.outages.promises import Played
from tests.outages.town import REQUEST
from tests.outages.weather import Phone, Weather, Weathered

NUMBER, CALLER_ID, ROOM = "+14255550123", "+18005550199", "99410012345678901"
KINDS = ("rung", "placed", "joined")
BEGINNINGS = ("setup", "setup", "connected", "manual")
LANGUAGES = ("en-US", "de-DE", "fr-FR")
# Until then the weather is bad; what is up then goes on until that.
FAIR, OVER = 150.0, 215.0
# So soon after the weather all is as wanted.
BACK_WITHIN = 35.0
# Both reports are made by then, the second ten minutes after the end.
REPORTED = 900.0
# Event Grid delivers again after these pauses.
DELIVERIES = (0.0, 10.0, 30.0, 60.0)
API = Seconds(30)
# Gaps of any length are reported, so that all that was lost is.
SETTINGS = {"DIAL_ALLOW": "+", "CALLER_ID": CALLER_ID, "GAP_SECONDS": "0"}

type Act = tuple[float, Callable[[], Awaitable[None]]]


class Seeded:
    """One call, its people, and who asks for it."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(f"call {seed}")  # noqa: S311 - no secret
        self.kind = KINDS[seed % len(KINDS)]
        self.start = self.chance.choice(BEGINNINGS)
        self.world = World(settings=settings(TRANSCRIPTION_START=self.start, **SETTINGS))
        self.town = Weathered(self.world, Weather(seed), self._phone())
        self.played = Played(seed, self.kind, self.town)
        self.locale = LANGUAGES[0]

    async def play(self) -> Played:
        """Play the call until its reports are made."""
        town = self.town
        for work in (town.run_timer(), town.run_queue(), self._begin()):
            town.spawn(work)
        for at, act in self._acts():
            town.spawn(self._later(at, act))
        await asyncio.sleep(FAIR)
        town.weather.over = True
        await self._until_as_wanted()
        await asyncio.sleep(OVER - town.now)
        if not self._is_as_wanted():
            self.played.late.append("no longer as wanted")
        await self.chance.choice((self._hang_up, self._leave))()
        await asyncio.sleep(REPORTED - town.now)
        await town.close()
        return self.played

    # --- how it begins --------------------------------------------------------------------------

    def _phone(self) -> Phone:
        chance = self.chance
        does = {"placed": ("invalid", "declines", "declines"), "joined": ("is not there",)}
        failing = self.kind in does and chance.random() < 0.2
        return Phone(
            does=chance.choice(does[self.kind]) if failing else "answers",
            after=chance.uniform(0.5, 25 if self.kind == "placed" else 2),
            code=chance.choice((603, 486, 480)) if self.kind == "placed" else 404,
        )

    async def _begin(self) -> None:
        if self.start != "manual":
            self.played.wanted.append((0.0, self.locale))
        if self.kind == "rung":
            await asyncio.gather(*(self._deliver() for _ in range(self.chance.choice((1, 1, 2)))))
            return
        told = {"to": NUMBER} if self.kind == "placed" else {"join": {"roomId": ROOM}}
        # Who asks does so again, at once, soon or after long.
        again = self.chance.choice(([], [], [0.0], [3.0], [1.0, 40.0]))
        await asyncio.gather(*(self._ask(json.dumps(told), after) for after in (0.0, *again)))

    async def _deliver(self) -> None:
        """Ring; Event Grid delivers again what was not taken."""
        call_id = new_call_id(START, "event")
        event = incoming(call_id=call_id, event_id="event", rang_at=START)
        for pause in DELIVERIES:
            await asyncio.sleep(pause)
            with suppress(UnavailableError):
                await self.world.answering.deliver(event, Deadline.after(REQUEST))
                self.played.begun.add(call_id)
                return

    async def _ask(self, told: str, after: float) -> None:
        """Have the app place the call, or join it: under one key, however often."""
        await asyncio.sleep(after)
        try:
            placed = await self.world.placing.place(told.encode(), "key", "oid", self._soon)
        except InProgressError:
            return
        except TelephonyRefusedError as error:
            self.played.begun.add(error.call_id or "")
        else:
            self.played.begun.add(placed.call.id)

    @property
    def _soon(self) -> Deadline:
        return Deadline.after(API)

    # --- what people do -------------------------------------------------------------------------

    def _acts(self) -> Iterator[Act]:
        chance = self.chance
        for _ in range(chance.randrange(4)):
            yield chance.uniform(5, FAIR), self._cut
        for _ in range(chance.randrange(7)):
            what, locale = chance.choice(("start", "stop", "update")), chance.choice(LANGUAGES)
            wanted = partial(self._want, what, None if what == "stop" else locale)
            yield chance.uniform(5, FAIR), wanted
        if chance.random() < 0.5:
            yield (
                chance.uniform(1, FAIR),
                chance.choice((self._hang_up, self._hang_up, self._leave)),
            )
        if self.kind == "rung" and chance.random() < 0.1:
            yield chance.uniform(0, 5), self._give_up

    async def _later(self, at: float, act: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(at - self.town.now)
        await act()

    async def _cut(self) -> None:
        for call_id in self.town.lines:
            self.town.cut(call_id)

    async def _want(self, what: str, locale: str | None) -> None:
        """Have somebody ask for something; it is wanted from then on."""
        body = b"" if locale is None else json.dumps({"locale": locale}).encode()
        for call_id in self._up():
            was_on = self.played.wanted_at(self.town.now) is not None
            self.locale = locale or self.locale
            on = what == "start" or (what == "update" and was_on)
            self.played.wanted.append((self.town.now, self.locale if on else None))
            await self.world.controlling.transcription(call_id, what, body, "oid", self._soon)

    async def _hang_up(self) -> None:
        """Have the app hang up, because somebody asks for it."""
        for call_id in self._up():
            with suppress(CallOverError):
                await self.world.controlling.hang_up(call_id, b"", "oid", self._soon)

    async def _leave(self) -> None:
        """Have the people hang up."""
        self.town.leave()

    async def _give_up(self) -> None:
        """Have the caller hang up while it rings."""
        if not self.town.lines:
            self.town.rings_no_more()

    def _up(self) -> list[str]:
        return [each for each, stored in self.world.calls.saved.items() if not stored.call.terminal]

    # --- what came of it ------------------------------------------------------------------------

    async def _until_as_wanted(self) -> None:
        while not self._is_as_wanted():
            if self.town.now > FAIR + BACK_WITHIN:
                self.played.late.append("not as wanted in time")
                return
            await asyncio.sleep(0.25)
        self.played.back = self.town.now - FAIR

    def _is_as_wanted(self) -> bool:
        """Tell whether that runs which is wanted, of a call that is up and is to stay so."""
        wanted = self.played.wanted_at(self.town.now)
        return all(
            line.locale == wanted or line.ringing or not line.up or self._is_left(line.call_id)
            for line in self.town.lines.values()
        )

    def _is_left(self, call_id: str) -> bool:
        return self.world.calls.call(call_id).hang_up is not None


def played(seed: int) -> Played:
    """Play the call of a seed."""
    with _same_each_time(seed):
        return play(Seeded(seed).play())


@contextmanager
def _same_each_time(seed: int) -> Iterator[None]:
    """Have the seed say what the app draws by chance as well: ids, and how long it pauses."""
    before, drawn = random.getstate(), Random(f"app {seed}")  # noqa: S311 - no secret
    random.seed(seed)
    try:
        with patch.object(secrets, "token_hex", lambda size: drawn.randbytes(size).hex()):
            yield
    finally:
        random.setstate(before)


def main(arguments: list[str]) -> int:
    """Play calls, and print what was found; return 1 if any failed."""
    how_many = int(arguments[0]) if arguments else 2_000
    logging.disable()
    seen: Counter[str] = Counter()
    backs = [0.0]
    for each in map(played, range(how_many)):
        weather = each.town.weather
        seen.update({"calls": 1, each.kind: 1, "requests": weather.asked.total()})
        seen["that failed"] += weather.struck.total()
        backs.append(each.back or 0.0)
        for fault in each.faults:
            seen["faults"] += 1
            _say(f"seed {each.seed}, {each.kind}: {fault}")
    _say(", ".join(f"{name}: {number}" for name, number in seen.items()))
    _say(f"ACS's replies in bad weather: as wanted {max(backs):.1f} s after it, at most")
    return int(seen["faults"] > 0)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
