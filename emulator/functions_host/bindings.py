"""App settings that bindings refer to: `%NAME%` in texts, and connection strings."""

import os
import re

from emulator.functions_host.errors import AppError

HOST_STORAGE = "AzureWebJobsStorage"


def expand(text: str) -> str:
    """Replace every `%NAME%` by the app setting of that name."""
    return re.sub(r"%([^%]+)%", lambda match: _setting(match[1]), text)


def connection_string(name: str) -> str:
    """Return the connection string with this name, by default that of the host's own storage.

    Raises AppError when there is none.
    """
    name = name or HOST_STORAGE
    # The WebJobs SDK, on which the host is built, looks a name up with this prefix first.
    for candidate in (f"AzureWebJobs{name}", name):
        if os.environ.get(candidate):
            return os.environ[candidate]
    # Such settings name an account for a managed identity, which exists in Azure alone.
    if any(setting.startswith(f"{name}__") for setting in os.environ):
        raise AppError(f"{name}: connections by identity are not emulated; set a connection string")
    raise AppError(f"the app setting {name} is missing: a trigger needs it as a connection string")


def _setting(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise AppError(f"the app setting {name} is missing: a binding names it") from None
