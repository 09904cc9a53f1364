"""The events of a stream as Web PubSub posts them: headers, frames, and requests."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import azure.functions as func

from callscribe.foundation.moments import TICKS_PER_SECOND

CALLER, CALLEE = "4:+14255550123", "4:+18005550199"
TEXT = "Yes, I would like to know whether my order from last week has been sent already."


@dataclass
class Connection:
    """A stream connection, from its first message on."""

    call_id: str
    settings: Mapping[str, str]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    number: int = 1
    state: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers of the connection's next message."""
        # In lower case, as the Functions host passes them on.
        self.number += 1
        headers = {
            "host": "localhost",
            "user-agent": "callscribe-bench",
            "content-type": "text/plain",
            "webhook-request-origin": "localhost",
            "ce-specversion": "1.0",
            "ce-awpsversion": "1.0",
            "ce-source": f"/hubs/stream/client/{self.id}",
            "ce-hub": "stream",
            "ce-type": "azure.webpubsub.user.message",
            "ce-eventname": "message",
            "ce-id": str(self.number),
            "ce-time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ce-connectionid": self.id,
            "ce-userid": self.call_id,
            "ce-signature": self._signature(),
        }
        return headers | ({"ce-connectionstate": self.state} if self.state else {})

    def request(self, body: bytes) -> func.HttpRequest:
        """Return the connection's next message as the runtime passes it to the function."""
        return func.HttpRequest(
            "POST",
            "http://localhost/api/stream",
            headers=self.headers(),
            params={"code": self.settings["WEBPUBSUB_UPSTREAM_CODE"]},
            body=body,
        )

    def check_response(self, status: int, headers: Mapping[str, str]) -> None:
        """Check that the frame is stored, and keep the connection's state for the next message."""
        if status != HTTPStatus.NO_CONTENT:
            raise RuntimeError(f"the app answered {status} to a frame")
        self.state = headers.get("ce-connectionState", self.state)

    def _signature(self) -> str:
        key = self.settings["WEBPUBSUB_ACCESS_KEY"].encode()
        return f"sha256={hmac.new(key, self.id.encode(), hashlib.sha256).hexdigest()}"


def final(text: str = TEXT) -> bytes:
    """Return the frame of a final."""
    return _frame(text, "Final")


def intermediate(text: str = TEXT) -> bytes:
    """Return the frame of a hypothesis."""
    return _frame(text, "Intermediate")


def _frame(text: str, status: str) -> bytes:
    words, offset = [], 21 * TICKS_PER_SECOND
    for word in text.lower().rstrip(".").replace(",", "").split():
        words.append({"text": word, "offset": offset, "duration": 3_000_000})
        offset += 3_000_000
    data = {
        "text": text,
        "format": "display",
        "confidence": 0.922650933265686,
        "offset": 21 * TICKS_PER_SECOND,
        "duration": 3_000_000 * len(words),
        "words": words,
        "participantRawID": CALLER,
        "resultStatus": status,
    }
    frame = {"kind": "TranscriptionData", "transcriptionData": data}
    return json.dumps(frame, separators=(",", ":")).encode()
