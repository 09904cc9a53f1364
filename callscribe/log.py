"""Log lines: one JSON object per event, with the call id; never what was said, a token or a number.

The platform carries what is logged; nothing here sends anything.
"""

import json
import logging

_LOGGER = logging.getLogger("callscribe")


def quiet_azure() -> None:
    """Keep the SDKs' own lines out: at INFO they print addresses, and with them keys of rows."""
    logging.getLogger("azure").setLevel(logging.WARNING)


def info(event: str, call_id: str = "", **fields: object) -> None:
    """Log something that happened as expected."""
    _write(logging.INFO, event, call_id, fields)


def warning(event: str, call_id: str = "", **fields: object) -> None:
    """Log something that somebody may want to look at."""
    _write(logging.WARNING, event, call_id, fields)


def error(event: str, call_id: str = "", **fields: object) -> None:
    """Log something that is a bug or needs a person; with the traceback of what is handled."""
    _write(logging.ERROR, event, call_id, fields, traceback=True)


def _write(
    level: int, event: str, call_id: str, fields: dict[str, object], *, traceback: bool = False
) -> None:
    line = {"event": event} | ({"callId": call_id} if call_id else {}) | fields
    _LOGGER.log(level, json.dumps(line, default=str), exc_info=traceback)
