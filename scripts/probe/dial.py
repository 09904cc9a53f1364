"""One handshake, and what became of it."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

SECONDS = 20
_ENDS = {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service did: it opened the connection and kept it open, or not."""

    opened: bool
    said: str


async def dial(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], hold: float
) -> Answer:
    """Dial, and look for `hold` seconds whether the connection stays open. Nothing is sent."""
    try:
        async with asyncio.timeout(SECONDS):
            socket = await session.ws_connect(url, headers=headers)
    # Errors are not shown as they are: they hold the address, and that a token.
    except aiohttp.WSServerHandshakeError as refusal:
        return Answer(opened=False, said=_words(refusal.status))
    except (aiohttp.ClientError, OSError) as error:
        return Answer(opened=False, said=f"no answer ({type(error).__name__})")
    try:
        message = await socket.receive(timeout=hold)
    except TimeoutError:
        return Answer(opened=True, said="101")
    finally:
        await socket.close()
    if message.type in _ENDS:
        return Answer(opened=False, said=f"101, then closed ({socket.close_code})")
    return Answer(opened=True, said="101")


def _words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
