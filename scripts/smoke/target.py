"""What is probed: an app's address, and its own settings."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from callscribe.settings.settings import Settings, load


def read_settings(environ: Mapping[str, str], file: Path | None, url: str) -> Settings:
    """Read the app's settings from a file, or else from the environment. Raises SettingsError.

    The file is local.settings.json, or what `az functionapp config appsettings list` prints.
    """
    given = _from_file(file) if file else dict(environ)
    return load({"WEBSITE_HOSTNAME": urlsplit(url).netloc, **given})


def _from_file(file: Path) -> dict[str, str]:
    content = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return {each["name"]: each["value"] for each in content}
    return dict(content["Values"])
