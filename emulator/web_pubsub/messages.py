"""A message to clients, and the frame in which each kind of client receives it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aiohttp import WSMsgType

from emulator.web_pubsub.events import BINARY, JSON, TEXT
from emulator.web_pubsub.outbox import Frame

JSON_PROTOCOL = "json.webpubsub.azure.v1"

DATA_TYPES = {TEXT: "text", JSON: "json", BINARY: "binary"}
CONTENT_TYPES = {data_type: content_type for content_type, data_type in DATA_TYPES.items()}


@dataclass(frozen=True)
class Message:
    """One message from the server or, if `group` is set, to that group.

    `json_frame` raises ValueError when the data does not have its declared type.
    """

    data_type: str
    data: bytes
    group: str | None = None
    from_user: str | None = None

    def frame(self, subprotocol: str | None) -> Frame:
        """Return the frame for a client of this subprotocol."""
        return self.json_frame if subprotocol == JSON_PROTOCOL else self.raw_frame

    # Cached: each frame is made once, however many clients receive it.
    @cached_property
    def raw_frame(self) -> Frame:
        """The frame for a plain WebSocket client: the data and nothing else."""
        kind = WSMsgType.BINARY if self.data_type == "binary" else WSMsgType.TEXT
        return Frame(self.data, kind)

    @cached_property
    def json_frame(self) -> Frame:
        """The frame for a client of the JSON subprotocol."""
        envelope: dict[str, object] = {"type": "message", "from": "server"}
        if self.group is not None:
            envelope |= {"from": "group", "group": self.group}
        envelope |= {"dataType": self.data_type, "data": self._json_data()}
        if self.from_user is not None:
            envelope["fromUserId"] = self.from_user
        return json_frame(envelope)

    def is_valid(self) -> bool:
        """Tell whether the data has its declared type."""
        try:
            return bool(self.json_frame.data)
        except ValueError:
            return False

    def _json_data(self) -> object:
        if self.data_type == "json":
            return json.loads(self.data)
        if self.data_type == "binary":
            return base64.b64encode(self.data).decode()
        return self.data.decode()


def json_frame(envelope: Mapping[str, object]) -> Frame:
    """Return a text frame with JSON."""
    return Frame(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode())


def data_type_of(content_type: str) -> str | None:
    """Return the data type for a Content-Type header, None if the service knows none for it."""
    return DATA_TYPES.get(content_type.partition(";")[0].strip().lower())
