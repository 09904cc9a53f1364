"""What the emulators and Table Storage know of one call, put together.

ACS knows which final went out as which frame of which connection, Web PubSub which event carried
that frame and what became of it. An event with a 2xx is acknowledged. One whose reply was lost, or
that the app put off (503), may have been stored or not: nobody can tell.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

Json = dict[str, Any]
# A connection's id and the number of one of its events.
Place = tuple[str, int]

MESSAGE = "azure.webpubsub.user.message"


@dataclass(frozen=True)
class Spoken:
    """One final as the emulators know it: what was said when, and the events that carried it."""

    text: str
    at: datetime
    places: tuple[Place, ...]
    acknowledged: bool


@dataclass(frozen=True)
class Evidence:
    """All that is known of one call: by ACS, by Web PubSub, and in Table Storage.

    `connections` are those of the call's streams that were let in, in order; `rows` the call's
    part of the Transcripts table, in order.
    """

    call: Json
    connections: list[Json]
    row: Json
    rows: list[Json]

    @cached_property
    def events(self) -> dict[Place, Json]:
        """Every frame's event."""
        return {
            (connection["id"], event["id"]): event
            for connection in self.connections
            for event in messages(connection)
        }

    @cached_property
    def spoken(self) -> list[Spoken]:
        """The call's finals in order."""
        return [self._spoken(final) for final in self.call["finals"]]

    @cached_property
    def _dialled(self) -> list[Json]:
        """The connections that ACS counts, in order.

        Web PubSub may let in one more: ACS had stopped waiting for it, and sends nothing there.
        """
        unused = [one for one in self.connections if not messages(one)]
        spare = max(0, len(self.connections) - self.call["connections"])
        return [one for one in self.connections if one not in unused[:spare]]

    @property
    def segments(self) -> list[Json]:
        """The rows of finals."""
        return self.of_kind("s")

    @property
    def stored(self) -> list[str]:
        """The texts of the rows, less those said twice, in key order."""
        return [row["Text"] for row in self.segments if "DuplicateOf" not in row]

    def of_kind(self, kind: str) -> list[Json]:
        """Return the transcript's rows of a kind (`s`, `q`, `c`, `e`, `g`), in order."""
        return [row for row in self.rows if row["RowKey"].startswith(f"{kind}-")]

    def _spoken(self, final: Json) -> Spoken:
        sent = [self._place(sending) for sending in (final, *final["replays"])]
        places = tuple(place for place in sent if place)
        return Spoken(
            text=final["text"],
            at=datetime.fromisoformat(final["at"]),
            places=places,
            acknowledged=any(taken(self.events[place]) for place in places),
        )

    def _place(self, sending: Json) -> Place | None:
        """Return the event that carried a frame; None where Web PubSub never saw it."""
        number = sending["connection"]
        if number is None or number > len(self._dialled):
            return None
        connection = self._dialled[number - 1]
        frames = messages(connection)
        if sending["frame"] >= len(frames):
            return None
        return connection["id"], frames[sending["frame"]]["id"]


def taken(event: Json) -> bool:
    """Tell whether an event was acknowledged."""
    return event["status"] is not None and event["status"] < 300


def unsure(event: Json) -> bool:
    """Tell whether an event reached the app, perhaps, and perhaps was stored."""
    return event["attempts"] > 0 and event["status"] in (None, 503)


def messages(connection: Json) -> list[Json]:
    """Return the events that carried frames."""
    return [event for event in connection["events"] if event["type"] == MESSAGE]


def last_message(connection: Json) -> str:
    """Return when the last frame came through; nothing where none did."""
    return max((event["at"] for event in messages(connection)), default="")
