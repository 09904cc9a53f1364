"""Web PubSub in memory."""

from callscribe.foundation.json_input import Json
from tests.fakes.orders import Orders


class FakeStreamHub(Orders):
    """Keeps the promise of calls.ports.StreamHub; `streaming` are the calls with a stream."""

    def __init__(self) -> None:
        super().__init__()
        self.streaming: set[str] = set()

    async def stream_url(self, call_id: str, ticket: str | None = None) -> str:
        async with self.carry_out("stream_url", call_id):
            shown = (
                f"access_token={call_id}" if ticket is None else f"call={call_id}&ticket={ticket}"
            )
            return f"wss://hub.example/client/hubs/stream?{shown}"

    async def has_stream(self, call_id: str) -> bool:
        async with self.carry_out("has_stream", call_id):
            return call_id in self.streaming


class FakeLiveFeed(Orders):
    """Keeps the promise of calls.ports.LiveFeed. While `broken`, it loses every message."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Json] = []
        self.broken = False

    def publish(self, call_id: str, message: Json) -> None:
        self.log.append(("publish", call_id))
        if not self.broken:
            self.messages.append({**message, "callId": call_id})

    async def viewer_url(self, call_id: str, minutes: int) -> str:
        async with self.carry_out("viewer_url", call_id):
            return f"wss://hub.example/client/hubs/live?access_token={call_id}-{minutes}"

    def of(self, call_id: str, kind: str | None = None) -> list[Json]:
        """Return the messages about a call, of one type or of all."""
        mine = [message for message in self.messages if message["callId"] == call_id]
        return [message for message in mine if kind in (None, message["type"])]
