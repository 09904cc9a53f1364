"""A transcription from its start to its end: its stream, and the new one after a cut."""

import asyncio
import uuid
from contextlib import suppress

from emulator.acs.bodies import TranscriptionOptions
from emulator.acs.call_options import Cut
from emulator.acs.calls import Call, Final
from emulator.acs.clock import now_ticks
from emulator.acs.resources import Resources
from emulator.acs.speech import (
    Utterance,
    data_frame,
    from_stream_start,
    inverted_clock,
    metadata_frame,
)
from emulator.acs.stream import DialError, Stream, dial


class Subscription:
    """Turns what is said on the call into frames while a stream is open."""

    def __init__(
        self, call: Call, options: TranscriptionOptions, resources: Resources, subscription_id: str
    ) -> None:
        self.id = subscription_id
        self.is_open = False
        # Whether its end is reported by no event.
        self.ends_silently = False
        self._call = call
        self._options = options
        self._resources = resources
        self._stream: Stream | None = None
        # The moment from which the offsets of the current stream count.
        self._origin = 0
        self._cut: Cut = call.options
        self._last_final: tuple[Final, str] | None = None

    async def open(self) -> None:
        """Connect and send the metadata. Raises DialError."""
        await self._connect(Cut())
        self.is_open = True

    async def keep_open(self) -> None:
        """Return when the stream has broken and is not to be opened again."""
        while stream := self._stream:
            try:
                await stream.until_closed()
            finally:
                await stream.close()
            self._stream = None
            # The options of a cut are for that one alone; the next has those of the call again.
            cut, self._cut = self._cut, self._call.options
            if cut.reconnect is not None:
                await self._reconnect(cut, cut.reconnect)
            elif cut.aftermath == "unnoticed":
                # Until the app stops it or the call ends: both cancel this task.
                await asyncio.Event().wait()
            else:
                self.ends_silently = cut.aftermath == "silent"

    def cut(self, cut: Cut) -> bool:
        """Break the stream as a network failure would; False when there is none."""
        stream, self._stream = self._stream, None
        if stream:
            self._cut = cut
            stream.cut()
        return stream is not None

    async def close(self) -> None:
        """Close the stream with a closing handshake."""
        stream, self._stream = self._stream, None
        if stream:
            await stream.close()

    async def announce(self, options: TranscriptionOptions) -> None:
        """Use changed options, and announce them in the stream if the call's options say so."""
        # Whether the service announces a change of language in the stream is not documented.
        self._options = options
        if self._stream and self._call.options.metadata_after_update:
            await self._send(self._stream, self._metadata())

    async def hypothesis(self, utterance: Utterance, word_count: int) -> None:
        """Send the first words of an utterance if the app has asked for hypotheses."""
        stream = self._stream_for(utterance)
        if stream and self._options.enable_intermediate_results and not self._is_lost():
            await self._send(stream, self._frame(utterance, word_count, stream))

    async def final(self, utterance: Utterance, record: Final) -> None:
        """Send a final, and note in its record which frame carried it."""
        stream = self._stream_for(utterance)
        if stream and not self._is_lost():
            frame = self._frame(utterance, None, stream)
            record.frame = await self._send(stream, frame)
            if record.frame is not None:
                record.connection = stream.ordinal
                self._last_final = record, frame

    def _stream_for(self, utterance: Utterance) -> Stream | None:
        """Return the stream if it was open when the utterance began."""
        # What happens to an utterance that is under way when a stream opens is not documented. The
        # harsher choice: it is lost as a whole.
        stream = self._stream
        return stream if stream and stream.opened <= utterance.start else None

    def _is_lost(self) -> bool:
        """Apply a fault on the frame that is about to be sent; tell whether it is lost by it."""
        struck = self._resources.faults.of_frame(self._call.names)
        if struck is None:
            return False
        match struck.fault.do:
            case "cut":
                self.cut(self._call.options)
            case "silent" | "unnoticed" as aftermath:
                self.cut(Cut.of(self._call.options, reconnect=None, aftermath=aftermath))
        return True

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
        # Frames of one stream never change their scale.
        is_clock = self._call.options.offsets == "clock"
        offset_of = inverted_clock if is_clock else from_stream_start(self._origin)
        stream = Stream(connection, self._call.connections, offset_of, opened)
        # Set before anything is sent: if the sending is cancelled, `close` must find the stream.
        self._stream = stream
        await self._send(stream, self._metadata())
        if cut.replay and self._last_final:
            record, frame = self._last_final
            number = await self._send(stream, frame)
            if number is not None:
                record.replays.append({"connection": stream.ordinal, "frame": number})

    def _frame(self, utterance: Utterance, word_count: int | None, stream: Stream) -> str:
        return data_frame(utterance, word_count, stream.offset_of, self._call.options.leave_out)

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
