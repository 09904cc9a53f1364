"""Log lines: one JSON object per event, with the call's id.

No line holds what was said, a token or a phone number. The platform collects the lines; nothing is
sent from here.
"""

import json
import logging
import sys
import traceback

_LOGGER = logging.getLogger("callscribe")


def quiet_azure() -> None:
    """Keep the SDKs' own lines out: at INFO they print addresses, and with them keys of rows."""
    logging.getLogger("azure").setLevel(logging.WARNING)
    # This one warns at every answered call of an unknown attribute, which it sets itself.
    logging.getLogger("azure.communication.callautomation").setLevel(logging.ERROR)


def info(event: str, call_id: str | None = None, **fields: object) -> None:
    """Log something that happened as expected."""
    _write(logging.INFO, event, call_id, fields)


def warning(event: str, call_id: str | None = None, **fields: object) -> None:
    """Log something that may need a look."""
    _write(logging.WARNING, event, call_id, fields)


def error(event: str, call_id: str | None = None, **fields: object) -> None:
    """Log a bug, or something that needs a person, with the exception being handled, if any.

    Of an exception only kind and place are logged: its message may quote what was said.
    """
    _write(logging.ERROR, event, call_id, fields | _handled())


def _write(level: int, event: str, call_id: str | None, fields: dict[str, object]) -> None:
    line = {"event": event} | ({"callId": call_id} if call_id else {}) | fields
    # JSON escapes line breaks, so that no value from outside can forge a line of its own.
    _LOGGER.log(level, json.dumps(line, default=str))


def _handled() -> dict[str, object]:
    """Return the exception being handled and its causes, the first cause last."""
    found: list[str] = []
    exception = sys.exception()
    while exception is not None:
        found.append(f"{type(exception).__qualname__}{_places(exception)}")
        exception = exception.__cause__ or exception.__context__
    return {"exceptions": found} if found else {}


def _places(exception: BaseException) -> str:
    frames = traceback.extract_tb(exception.__traceback__)
    return "".join(f" < {frame.name} {frame.filename}:{frame.lineno}" for frame in reversed(frames))
