"""What Telephony promises, held by the fake and by Call Automation alike."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from callscribe.calls.call import Machine
from callscribe.calls.ports import CallStatus, Telephony
from callscribe.calls.transcription import Operation, OperationKind
from callscribe.calls.wish import Language
from callscribe.foundation.errors import TelephonyRefusedError
from tests.cloud.acs import acs, call
from tests.fakes.clock import START
from tests.fakes.telephony import FakeTelephony
from tests.fakes.waiting import until
from tests.fakes.wishes import ENGLISH, GERMAN

UNKNOWN = "00000000-0000-0000-0000-000000000000"
RUNS = CallStatus("connected", transcribing=True, locale="en-US")
SILENT = CallStatus("connected", transcribing=False)


def operation(kind: OperationKind, number: int, language: Language = ENGLISH) -> Operation:
    """Return what ACS is asked for."""
    return Operation(kind, number, language, START)


@dataclass
class Line:
    """The telephone company, and how to have it ring."""

    telephony: Telephony
    ring: Callable[[], Awaitable[str]]
    expired: str
    stream_url: str

    async def state(self, connection_id: str, wanted: CallStatus) -> None:
        """Wait until the call is in this state."""

        async def reached() -> bool:
            found = await self.telephony.poll(connection_id)
            if found is not None and not found.transcribing:
                found = replace(found, locale=None)  # of what ran before
            return found == wanted

        await until(reached, 60)


class TelephonyContract:
    """The promise; a subclass brings the line."""

    async def test_an_answered_call_is_connected_and_transcribed(self, line: Line) -> None:
        answered = await line.telephony.answer(call(), await line.ring(), line.stream_url)
        assert answered.connection_id
        assert answered.server_call_id
        assert answered.correlation_id
        await line.state(answered.connection_id, RUNS)

    async def test_answering_again_has_the_effect_of_the_first_time(self, line: Line) -> None:
        context = await line.ring()
        first = await line.telephony.answer(call(), context, line.stream_url)
        again = await line.telephony.answer(call(drives=2), context, line.stream_url)
        assert again == first

    async def test_a_context_that_no_longer_rings_is_refused(self, line: Line) -> None:
        with pytest.raises(TelephonyRefusedError) as refusal:
            await line.telephony.answer(call(), line.expired, line.stream_url)
        assert refusal.value.http_status == 400

    async def test_a_call_is_rejected_once(self, line: Line) -> None:
        context, rejected = await line.ring(), call()
        for _ in range(2):
            await line.telephony.reject(rejected, context)

    async def test_a_call_that_no_longer_rings_cannot_be_rejected(self, line: Line) -> None:
        with pytest.raises(TelephonyRefusedError):
            await line.telephony.reject(call(), line.expired)

    async def test_a_call_that_acs_does_not_know_is_none(self, line: Line) -> None:
        assert await line.telephony.poll(UNKNOWN) is None

    async def test_transcription_starts_changes_and_stops_when_asked_for(self, line: Line) -> None:
        connection_id = await self._silent(line)
        await line.telephony.transcribe(connection_id, operation(OperationKind.START, 1))
        await line.state(connection_id, RUNS)
        await line.telephony.transcribe(connection_id, operation(OperationKind.UPDATE, 2, GERMAN))
        await line.state(connection_id, CallStatus("connected", transcribing=True, locale="de-DE"))
        await line.telephony.transcribe(connection_id, operation(OperationKind.STOP, 3))
        await line.state(connection_id, SILENT)

    @pytest.mark.parametrize("kind", OperationKind)
    async def test_transcription_of_an_unknown_call_is_refused(
        self, line: Line, kind: OperationKind
    ) -> None:
        with pytest.raises(TelephonyRefusedError) as refusal:
            await line.telephony.transcribe(UNKNOWN, operation(kind, 1))
        assert (refusal.value.http_status, refusal.value.sub_code) == (404, 8522)

    @pytest.mark.parametrize("everyone", [False, True])
    async def test_a_call_that_was_hung_up_is_known_no_more(
        self, line: Line, *, everyone: bool
    ) -> None:
        connection_id = await self._silent(line)
        await line.telephony.hang_up(connection_id, everyone=everyone)

        async def over() -> bool:
            status = await line.telephony.poll(connection_id)
            return status is None or status.state == "disconnected"

        await until(over, 60)

    async def test_an_unknown_call_cannot_be_hung_up(self, line: Line) -> None:
        for everyone in (False, True):
            with pytest.raises(TelephonyRefusedError) as refusal:
                await line.telephony.hang_up(UNKNOWN, everyone=everyone)
            assert refusal.value.http_status == 404

    async def _silent(self, line: Line) -> str:
        """Return the connection id of a call that is up and not transcribed."""
        silent = call(machine=Machine())
        answered = await line.telephony.answer(silent, await line.ring(), line.stream_url)
        await line.state(answered.connection_id, SILENT)
        return answered.connection_id


class TestFakeTelephony(TelephonyContract):
    @pytest.fixture
    def line(self) -> Line:
        async def ring() -> str:
            return "context"

        return Line(FakeTelephony(expired={"expired"}), ring, "expired", "wss://hub.example")


class TestAcsTelephony(TelephonyContract):
    @pytest_asyncio.fixture
    async def line(self) -> AsyncIterator[Line]:
        async with acs() as running:
            yield Line(running.telephony, running.ring, "expired", running.stream_url)
