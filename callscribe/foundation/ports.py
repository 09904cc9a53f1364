"""What every room needs from the world: the time, the rows of a transcript, work for later.

`storage/` and `clock.py` implement them. Every method may raise UnavailableError (of its own
kind) when the other side cannot answer now.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from callscribe.foundation.columns import Columns
from callscribe.foundation.jobs import Job
from callscribe.foundation.moments import Ms, Seconds


class Clock(Protocol):
    """The current time, which tests set."""

    def now(self) -> Ms:
        """Return the current moment."""
        ...


class TranscriptStore(Protocol):
    """The Transcripts table: everything said and everything that happened, by call."""

    async def put(self, call_id: str, row_key: str, columns: Columns) -> None:
        """Write a row whole. Raises StorageRefusedError when it can never be written."""
        ...

    async def insert(self, call_id: str, row_key: str, columns: Columns) -> bool:
        """Insert a row that is not there; tell whether it is there now as it was given.

        So an insert whose reply was lost may be repeated. False where another row has the key,
        which stays as it is. Raises StorageRefusedError when it can never be written.
        """
        ...

    async def merge(self, call_id: str, row_key: str, columns: Columns) -> None:
        """Write these columns into a row, which is made if missing."""
        ...

    async def has(self, call_id: str, row_key: str) -> bool:
        """Tell whether the row exists."""
        ...

    async def delete(self, call_id: str, row_key: str) -> None:
        """Delete the row if it exists."""
        ...

    def rows(self, call_id: str, first: str, end: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows whose keys are from `first` up to before `end`, in order."""
        ...


class JobQueue(Protocol):
    """Work for later."""

    async def put(self, job: Job, delay: Seconds) -> None:
        """Queue a job, to be run after the delay. Raises StorageUnavailableError."""
        ...

    async def poison(self, job: Job) -> None:
        """Put a job that cannot be done where people find it. Raises StorageUnavailableError."""
        ...
