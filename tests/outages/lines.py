"""A call as ACS and Web PubSub know it: its line, its streams, and what is said on it."""

import asyncio
from dataclasses import dataclass, field
from math import inf
from typing import Any

from tests.fakes.telephony import connection_of


@dataclass
class Line:
    """A call as ACS knows it; `starting` says that a transcription begins, `locale` that one runs.

    `connected` is when it came about, in seconds of its town; None where it has not.
    """

    call_id: str
    up: bool = True
    ringing: bool = False
    connected: float | None = None
    starting: bool = False
    locale: str | None = None
    operation: int = 0
    said: int = 0
    stream: "Connection | None" = None
    streams: "list[Connection]" = field(default_factory=list)

    @property
    def connection_id(self) -> str:
        return connection_of(self.call_id)


@dataclass
class Connection:
    """One stream connection; `state` is what the app answered last, `unsent` what waits.

    It was open from `opened` to `closed`, in seconds of the town.
    """

    name: str
    opened: float
    closed: float = inf
    number: int = 0
    state: str | None = None
    open: bool = True
    unsent: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)


@dataclass
class Sentence:
    """Something said: when, whether ACS transcribed then, and whether the app acknowledged it."""

    text: str
    at: float
    heard: bool = False
    acknowledged: bool = False
