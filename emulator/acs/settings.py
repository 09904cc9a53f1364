"""The settings, read from the environment; an error names every variable that is wrong."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DEFAULT_PORT = 8090
# Public, and valid for nothing but this emulator: base64 of `callscribe-local-acs-access-key-`.
DEFAULT_ACCESS_KEY = "Y2FsbHNjcmliZS1sb2NhbC1hY3MtYWNjZXNzLWtleS0="
DEFAULT_RESOURCE_ID = "00000000-0000-4000-8000-0000000000ac"
# How long a call rings until it can no longer be answered, as documented for the service.
DEFAULT_RING_SECONDS = 30.0
# https://learn.microsoft.com/azure/event-grid/delivery-and-retry
DEFAULT_EVENT_GRID_RETRIES = (10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0)


class SettingsError(ValueError):
    """Some variables are malformed; the message names each of them and what it accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this emulator behaves; spans are in seconds."""

    port: int = DEFAULT_PORT
    access_key: str | None = DEFAULT_ACCESS_KEY
    resource_id: str = DEFAULT_RESOURCE_ID
    issuer: str = f"http://localhost:{DEFAULT_PORT}"
    ring_seconds: float = DEFAULT_RING_SECONDS
    # The service's own values of the next four are not documented.
    connect_seconds: float = 0.2
    dial_timeout: float = 10
    callback_timeout: float = 10
    callback_retry_seconds: tuple[float, ...] = (1, 2, 4)
    # Event Grid waits 30 seconds for an answer.
    event_grid_timeout: float = 30
    event_grid_retry_seconds: tuple[float, ...] = DEFAULT_EVENT_GRID_RETRIES
    require_https: bool = False
    # The numbers of the resource, from which calls can be made; empty: from any.
    own_numbers: tuple[str, ...] = ()
    participants_page: int = 100
    # The versions of the SDKs that have transcription; previews are removed from the service sooner
    # or later, so an app must not depend on one.
    api_versions: tuple[str, ...] = ("2025-05-15", "2025-06-15", "2026-03-12")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError that names every variable that is wrong."""
        reader = _Reader(environ)
        port = reader.read("ACS_PORT", _port, DEFAULT_PORT)
        settings = cls(
            port=port,
            access_key=_access_key(environ, reader),
            resource_id=environ.get("ACS_RESOURCE_ID") or DEFAULT_RESOURCE_ID,
            issuer=environ.get("ACS_ISSUER") or f"http://localhost:{port}",
            ring_seconds=reader.read("ACS_RING_SECONDS", _seconds, DEFAULT_RING_SECONDS),
            event_grid_retry_seconds=reader.read(
                "EVENT_GRID_RETRY_SECONDS", _seconds_list, DEFAULT_EVENT_GRID_RETRIES
            ),
            own_numbers=reader.read("ACS_OWN_NUMBERS", _numbers, ()),
            require_https=reader.read("ACS_REQUIRE_HTTPS", _flag, default=False),
        )
        reader.finish()
        return settings


_EXPECTED = {
    "ACS_PORT": "a port number",
    "ACS_ACCESS_KEY": "base64",
    "ACS_RING_SECONDS": "a positive number of seconds",
    "EVENT_GRID_RETRY_SECONDS": "positive numbers of seconds with commas between them",
    "ACS_OWN_NUMBERS": "numbers like +18005550199 with commas between them",
    "ACS_REQUIRE_HTTPS": "true or false",
}


class _Reader:
    """Reads variables one by one and collects those that are wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def read[T](self, name: str, parse: Callable[[str], T], default: T) -> T:
        text = self._environ.get(name, "")
        if not text:
            return default
        try:
            return parse(text)
        except ValueError:
            # Without the value: it may be a key.
            self._problems.append(f"{name} must be {_EXPECTED[name]}")
            return default

    def finish(self) -> None:
        if self._problems:
            raise SettingsError("; ".join(self._problems))


def _access_key(environ: Mapping[str, str], reader: _Reader) -> str | None:
    """Return the key; a variable that is set and empty turns the check of signatures off."""
    if environ.get("ACS_ACCESS_KEY") == "":
        return None
    return reader.read("ACS_ACCESS_KEY", _base64, DEFAULT_ACCESS_KEY)


def _base64(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


def _port(text: str) -> int:
    port = int(text)
    if port not in range(1, 65_536):
        raise ValueError(text)
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _seconds_list(text: str) -> tuple[float, ...]:
    return tuple(_seconds(part) for part in text.split(","))


def _numbers(text: str) -> tuple[str, ...]:
    numbers = tuple(part.strip() for part in text.split(","))
    if not all(re.fullmatch(r"\+[1-9][0-9]{1,14}", number) for number in numbers):
        raise ValueError(text)
    return numbers


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"
