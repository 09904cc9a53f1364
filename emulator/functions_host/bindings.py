"""What bindings say by name of an app setting: `%NAME%` in texts, and connections."""

import os
import re

from emulator.functions_host.errors import AppError


def expand(text: str) -> str:
    """Replace every `%NAME%` by the app setting of that name."""
    return re.sub(r"%([^%]+)%", lambda match: _setting(match[1]), text)


def connection_string(name: str) -> str:
    """Return the connection string that `name` means; the default is the host's own storage.

    A name is looked up with the prefix first, as WebJobs does; identity (`NAME__…`) needs Azure.
    """
    name = name or "AzureWebJobsStorage"
    for candidate in (f"AzureWebJobs{name}", name):
        if os.environ.get(candidate):
            return os.environ[candidate]
    if any(setting.startswith(f"{name}__") for setting in os.environ):
        raise AppError(f"{name}: connections by identity are not emulated; set a connection string")
    raise AppError(f"the app setting {name} is missing: a trigger needs it as a connection string")


def _setting(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise AppError(f"the app setting {name} is missing: a binding names it") from None
