"""What people ask of calls, as lines of the calls' timelines: who asked for what, and when."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from callscribe.foundation import log
from callscribe.foundation.columns import known
from callscribe.foundation.errors import StorageRefusedError, UnavailableError
from callscribe.foundation.identifiers import timeline_key
from callscribe.foundation.moments import iso
from callscribe.foundation.ports import Clock, TranscriptStore


class Asked(StrEnum):
    """What is asked for, as the timeline's `Type` names it."""

    PLACE = "PlaceAsked"
    JOIN = "JoinAsked"
    EXPECT = "OwnCallAsked"
    ADDRESS = "AddressAsked"
    HANG_UP = "HangUpAsked"
    START = "TranscriptionStartAsked"
    STOP = "TranscriptionStopAsked"
    UPDATE = "TranscriptionUpdateAsked"
    END = "EndAsked"
    LABELS = "LabelsAsked"


@dataclass(frozen=True, slots=True)
class Actions:
    """Writes actions down."""

    transcripts: TranscriptStore
    clock: Clock

    async def note(self, call_id: str, what: Asked, by: str, details: str | None = None) -> None:
        """Write an action into the call's timeline; `details` are its parameters, for people.

        The call is up or down as it may be: that a line is missing is logged, and nothing else.
        """
        now = self.clock.now()
        log.info("asked", call_id, what=what, by=by)
        row = known(Type=what, Time=iso(now), By=by, Details=details, ReceivedAt=iso(now))
        key = timeline_key(now, secrets.token_hex(8))
        try:
            await self.transcripts.put(call_id, key, row)
        except (UnavailableError, StorageRefusedError) as error:
            log.warning("timelineNotWritten", call_id, why=type(error).__name__)
