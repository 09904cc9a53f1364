"""What is played to people: how long it takes, and why it cannot be played.

The control API says so of single files; of others the address may (`…?seconds=4`).
"""

import io
import re
import wave
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec

from emulator.acs.bodies_media import PlaySource
from emulator.acs.clock import TICKS_PER_SECOND
from emulator.acs.results import NO_COGNITIVE_SERVICES, Result
from emulator.acs.results_media import INVALID_FORMAT, NOT_DOWNLOADED
from emulator.acs.speech import make_utterance

type Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]

# For a file of which nothing is known.
_USUAL_SECONDS = 3.0
_LONGEST_SECONDS = 86_400.0
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")
_MARKUP = re.compile(r"<[^>]*>")
_DOWNLOAD = aiohttp.ClientTimeout(10)
# https://learn.microsoft.com/azure/communication-services/concepts/call-automation/play-action
_CHANNELS, _BYTES_PER_SAMPLE, _SAMPLES_PER_SECOND = 1, 2, 16_000


class PromptError(Exception):
    """Something cannot be played; `result` is what the service reports."""

    def __init__(self, result: Result, source: int = 0) -> None:
        super().__init__(result.message)
        self.result = result
        self.source = source


class File(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is known of the file at an address: its length, or why it cannot be played."""

    address: Annotated[str, msgspec.Meta(min_length=1)]
    seconds: Seconds | None = None
    fails: Literal["download", "format"] | None = None


class PromptOptions(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How files are played; with `fetch` those of this machine are fetched and looked into."""

    files: tuple[File, ...] = ()
    seconds: Seconds = _USUAL_SECONDS
    fetch: bool = False


class Prompts:
    """Tells of each prompt how long it is."""

    def __init__(self) -> None:
        self.options = PromptOptions()

    async def measure(
        self, sources: tuple[PlaySource, ...], cognitive: str | None, http: aiohttp.ClientSession
    ) -> float:
        """Return the seconds that all take together. Raises PromptError with the first that fails.

        `cognitive` is the AI resource of the call, without which no text can be read aloud.
        """
        total = 0.0
        for number, source in enumerate(sources):
            content = source.content or ""
            try:
                if source.kind == "file":
                    total += await self._of_file(content, http)
                else:
                    total += _of_text(content, cognitive)
            except PromptError as problem:
                raise PromptError(problem.result, number) from problem
        return total

    async def _of_file(self, address: str, http: aiohttp.ClientSession) -> float:
        known = next((each for each in self.options.files if each.address == address), None)
        if known and known.fails:
            raise PromptError(NOT_DOWNLOADED if known.fails == "download" else INVALID_FORMAT)
        if known and known.seconds:
            return known.seconds
        if self.options.fetch and urlsplit(address).hostname in _OWN_MACHINE:
            return await _fetched(address, http)
        return _told(address) or self.options.seconds

    def describe(self) -> Any:  # noqa: ANN401 (JSON)
        """Return the options as the control API shows them."""
        return msgspec.to_builtins(self.options)


def _told(address: str) -> float | None:
    """Return the length that an address has among its parameters."""
    try:
        seconds = float(parse_qs(urlsplit(address).query)["seconds"][0])
    except (KeyError, ValueError):
        return None
    return seconds if 0 < seconds <= _LONGEST_SECONDS else None


def _of_text(text: str, cognitive: str | None) -> float:
    if not cognitive:
        raise PromptError(NO_COGNITIVE_SERVICES)
    spoken = make_utterance("", _MARKUP.sub(" ", text), 0, 1)
    return spoken.duration / TICKS_PER_SECOND


async def _fetched(address: str, http: aiohttp.ClientSession) -> float:
    """Fetch a file of this machine, and return its length."""
    try:
        async with http.get(address, timeout=_DOWNLOAD, allow_redirects=False) as response:
            response.raise_for_status()
            content = await response.read()
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise PromptError(NOT_DOWNLOADED) from problem
    # A redirect is no error for the client, and no file either.
    if response.status != 200:  # noqa: PLR2004
        raise PromptError(NOT_DOWNLOADED)
    return _length(content)


def _length(content: bytes) -> float:
    try:
        with wave.open(io.BytesIO(content)) as sound:
            found = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            seconds: float = sound.getnframes() / _SAMPLES_PER_SECOND
    except (wave.Error, EOFError) as problem:
        raise PromptError(INVALID_FORMAT) from problem
    if found != (_CHANNELS, _BYTES_PER_SAMPLE, _SAMPLES_PER_SECOND):
        raise PromptError(INVALID_FORMAT)
    return seconds
