"""A telephone company in memory."""

from dataclasses import dataclass, field

from callscribe.calls.call import Call
from callscribe.calls.events import Answered
from callscribe.calls.ports import CallStatus, Dial, Locator
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.foundation.errors import TelephonyRefusedError
from tests.fakes.orders import Orders


@dataclass
class Up:
    """A call that is up, as the telephone company knows it; `runs` is the locale transcribed."""

    state: str = "connected"
    runs: str | None = None


@dataclass(frozen=True)
class Picked:
    """An answer that took effect."""

    call_id: str
    context: str
    stream_url: str
    transcribing: bool
    intermediate: bool | None = None


@dataclass(frozen=True)
class Placed:
    """A dial or a joining that took effect."""

    call_id: str
    what: Dial | Locator
    stream_url: str


@dataclass
class FakeTelephony(Orders):
    """Implements ports.Telephony.

    `answers` and `operations` are what took effect; `log` is what was asked. Contexts that are
    `expired` are refused; an `idle` company takes a request to transcribe and does nothing.
    """

    answers: list[Picked] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    dials: list[Placed] = field(default_factory=list)
    joins: list[Placed] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    hung_up: list[tuple[str, bool]] = field(default_factory=list)
    up: dict[str, Up] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    idle: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def starts(self) -> list[Operation]:
        """The starts that took effect."""
        return [each for each in self.operations if each.kind is OperationKind.START]

    async def answer(
        self, call: Call, context: str, stream_url: str, *, intermediate: bool | None = None
    ) -> Answered:
        async with self.carry_out("answer", call.id):
            if context in self.expired:
                raise TelephonyRefusedError("the call no longer rings", http_status=400)
            if call.id not in [picked.call_id for picked in self.answers]:
                setup = call.transcribing.out
                picked = Picked(call.id, context, stream_url, setup is not None, intermediate)
                self.answers.append(picked)
                self._set_up(call, state="connected")
            return Answered(connection_of(call.id), "server", "correlation")

    async def reject(self, call: Call, context: str) -> None:
        async with self.carry_out("reject", call.id):
            if context in self.expired:
                raise TelephonyRefusedError("the call no longer rings", http_status=400)
            self.rejected.add(call.id)

    async def place(self, call: Call, dial: Dial, stream_url: str) -> Answered:
        async with self.carry_out("place", call.id):
            if dial.targets[0] in self.expired:
                raise TelephonyRefusedError("no such number", http_status=400, sub_code=8523)
            if call.id not in [each.call_id for each in self.dials]:
                self.dials.append(Placed(call.id, dial, stream_url))
                self._set_up(call, state="connecting")
            return Answered(connection_of(call.id), "server", "correlation")

    async def join(self, call: Call, locator: Locator, stream_url: str) -> Answered:
        async with self.carry_out("join", call.id):
            if locator.id in self.expired:
                raise TelephonyRefusedError("no such call", http_status=404, sub_code=8522)
            if call.id not in [each.call_id for each in self.joins]:
                self.joins.append(Placed(call.id, locator, stream_url))
                self._set_up(call, state="connecting")
            return Answered(connection_of(call.id), "server", "correlation")

    def _set_up(self, call: Call, state: str) -> None:
        setup = call.transcribing.out if state == "connected" else None
        runs = setup.language.locale if setup else None
        self.up[connection_of(call.id)] = Up(state, runs)

    async def poll(self, connection_id: str) -> CallStatus | None:
        async with self.carry_out("poll", connection_id):
            found = self.up.get(connection_id)
            return CallStatus(found.state, found.runs is not None, found.runs) if found else None

    async def transcribe(self, connection_id: str, operation: Operation) -> None:
        async with self.carry_out(operation.kind.value, connection_id):
            if connection_id not in self.up:
                raise TelephonyRefusedError("Call not found.", http_status=404, sub_code=8522)
            if not self.idle:
                stops = operation.kind is OperationKind.STOP
                self.up[connection_id].runs = None if stops else operation.language.locale
            self.operations.append(operation)

    async def hang_up(self, connection_id: str, *, everyone: bool) -> None:
        async with self.carry_out("hang_up", connection_id):
            if self.up.pop(connection_id, None) is None:
                raise TelephonyRefusedError("Call not found.", http_status=404, sub_code=8522)
            self.hung_up.append((connection_id, everyone))


def connection_of(call_id: str) -> str:
    """Return the connection id that a call gets when it is answered."""
    return f"connection-{call_id}"
