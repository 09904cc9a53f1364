"""The settings of hubs: their event handlers, in order, and the addresses of these."""

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
    """An upstream address and the events that are sent there."""

    url_template: str
    event_pattern: str = ""
    system_events: tuple[Literal["connect", "connected", "disconnected"], ...] = ()
    auth: object = None

    def __post_init__(self) -> None:
        if not _is_address(self.url_template):
            raise ValueError("UrlTemplate must be an absolute http or https address")

    def takes_user_event(self, name: str) -> bool:
        """Tell whether the pattern (`*`, or names separated by commas) matches this event."""
        names = [part.strip().lower() for part in self.event_pattern.split(",")]
        return "*" in names or name.lower() in names

    def url(self, hub: str, event: str) -> str:
        """Return the address for an event of this hub."""
        filled = self.url_template.replace("{hub}", quote(hub, safe=""))
        return filled.replace("{event}", quote(event, safe=""))

    def validation_url(self, hub: str) -> str:
        """Return the address that is validated before it gets events."""
        return self.url(hub, "validate")


class HubSettings(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """The settings of one hub."""

    event_handlers: tuple[EventHandler, ...] = ()
    # This emulator's own setting. Whether the service repeats deliveries is not documented: by
    # default it does not, which is harsher for the app.
    upstream_retries: bool = False
    # Whether clients connect without a token: then the `connect` event decides alone.
    anonymous_connect: Literal["allow", "deny"] = "deny"
    event_listeners: tuple[object, ...] = ()

    def handler_for(self, event_name: str, *, system: bool) -> EventHandler | None:
        """Return the first handler that matches the event."""
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
        """Name the first setting that this emulator does not support, if there is one."""
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
        """Return the settings in the form in which they are set."""
        return {
            "EventHandlers": msgspec.to_builtins(self.event_handlers),
            "UpstreamRetries": self.upstream_retries,
            "AnonymousConnect": self.anonymous_connect,
        }


class Hubs:
    """The configured hubs by name."""

    def __init__(self, configured: Mapping[str, HubSettings]) -> None:
        # Case does not distinguish hubs: Microsoft's JavaScript SDK compares without it, and its
        # emulator sends the name in lower case.
        self._hubs = {name.lower(): settings for name, settings in configured.items()}

    def put(self, name: str, settings: HubSettings) -> None:
        """Set a hub's settings in place of its former ones."""
        self._hubs[name.lower()] = settings

    def get(self, name: str) -> HubSettings | None:
        """Return a hub's settings, None when it has none."""
        return self._hubs.get(name.lower())

    def delete(self, name: str) -> bool:
        """Delete a hub's settings; tell whether there were any."""
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
    """Tell whether the service would accept this as the name of a hub."""
    return _HUB_NAME.fullmatch(name) is not None


def configured_hubs(document: bytes) -> dict[str, HubSettings]:
    """Return the hubs of a configuration file of Microsoft's emulator. Raises ValueError."""
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
