"""What outlives a host of its timers: the lock under which they run, and when each ran last.

The real host keeps both in blobs of its storage account (`azure-webjobs-hosts`): a lease, which the
host renews and gives back when it is stopped in order, and one status for each timer. Here they are
files, so that their times can pass at another pace.
"""

import asyncio
import json
import math
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from emulator.functions_host.pace import AFTER_LOCK_SECONDS, Pace


@dataclass(frozen=True, slots=True)
class Ran:
    """When a timer ran last and when it is due next, in ISO 8601."""

    last: str
    next: str

    @property
    def due(self) -> datetime:
        """When it is due."""
        return datetime.fromisoformat(self.next)


def silence(remaining: float, polling: timedelta) -> float:
    """Return for how many seconds a new host runs no timers; 0 if it gets the lock at once.

    `remaining` are the seconds until the lock of a host that died expires. It is asked for again at
    intervals of `polling`.
    """
    if remaining <= 0:
        return 0
    interval = polling.total_seconds()
    return math.ceil(remaining / interval) * interval + AFTER_LOCK_SECONDS


class TimerState:
    """The lock and the timers' status, in a folder; without one nothing outlives the host."""

    def __init__(self, folder: Path | None, pace: Pace) -> None:
        self._folder = folder
        self._pace = pace
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def lock_remains(self) -> float:
        """Return for how many of Azure's seconds the lock is another host's."""
        lock = self._read("lock")
        return self._pace.azure(lock["until"] - time.time()) if lock else 0

    async def hold_lock(self, period: timedelta) -> None:
        """Renew the lock until cancelled."""
        seconds = self._pace.real(period.total_seconds())
        while True:
            self._write("lock", {"until": time.time() + seconds})
            await asyncio.sleep(seconds / 2)

    def release_lock(self) -> None:
        """Give the lock back."""
        if self._folder is not None:
            self._path("lock").unlink(missing_ok=True)

    def ran(self, timer: str) -> Ran | None:
        """Return when a timer ran last; None where no host has noted it."""
        status = self._read(f"timer-{timer}")
        return Ran(**status) if status else None

    def note(self, timer: str, last: str, following: datetime) -> None:
        """Note when a timer ran last and is due next."""
        self._write(f"timer-{timer}", asdict(Ran(last, following.isoformat())))

    def _path(self, name: str) -> Path:
        return (self._folder or Path()) / f"{name}.json"

    def _read(self, name: str) -> dict[str, Any] | None:
        if self._folder is None or not self._path(name).exists():
            return None
        content: dict[str, Any] = json.loads(self._path(name).read_text("utf-8"))
        return content

    def _write(self, name: str, content: dict[str, Any]) -> None:
        if self._folder is None:
            return
        # Whole or not at all: the host may be killed at any moment.
        draft = self._path(f"{name}-new")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self._path(name))
