"""The table `Routes`: what is done about calls to whom; read by those who answer, kept by people.

Every row is in one partition, so that they are listed at once; its key names the participant.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from callscribe.calls.route import EVERYBODY, Route, parse_route, route_json, route_text
from callscribe.foundation.columns import Columns, text_in
from callscribe.foundation.errors import (
    BadInputError,
    ChangedError,
    ConflictError,
    NotFoundError,
    StorageRefusedError,
)
from callscribe.foundation.identifiers import participant_id
from callscribe.foundation.json_input import Json
from callscribe.foundation.moments import iso
from callscribe.foundation.ports import Clock

PARTITION = "routes"
_KEY = re.compile(r"[0-9a-f]{32}|\*")


class RouteRows(Protocol):
    """The table `Routes`. Every method may raise UnavailableError."""

    async def read(self, partition: str, row: str) -> tuple[Columns, str] | None:
        """Return a row and its version, or None."""
        ...

    async def create(self, partition: str, row: str, columns: Columns) -> str:
        """Insert a row; return its version. Raises ConflictError if it exists."""
        ...

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row that is still at that version. Raises ConflictError otherwise."""
        ...

    async def remove(self, partition: str, row: str, etag: str) -> None:
        """Delete a row that is still at that version. Raises ConflictError otherwise."""
        ...

    def scan(self, partition: str) -> AsyncIterator[tuple[str, Columns]]:
        """Iterate over the rows of a partition, as key and columns."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a change: the version that is there (`*`: any), or that there is none."""

    at: str | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A route as it is kept: as the API shows it, its version, and whether it is new."""

    shown: Json
    etag: str
    created: bool = False


@dataclass(frozen=True, slots=True)
class Routes:
    """Finds, shows and changes routes."""

    rows: RouteRows
    clock: Clock

    async def find(self, callee: str) -> Route | None:
        """Return the route of whoever is called: their own, or that of everybody, or none.

        Raises StorageRefusedError for a row that another hand has spoilt: nobody can say what was
        meant, and the event is delivered again.
        """
        keys = participant_id(callee), EVERYBODY
        own, everybody = await asyncio.gather(*(self.rows.read(PARTITION, key) for key in keys))
        for key, found in zip(keys, (own, everybody), strict=True):
            if found is not None:
                return _route(key, found[0])
        return None

    async def list(self) -> Json:
        """Return all routes; that of everybody comes first."""
        found = [_shown(key, row) async for key, row in self.rows.scan(PARTITION)]
        return {"routes": found}

    async def show(self, key: str) -> Kept:
        """Return one route. Raises NotFoundError where there is none."""
        row, etag = await self._read(key)
        return Kept(_shown(key, row), etag)

    async def put(self, key: str, body: bytes, by: str, condition: Condition) -> Kept:
        """Keep a route.

        Raises BadInputError naming what is wrong, NotFoundError for what is no participant, and
        ChangedError where the condition does not hold, or another changed it meanwhile.
        """
        if not _KEY.fullmatch(key):
            raise NotFoundError("expected a participant, 32 hex digits, or *")
        columns = self._columns(parse_route(body, key), by)
        found = await self.rows.read(PARTITION, key)
        _check(condition, found and found[1])
        try:
            if found is None:
                etag = await self.rows.create(PARTITION, key, columns)
            else:
                etag = await self.rows.replace(PARTITION, key, columns, found[1])
        except ConflictError as error:
            raise ChangedError("the route was changed meanwhile") from error
        return Kept(_shown(key, columns), etag, created=found is None)

    async def delete(self, key: str, condition: Condition) -> None:
        """Delete a route. Raises NotFoundError where there is none, and ChangedError as `put`."""
        _, etag = await self._read(key)
        _check(condition, etag)
        try:
            await self.rows.remove(PARTITION, key, etag)
        except ConflictError as error:
            raise ChangedError("the route was changed meanwhile") from error

    async def _read(self, key: str) -> tuple[Columns, str]:
        found = await self.rows.read(PARTITION, key) if _KEY.fullmatch(key) else None
        if found is None:
            raise NotFoundError("no such route")
        return found

    def _columns(self, route: Route, by: str) -> Columns:
        columns: Columns = {
            "Action": route.action.value,
            "Route": route_text(route),
            "Origin": route.origin.value,
            "ChangedAt": iso(self.clock.now()),
            "ChangedBy": by,
        }
        return columns if route.raw_id is None else columns | {"RawId": route.raw_id}


def _check(condition: Condition, etag: str | None) -> None:
    if condition.absent and etag is not None:
        raise ChangedError("there is a route already")
    if condition.at is None or (condition.at == "*" and etag is not None):
        return
    if condition.at != etag:
        raise ChangedError("the route is at another version")


def _route(key: str, row: Columns) -> Route:
    try:
        return parse_route((text_in(row, "Route") or "").encode(), key)
    except BadInputError as error:
        raise StorageRefusedError(f"the route {key} cannot be read: {error}") from error


def _shown(key: str, row: Columns) -> Json:
    """Return a route with who made it; one that another hand has spoilt says so."""
    told: Json = {
        "participant": key,
        "origin": text_in(row, "Origin"),
        "changedAt": text_in(row, "ChangedAt"),
        "changedBy": text_in(row, "ChangedBy"),
    }
    try:
        told |= route_json(_route(key, row))
    except StorageRefusedError as error:
        told["problem"] = str(error)
    return {name: value for name, value in told.items() if value is not None}
