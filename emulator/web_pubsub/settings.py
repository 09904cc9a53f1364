"""The settings: port, keys, hubs, and all spans, which tests can shorten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from emulator.web_pubsub.hubs import ForeignAuthorization, HubSettings, configured_hubs

DEFAULT_PORT = 8080
# The key of Microsoft's emulator: public, and valid for emulators alone.
DEFAULT_ACCESS_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """How this emulator behaves; spans are in seconds."""

    port: int = DEFAULT_PORT
    access_keys: tuple[str, ...] = (DEFAULT_ACCESS_KEY,)
    hubs: Mapping[str, HubSettings] = field(default_factory=dict)
    # Of hubs that do not say it themselves.
    foreign_authorization: ForeignAuthorization = ForeignAuthorization.IGNORED
    forward_authorization: bool = False
    # The service's values are not documented; these four are those of Microsoft's emulator. The 100
    # seconds include all retries of an event and their delays.
    # https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
    retry_delays: tuple[float, ...] = (1, 3, 5)
    upstream_timeout: float = 100
    validation_timeout: float = 10
    validation_refresh: float = 60
    # The service's default (webSocketKeepAliveIntervalInSeconds).
    ping_interval: float = 20

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings. Raises ValueError that names the variable that is wrong."""
        keys = [environ.get("WEBPUBSUB_ACCESS_KEY") or DEFAULT_ACCESS_KEY]
        if secondary := environ.get("WEBPUBSUB_SECONDARY_KEY"):
            keys.append(secondary)
        return cls(
            port=_port(environ.get("WEBPUBSUB_PORT") or str(DEFAULT_PORT)),
            access_keys=tuple(keys),
            hubs=_hubs(environ.get("WEBPUBSUB_CONFIG")),
            foreign_authorization=ForeignAuthorization(
                _choice(environ, "WEBPUBSUB_FOREIGN_AUTHORIZATION", tuple(ForeignAuthorization))
            ),
            forward_authorization=(
                _choice(environ, "WEBPUBSUB_FORWARD_AUTHORIZATION", ("false", "true")) == "true"
            ),
        )

    @property
    def hub_defaults(self) -> HubSettings:
        """The settings of a hub that has none."""
        return HubSettings(
            foreign_authorization=self.foreign_authorization,
            forward_authorization=self.forward_authorization,
        )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LAST_PORT):
        raise ValueError(f"WEBPUBSUB_PORT must be a port number, not {text!r}")
    return int(text)


def _choice(environ: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """Return the value of a variable, or the first choice where it has none."""
    value = environ.get(name) or choices[0]
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _hubs(path: str | None) -> Mapping[str, HubSettings]:
    if not path:
        return {}
    try:
        return configured_hubs(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"WEBPUBSUB_CONFIG: {error}") from error
