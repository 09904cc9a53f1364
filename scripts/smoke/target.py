"""What is probed: an app's address, and its own settings."""

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
    given = dict(environ) if file is None else _from_file(file)
    # Only the host sets it, so that no list of settings has it; without it, CALLBACK_BASE_URL may
    # have no value.
    return load({"WEBSITE_HOSTNAME": urlsplit(url).netloc, **given})


def _from_file(file: Path) -> dict[str, str]:
    content = parse(file.read_bytes())
    if isinstance(content, list):
        return {each.name: each.value for each in _LISTED.convert(content)}
    return _LOCAL.convert(content).values
