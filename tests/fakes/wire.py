"""What Event Grid, Web PubSub and ACS say: a call rings, a stream opens, somebody speaks."""

from dataclasses import replace
from typing import Any

from callscribe.calls.incoming import IncomingCall
from callscribe.foundation.identifiers import new_stream_id
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.world import CALL_ID, CALLEE, CALLER, STREAM, World

# The id of a stream that is opened at once.
STREAM_ID = new_stream_id(START, STREAM)


def incoming(**changes: Any) -> IncomingCall:
    """Return the usual call's event."""
    usual = IncomingCall(
        call_id=CALL_ID,
        event_id="event-1",
        rang_at=START,
        caller=CALLER,
        caller_name="",
        callee=CALLEE,
        server_call_id="server",
        correlation_id="correlation",
        context="context",
    )
    return replace(usual, **changes)


def speech(text: str = "hello", *, final: bool = True, **fields: Any) -> dict[str, Any]:
    """Return a frame in which the caller says something."""
    data = {
        "text": text,
        "format": "display",
        "confidence": 0.9,
        "offset": 10_000_000,
        "duration": 5_000_000,
        "words": [],
        "participantRawID": CALLER,
        "resultStatus": "Final" if final else "Intermediate",
    }
    return {"kind": "TranscriptionData", "transcriptionData": data | fields}


def metadata(locale: str = "en-US") -> dict[str, Any]:
    """Return the first frame of a stream."""
    fields = {"subscriptionId": "subscription", "locale": locale}
    return {"kind": "TranscriptionMetadata", "transcriptionMetadata": fields}


async def connected(world: World) -> str:
    """Open a stream of a known call, send its metadata, and return its state."""
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    state = await world.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    assert state is not None
    world.transcripts.log.clear()
    world.calls.log.clear()
    return state
