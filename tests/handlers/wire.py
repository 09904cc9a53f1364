"""What goes to the app and comes back: events, callbacks, frames, answers."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from multidict import CIMultiDictProxy

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import parse_iso

Json = dict[str, Any]

CALLER = "4:+14255550123"
CALLEE = "4:+18005550199"
CONTEXT = "the-incoming-call-context"
EXPIRED = f"{CONTEXT}-of-a-phone-that-rings-no-more"
SPOKEN = "The codeword is heliotrope."


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, read whole."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the app knows."""

    id: str
    event: Json
    connection_id: str
    stream_url: str


def assert_refused(answer: Answer, status: int, code: str) -> str:
    """Hold an answer to the one error shape; return its message."""
    assert answer.status == status, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    assert body["error"]["code"] == code
    message = body["error"]["message"]
    assert isinstance(message, str)
    assert 0 < len(message) <= 500
    assert "Traceback" not in message
    return message


def late(**changes: Any) -> Json:
    """Return the event of a call that no longer rings."""
    return incoming(data={"incomingCallContext": EXPIRED}, **changes)


def incoming(**changes: Any) -> Json:
    """Build an Event Grid event of a phone that rings now; `data` is merged, None leaves out."""
    data = {
        "from": {"kind": "phoneNumber", "rawId": CALLER},
        "to": {"kind": "phoneNumber", "rawId": CALLEE},
        "serverCallId": "a-server-call",
        "incomingCallContext": CONTEXT,
        "correlationId": str(uuid.uuid4()),
    }
    event: Json = {
        "id": str(uuid.uuid4()),
        "topic": "/subscriptions/one",
        "subject": "a call",
        "eventType": "Microsoft.Communication.IncomingCall",
        "eventTime": datetime.now(UTC).isoformat(),
        "dataVersion": "1.0",
    }
    told = changes.get("data", {})
    if isinstance(told, dict):
        merged = data | told
        changes["data"] = {name: merged[name] for name in merged if merged[name] is not None}
    return event | changes


def call_id_of(event: Json) -> str:
    """Return the id that the app gives to the call of an event."""
    return new_call_id(parse_iso(event["eventTime"]), event["id"])


def callback(call: Call, kind: str, **changes: Any) -> Json:
    """Build one callback of a call."""
    return {
        "id": str(uuid.uuid4()),
        "source": f"calling/callConnections/{call.connection_id}",
        "type": f"Microsoft.Communication.{kind}",
        "specversion": "1.0",
        "time": datetime.now(UTC).isoformat(),
        "data": {
            "callConnectionId": call.connection_id,
            "resultInformation": {"code": 200, "subCode": 0, "message": ""},
        },
    } | changes


def frame(**changes: Any) -> bytes:
    """Build the frame of a final; a change to None leaves a field out."""
    data = {
        "text": SPOKEN,
        "format": "display",
        "confidence": 0.9,
        "offset": 10_000_000,
        "duration": 9_600_000,
        "words": [],
        "participantRawID": CALLER,
        "resultStatus": "Final",
    } | changes
    kept = {name: value for name, value in data.items() if value is not None}
    return json.dumps({"kind": "TranscriptionData", "transcriptionData": kept}).encode()
