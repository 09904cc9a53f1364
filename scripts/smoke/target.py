"""The settings of the app that is probed, which are those of its tables and hubs."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from callscribe.foundation.json_input import Decoder, parse
from callscribe.settings.settings import Settings, load


class _Setting(msgspec.Struct):
    name: str
    value: str


class _LocalSettings(msgspec.Struct):
    values: dict[str, str] = msgspec.field(name="Values")


_LISTED = Decoder(list[_Setting])
_LOCAL = Decoder(_LocalSettings)


def read_settings(environ: Mapping[str, str], file: Path | None, url: str) -> Settings:
    """Read the app's settings from a file, or else from the environment.

    The file is local.settings.json, or what `az functionapp config appsettings list` prints.
    Raises BadInputError for a file of another form, and NotConfiguredError where a setting is
    wrong.
    """
    return settings_of(environ if file is None else _from_file(file), url)


def settings_of(given: Mapping[str, str], url: str) -> Settings:
    """Read the settings of the app at `url`. Raises NotConfiguredError where one is wrong."""
    # Only the host sets it, so that no list of settings has it; without it, CALLBACK_BASE_URL may
    # have no value.
    return load({"WEBSITE_HOSTNAME": urlsplit(url).netloc, **given})


def _from_file(file: Path) -> dict[str, str]:
    content = parse(file.read_bytes())
    return listed(content) if isinstance(content, list) else _LOCAL.convert(content).values


def listed(content: object) -> dict[str, str]:
    """Return the settings that `az functionapp config appsettings list` has printed.

    Raises BadInputError for something else.
    """
    return {each.name: each.value for each in _LISTED.convert(content)}
