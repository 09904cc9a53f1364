"""How the emulator is set up: port, keys, hubs and every time that a test may want shorter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from emulator.web_pubsub.hubs import HubSettings, configured_hubs

DEFAULT_PORT = 8080
# The key of Microsoft's emulator: public, and good for nothing but this machine.
DEFAULT_ACCESS_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen; all times are in seconds."""

    port: int = DEFAULT_PORT
    access_keys: tuple[str, ...] = (DEFAULT_ACCESS_KEY,)
    hubs: Mapping[str, HubSettings] = field(default_factory=dict)
    retry_delays: tuple[float, ...] = (1, 3, 5)
    upstream_timeout: float = 100
    validation_timeout: float = 10
    validation_refresh: float = 60
    ping_interval: float = 20

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises ValueError that names the variable which is wrong."""
        keys = [environ.get("WEBPUBSUB_ACCESS_KEY") or DEFAULT_ACCESS_KEY]
        if secondary := environ.get("WEBPUBSUB_SECONDARY_KEY"):
            keys.append(secondary)
        return cls(
            port=_port(environ.get("WEBPUBSUB_PORT") or str(DEFAULT_PORT)),
            access_keys=tuple(keys),
            hubs=_hubs(environ.get("WEBPUBSUB_CONFIG")),
        )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LAST_PORT):
        raise ValueError(f"WEBPUBSUB_PORT must be a port number, not {text!r}")
    return int(text)


def _hubs(path: str | None) -> Mapping[str, HubSettings]:
    if not path:
        return {}
    try:
        return configured_hubs(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"WEBPUBSUB_CONFIG: {error}") from error
