"""App settings of bindings: `%NAME%` in texts, connection strings, functions that are off."""

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


def is_disabled(function: str) -> bool:
    """Tell whether an app setting turns a function off."""
    # https://learn.microsoft.com/azure/azure-functions/disable-function; names in any case.
    names = {
        f"azurewebjobs.{function}.disabled".lower(),
        f"azurewebjobs_{function}_disabled".lower(),
    }
    return any(
        value.lower() in {"1", "true"}
        for name, value in os.environ.items()
        if name.lower() in names
    )


def _setting(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise AppError(f"the app setting {name} is missing: a binding names it") from None
