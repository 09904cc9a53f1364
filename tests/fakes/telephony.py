"""A telephone company in memory."""

from dataclasses import dataclass, field

from callscribe.calls.call import Call, Transcription
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus
from callscribe.foundation.errors import TelephonyRefusedError
from tests.fakes.orders import Orders


@dataclass
class Up:
    """A call that is up, as the telephone company knows it."""

    connected: bool = True
    transcribing: bool = False


@dataclass(frozen=True)
class Picked:
    """An answer that took effect."""

    call_id: str
    context: str
    stream_url: str
    transcribing: bool


@dataclass
class FakeTelephony(Orders):
    """Implements ports.Telephony.

    `answers` and `starts` are what took effect; `log` is what was asked. Contexts that are
    `expired` are refused; an `idle` company takes a request to transcribe and does nothing.
    """

    answers: list[Picked] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    up: dict[str, Up] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    idle: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    async def answer(self, call: Call, context: str, stream_url: str) -> Answered:
        async with self.carry_out("answer", call.id):
            if context in self.expired:
                raise TelephonyRefusedError("the call no longer rings", http_status=400)
            if call.id not in [picked.call_id for picked in self.answers]:
                starting = call.transcription is Transcription.STARTING
                self.answers.append(Picked(call.id, context, stream_url, starting))
                self.up[connection_of(call.id)] = Up(transcribing=starting)
            return Answered(connection_of(call.id), "server", "correlation")

    async def poll(self, connection_id: str) -> CallStatus | None:
        async with self.carry_out("poll", connection_id):
            found = self.up.get(connection_id)
            return CallStatus(found.connected, found.transcribing) if found else None

    async def start_transcription(self, call: Call) -> None:
        async with self.carry_out("start", call.id):
            if call.connection_id not in self.up:
                raise TelephonyRefusedError("Call not found.", http_status=404, sub_code=8522)
            self.up[call.connection_id].transcribing = not self.idle
            self.starts.append(call.id)


def connection_of(call_id: str) -> str:
    """Return the connection id that a call gets when it is answered."""
    return f"connection-{call_id}"
