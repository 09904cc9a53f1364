"""What each hub does with its clients' events: the handlers, in order, and their addresses."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

# https://learn.microsoft.com/azure/templates/microsoft.signalrservice/webpubsub/hubs
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}")


class EventHandler(
    msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True, omit_defaults=True
):
    """One upstream address and the events that go there."""

    url_template: str
    event_pattern: str = ""
    system_events: tuple[Literal["connect", "connected", "disconnected"], ...] = ()
    auth: object = None

    def __post_init__(self) -> None:
        if not _is_address(self.url_template):
            raise ValueError("UrlTemplate must be an absolute http or https address")

    def takes_user_event(self, name: str) -> bool:
        """Say whether the pattern (`*`, or names separated by commas) covers this event."""
        names = [part.strip().lower() for part in self.event_pattern.split(",")]
        return "*" in names or name.lower() in names

    def url(self, hub: str, event: str) -> str:
        """Return the address for an event of this hub."""
        filled = self.url_template.replace("{hub}", quote(hub, safe=""))
        return filled.replace("{event}", quote(event, safe=""))

    def validation_url(self, hub: str) -> str:
        """Return the address that must allow this service before it gets events."""
        return self.url(hub, "validate")


class HubSettings(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """The settings of one hub; `UpstreamRetries` is this emulator's own switch."""

    event_handlers: tuple[EventHandler, ...] = ()
    upstream_retries: bool = False
    event_listeners: tuple[object, ...] = ()

    def handler_for(self, event_name: str, *, system: bool) -> EventHandler | None:
        """Return the first handler that takes the event."""
        for handler in self.event_handlers:
            takes = (
                event_name in handler.system_events
                if system
                else handler.takes_user_event(event_name)
            )
            if takes:
                return handler
        return None

    def not_emulated(self) -> str | None:
        """Name the first setting that only the real service honours."""
        if self.event_listeners:
            return "EventListeners"
        for handler in self.event_handlers:
            if handler.auth is not None:
                return "Auth of an event handler"
            if handler.url_template.startswith("tunnel:"):
                return "a tunnel:// upstream"
            if "{@" in handler.url_template:
                return "a Key Vault reference in UrlTemplate"
        return None

    def as_json(self) -> dict[str, object]:
        """Return the settings in the shape in which they were given."""
        return {
            "EventHandlers": msgspec.to_builtins(self.event_handlers),
            "UpstreamRetries": self.upstream_retries,
        }


class Hubs:
    """The configured hubs; names differ by more than case."""

    def __init__(self, configured: Mapping[str, HubSettings]) -> None:
        self._hubs = {name.lower(): settings for name, settings in configured.items()}

    def put(self, name: str, settings: HubSettings) -> None:
        """Configure a hub, in place of what it was."""
        self._hubs[name.lower()] = settings

    def get(self, name: str) -> HubSettings | None:
        """Return a hub's settings, or None when it has none."""
        return self._hubs.get(name.lower())

    def delete(self, name: str) -> bool:
        """Forget a hub's settings; say whether there were any."""
        return self._hubs.pop(name.lower(), None) is not None


class _Section(msgspec.Struct, rename="pascal"):
    hubs: dict[str, HubSettings] = {}


class _Configuration(msgspec.Struct):
    section: _Section = msgspec.field(name="WebPubSub")


def _is_address(template: str) -> bool:
    try:
        parts = urlsplit(template)
        return parts.scheme == "tunnel" or (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        )
    except ValueError:
        return False


def is_hub_name(name: str) -> bool:
    """Say whether the service would take this as a hub's name."""
    return _HUB_NAME.fullmatch(name) is not None


def configured_hubs(document: bytes) -> dict[str, HubSettings]:
    """Read the hubs out of a configuration file of Microsoft's emulator; raises ValueError."""
    try:
        hubs = msgspec.json.decode(document, type=_Configuration).section.hubs
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    for name, settings in hubs.items():
        if not is_hub_name(name):
            raise ValueError(f"{name!r} is not a hub name")
        if what := settings.not_emulated():
            raise ValueError(f"hub {name!r}: {what} is not emulated")
    return hubs
