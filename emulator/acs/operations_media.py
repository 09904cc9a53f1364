"""Call Automation's operations on the media of a call: prompts, and keys.

The SDKs send no repeatability id here: a retried request is a second one.
https://learn.microsoft.com/rest/api/communication/callautomation/call-media
"""

from collections.abc import Callable

from aiohttp import web

from emulator.acs.bodies_media import ContinuousDtmf, Play, Recognize
from emulator.acs.bodies_people import MidCall
from emulator.acs.calls import Operation
from emulator.acs.connection import Connection
from emulator.acs.errors import decode
from emulator.acs.mid_call_checks import check_media, check_play, check_recognize
from emulator.acs.operations import CALL, Perform, connection_of, operation_of
from emulator.acs.repeatability import Reply
from emulator.acs.state import Emulator

type Act[Body] = Callable[[Connection, Operation, Body], None]


def _on_media[Body: MidCall](shape: type[Body], act: Act[Body], status: int = 202) -> Perform:
    """Return the operation that does this; events tell what becomes of it."""

    async def perform(emulator: Emulator, request: web.Request, body: bytes) -> Reply:
        connection, wanted = connection_of(emulator, request), decode(body, shape)
        act(connection, operation_of(connection, request, wanted), wanted)
        return Reply(status)

    return perform


def _play(connection: Connection, operation: Operation, wanted: Play) -> None:
    check_play(connection.call, wanted)
    connection.media.play(operation, wanted)


def _recognize(connection: Connection, operation: Operation, wanted: Recognize) -> None:
    check_recognize(connection.call, wanted)
    connection.media.recognize(operation, wanted)


def _start(connection: Connection, operation: Operation, wanted: ContinuousDtmf) -> None:
    check_media(connection.call)
    connection.media.start_continuous(operation, wanted.target_participant.raw_id)


def _stop(connection: Connection, operation: Operation, wanted: ContinuousDtmf) -> None:
    check_media(connection.call)
    connection.media.stop_continuous(operation, wanted.target_participant.raw_id)


def _cancel(connection: Connection, _operation: Operation, _wanted: MidCall) -> None:
    check_media(connection.call)
    connection.media.cancel()


# Of these two the SDKs take 200 alone, of the others 202.
_PERFORM: dict[str, Perform] = {
    "play": _on_media(Play, _play),
    "recognize": _on_media(Recognize, _recognize),
    "startContinuousDtmfRecognition": _on_media(ContinuousDtmf, _start, 200),
    "stopContinuousDtmfRecognition": _on_media(ContinuousDtmf, _stop, 200),
    "cancelAllMediaOperations": _on_media(MidCall, _cancel),
}
OPERATIONS: tuple[tuple[str, str, str, Perform], ...] = tuple(
    ("POST", f"{CALL}:{name}", name, perform) for name, perform in _PERFORM.items()
)
