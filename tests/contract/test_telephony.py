"""What Telephony promises, held by the fake and by Call Automation alike."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from callscribe.calls.call import Transcription
from callscribe.calls.ports import CallStatus, Telephony
from callscribe.foundation.errors import TelephonyRefusedError
from tests.cloud.acs import acs, call
from tests.fakes.telephony import FakeTelephony
from tests.fakes.waiting import until

UNKNOWN = "00000000-0000-0000-0000-000000000000"


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
            return await self.telephony.poll(connection_id) == wanted

        await until(reached, 60)


class TelephonyContract:
    """The promise; a subclass brings the line."""

    async def test_an_answered_call_is_connected_and_transcribed(self, line: Line) -> None:
        answered = await line.telephony.answer(call(), await line.ring(), line.stream_url)
        assert answered.connection_id
        assert answered.server_call_id
        assert answered.correlation_id
        await line.state(answered.connection_id, CallStatus(connected=True, transcribing=True))

    async def test_answering_again_has_the_effect_of_the_first_time(self, line: Line) -> None:
        context = await line.ring()
        first = await line.telephony.answer(call(), context, line.stream_url)
        again = await line.telephony.answer(call(drives=2), context, line.stream_url)
        assert again == first

    async def test_a_context_that_no_longer_rings_is_refused(self, line: Line) -> None:
        with pytest.raises(TelephonyRefusedError) as refusal:
            await line.telephony.answer(call(), line.expired, line.stream_url)
        assert refusal.value.http_status == 400

    async def test_a_call_that_acs_does_not_know_is_none(self, line: Line) -> None:
        assert await line.telephony.poll(UNKNOWN) is None

    async def test_transcription_starts_when_asked_for(self, line: Line) -> None:
        silent = call(transcription=Transcription.OFF)
        answered = await line.telephony.answer(silent, await line.ring(), line.stream_url)
        await line.state(answered.connection_id, CallStatus(connected=True, transcribing=False))
        up = replace(silent, connection_id=answered.connection_id)
        await line.telephony.start_transcription(up)
        await line.state(answered.connection_id, CallStatus(connected=True, transcribing=True))
        await line.telephony.start_transcription(up)  # it runs already: no harm done

    async def test_transcription_of_an_unknown_call_is_refused(self, line: Line) -> None:
        with pytest.raises(TelephonyRefusedError) as refusal:
            await line.telephony.start_transcription(call(connection_id=UNKNOWN))
        assert (refusal.value.http_status, refusal.value.sub_code) == (404, 8522)


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
