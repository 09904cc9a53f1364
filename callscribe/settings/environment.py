"""Read single settings from the environment; each is checked, and all problems are collected.

A problem names the setting and what was expected of it, never its value: settings include keys.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from callscribe.foundation import forms
from callscribe.foundation.moments import Seconds

HOUR = Seconds(3_600)
# Characters of a number, and of a host's name: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
LONGEST = 20
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting may be: in words, for whoever sets it, and as a check."""

    expected: str
    accepts: Callable[[str], bool]


class Reader:
    """Reads settings; `problems` lists what was wrong with any of them, in words."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def has(self, name: str) -> bool:
        """Tell whether a setting is there; an empty one counts as missing."""
        return self._given(name) is not None

    def text(self, name: str, kind: Kind, default: str | None = None) -> str:
        """Return a setting, or its default where it is missing or wrong.

        A setting without a default must be there: if not, that is noted in `problems`, and an empty
        text is returned.
        """
        found = self.optional(name, kind)
        if default is None and not self.has(name):
            self._missing(name, kind)
        return found or default or ""

    def optional(self, name: str, kind: Kind) -> str | None:
        """Return a setting, or None where it is missing or wrong."""
        value = self._given(name)
        if value is None or kind.accepts(value):
            return value
        self.problems.append(f"{name}: expected {kind.expected}")
        return None

    def address(self, name: str, default: str | None = None) -> str:
        """Return an address without a slash at its end, so that paths can be appended."""
        return self.text(name, ADDRESS, default).rstrip("/")

    def seconds(self, name: str, kind: Kind, default: Seconds) -> Seconds:
        """Return a span of time that is set in seconds."""
        return Seconds(float(self.text(name, kind, str(default))))

    def hours(self, name: str, kind: Kind, default: Seconds) -> Seconds:
        """Return a span of time that is set in hours."""
        return Seconds(HOUR * float(self.text(name, kind, str(default / HOUR))))

    def number(self, name: str, kind: Kind, default: int) -> int:
        """Return a whole number."""
        return int(self.text(name, kind, str(default)))

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """Return one of a few words, the first by default."""
        kind = Kind(" or ".join(allowed), lambda value: value.lower() in allowed)
        return self.text(name, kind, allowed[0]).lower()

    def items(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Return the items of a comma-separated list; none where it is missing."""
        given = self._given(name)
        if given is None:
            return ()
        items = tuple(item.strip() for item in given.split(",") if item.strip())
        if not items or not all(map(kind.accepts, items)):
            self.problems.append(f"{name}: expected {kind.expected}, separated by commas")
        return items

    def listed(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Return the items of a comma-separated list that must be there."""
        if not self.has(name):
            self._missing(name, kind)
        return self.items(name, kind)

    def _missing(self, name: str, kind: Kind) -> None:
        self.problems.append(f"{name}: missing; expected {kind.expected}")

    def _given(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and parts.port != 0  # reading the port checks it
    except ValueError:
        return False
    plain = not (parts.username or parts.query or parts.fragment or re.search(r"\s", value))
    return usable and plain and parts.scheme in ("http", "https")


def _is_host(value: str) -> bool:
    """Tell whether it is a host's name, and no more than that: no scheme, port or path."""
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return len(value) <= LONGEST_HOST and _like(rf"(?ia){label}(\.{label})*")(value)


def _is_base64(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except ValueError:  # what is not ASCII as well
        return False


def _is_account(value: str) -> bool:
    return _like(r"[a-z0-9]{3,24}")(value)


def _is_connection(value: str) -> bool:
    """Tell whether both the table and the queue client can be made from a connection string."""
    parts = [part.partition("=") for part in value.rstrip(";").split(";")]
    fields = {name.strip().lower(): content for name, _, content in parts}
    if fields.get("usedevelopmentstorage", "").lower() == "true":
        return len(fields) == 1
    if not all(separator for _, separator, _ in parts):
        return False
    endpoints = [fields.get(name) for name in ("tableendpoint", "queueendpoint")]
    if not all(_is_address(each) for each in endpoints if each is not None):
        return False
    if fields.get("sharedaccesssignature"):
        return None not in endpoints
    keyed = _is_account(fields.get("accountname", "")) and _is_base64(fields.get("accountkey", ""))
    # Without a suffix the SDKs take the public cloud's.
    suffix, protocol = fields.get("endpointsuffix"), fields.get("defaultendpointsprotocol")
    reached = (suffix is None or _is_host(suffix)) and protocol in (None, "http", "https")
    return keyed and (reached or None not in endpoints)


def spans(unit: str, least: int, most: int) -> Kind:
    """Return the kind of a span of time in some unit, fractions allowed."""
    return Kind(f"{unit}, from {least} to {most}", _between(r"[0-9]+(\.[0-9]+)?", least, most))


def numbers(least: int, most: int) -> Kind:
    """Return the kind of a whole number."""
    return Kind(f"a whole number from {least} to {most}", _between(r"[0-9]+", least, most))


def _between(pattern: str, least: int, most: int) -> Callable[[str], bool]:
    # A pattern, because Python would also read "1e3", "nan" and digits of other scripts. Its
    # length is bounded, because a longer number would not be converted.
    written = _like(pattern)
    return lambda value: len(value) <= LONGEST and written(value) and least <= float(value) <= most


GUID = Kind("a GUID", _like(forms.GUID))
TEXT = Kind("text", bool)
ADDRESS = Kind("an http or https address", _is_address)
HOST = Kind("a host's name, such as stream.example.com", _is_host)
CONNECTION = Kind("a storage connection string", _is_connection)
ACCOUNT = Kind("a storage account's name (3 to 24 of a-z and 0-9)", _is_account)
BASE64_KEY = Kind("an access key in base64", _is_base64)
ACCESS_KEY = Kind("the access key or both", _like(r"[A-Za-z0-9+/=_-]+"))
# The unreserved characters of RFC 3986: the code is a part of an address.
CODE = Kind("letters, digits, - . _ or ~ alone", _like(r"[A-Za-z0-9._~-]+"))
RESOURCE_ID = Kind("the immutable id of the resource, not its path", _like(r"[A-Za-z0-9-]+"))
# https://learn.microsoft.com/rest/api/webpubsub/dataplane/web-pub-sub
HUB = Kind(
    "a hub's name (a letter, then letters and digits)", _like(r"[A-Za-z][A-Za-z0-9_`,.[\]]{0,127}")
)
LOCALE = Kind("a language with its region, such as en-US", _like(forms.LOCALE))
CALLER_ID = Kind("a number such as +18005550199", _like(r"\+[0-9]{5,15}"))
PREFIX = Kind("beginnings of numbers such as +1 or +4930", _like(r"\+[0-9]{0,15}"))
# A phone number has at most 15 digits (E.164); whoever has none has a raw id:
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
NUMBER = Kind("numbers such as +14255550100 or raw ids", _like(r"\+[0-9]{5,15}|[0-9]+:\S+"))
