"""A call that nobody made, and what is said on it."""

import json
import uuid
from typing import Any

from callscribe.calls.call import Call, Direction, Machine, State
from callscribe.calls.tickets import with_ticket
from callscribe.calls.transcription import Running, Transcribing
from callscribe.calls.wish import Language, Wish
from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import TICKS_PER_SECOND, Seconds, later

# Raw ids of no real kind: no phone number gets into the tables.
CALLER, CALLEE = "8:callscribe:smoke-caller", "8:callscribe:smoke-callee"
# How long its ticket does.
HOLDS = Seconds(600)
SAID = ("This is the smoke test.", "Nobody said this.")


def made_up_call(quiet: Seconds, locale: str, ticket: str | None = None) -> Call:
    """Make the record of a call that is up, and that was last seen more than `quiet` ago.

    The app will therefore poll ACS about it; ACS does not know it, and so the app ends it. Its
    streams are let in by `ticket`, where there is one.
    """
    began, language = later(SystemClock().now(), Seconds(-quiet - 1)), Language(locale)
    runs = Running(language, began, by=1)
    call = Call(
        id=new_call_id(began, uuid.uuid4().hex),
        direction=Direction.INBOUND,
        state=State.CONNECTED,
        caller=CALLER,
        callee=CALLEE,
        begun_at=began,
        wish=Wish(on=True, language=language, at=began),
        machine=Machine(transcribing=Transcribing(runs=runs, number=1, good=language)),
        answered_at=began,
        connected_at=began,
        connection_id=str(uuid.uuid4()),
    )
    now = SystemClock().now()
    return call if ticket is None else with_ticket(call, ticket, later(now, HOLDS), now)


def frames(call: Call) -> list[str]:
    """Return what ACS would send: the stream's metadata, then everything that was said."""
    metadata = {
        "subscriptionId": str(uuid.uuid4()),
        "locale": call.wish.language.locale,
        "callConnectionId": call.connection_id,
        "correlationId": call.connection_id,
    }
    first = {"kind": "TranscriptionMetadata", "transcriptionMetadata": metadata}
    return [json.dumps(first), *(json.dumps(_final(*each)) for each in enumerate(SAID))]


def _final(place: int, text: str) -> dict[str, Any]:
    data = {
        "text": text,
        "format": "display",
        "confidence": 0.9,
        "offset": place * TICKS_PER_SECOND,
        "duration": TICKS_PER_SECOND,
        "words": [],
        "participantRawID": CALLER,
        "resultStatus": "Final",
    }
    return {"kind": "TranscriptionData", "transcriptionData": data}
