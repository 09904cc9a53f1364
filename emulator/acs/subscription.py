"""A transcription from its start to its end: its stream, and the next one after a cut."""

import asyncio
import uuid
from contextlib import suppress

from emulator.acs.bodies import TranscriptionOptions
from emulator.acs.calls import Call, Final
from emulator.acs.clock import now_ticks
from emulator.acs.resources import Resources
from emulator.acs.ring import Cut
from emulator.acs.speech import (
    Utterance,
    data_frame,
    from_stream_start,
    inverted_clock,
    metadata_frame,
)
from emulator.acs.stream import DialError, Stream, dial


class Subscription:
    """Turns what is said on the call into frames, while there is a stream."""

    def __init__(
        self, call: Call, options: TranscriptionOptions, resources: Resources, subscription_id: str
    ) -> None:
        self.id = subscription_id
        self.is_open = False
        self._call = call
        self._options = options
        self._resources = resources
        self._stream: Stream | None = None
        self._origin = 0
        self._cut: Cut = call.ring
        self._last_final: tuple[Final, str] | None = None

    async def open(self) -> None:
        """Connect and send the metadata, or raise DialError."""
        await self._connect(Cut())
        self.is_open = True

    async def follow(self) -> None:
        """Keep the stream up until it breaks and is not to be taken up again."""
        while stream := self._stream:
            try:
                await stream.until_closed()
            finally:
                await stream.close()
            self._stream = None
            cut, self._cut = self._cut, self._call.ring
            if cut.reconnect is not None:
                await self._reconnect(cut, cut.reconnect)

    def cut(self, cut: Cut) -> bool:
        """Break the stream as the network would; False when there is none."""
        stream, self._stream = self._stream, None
        if stream:
            self._cut = cut
            stream.cut()
        return stream is not None

    async def close(self) -> None:
        """End the stream properly."""
        stream, self._stream = self._stream, None
        if stream:
            await stream.close()

    async def announce(self, options: TranscriptionOptions) -> None:
        """Take on changed options, and tell the app when the ring said so."""
        self._options = options
        if self._stream and self._call.ring.metadata_after_update:
            await self._send(self._stream, self._metadata())

    async def hypothesis(self, utterance: Utterance, heard: int) -> None:
        """Send what was heard so far, when the app wants to know."""
        stream = self._hearing(utterance)
        if stream and self._options.enable_intermediate_results:
            await self._send(stream, self._frame(utterance, heard, stream))

    async def final(self, utterance: Utterance, record: Final) -> None:
        """Send a final, and write into its record which frame it was."""
        if stream := self._hearing(utterance):
            frame = self._frame(utterance, None, stream)
            record.frame = await self._send(stream, frame)
            if record.frame is not None:
                record.connection = stream.ordinal
                self._last_final = record, frame

    def _hearing(self, utterance: Utterance) -> Stream | None:
        """Return the stream, if it has been open since the utterance began."""
        stream = self._stream
        return stream if stream and stream.opened <= utterance.start else None

    async def _reconnect(self, cut: Cut, pause: float) -> None:
        if cut.subscription == "new":
            self.id = str(uuid.uuid4())
        while self._stream is None:
            await asyncio.sleep(pause)
            with suppress(DialError):
                await self._connect(cut)

    async def _connect(self, cut: Cut) -> None:
        connection = await dial(self._options.transport_url or "", self._call, self._resources)
        opened = now_ticks()
        if cut.cut_offsets == "restart" or not self._origin:
            self._origin = opened
        self._call.connections += 1
        is_clock = self._call.ring.offsets == "clock"
        place = inverted_clock if is_clock else from_stream_start(self._origin)
        stream = Stream(connection, self._call.connections, place, opened)
        # From here on `close` finds the stream, also when the sending is cancelled.
        self._stream = stream
        await self._send(stream, self._metadata())
        if cut.replay and self._last_final:
            record, frame = self._last_final
            number = await self._send(stream, frame)
            if number is not None:
                record.replays.append({"connection": stream.ordinal, "frame": number})

    def _frame(self, utterance: Utterance, heard: int | None, stream: Stream) -> str:
        return data_frame(utterance, heard, stream.place, self._call.ring.leave_out)

    def _metadata(self) -> str:
        return metadata_frame(
            subscription_id=self.id,
            locale=self._options.locale or "",
            call_connection_id=str(self._call.call_connection_id),
            correlation_id=self._call.correlation_id,
            model_endpoint_id=self._options.speech_model_endpoint_id,
        )

    async def _send(self, stream: Stream, frame: str) -> int | None:
        number = await stream.send(frame)
        self._call.frames_sent += number is not None
        return number
