"""The settings of the functions host: port, app, settings file, keys."""

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from emulator.functions_host.errors import AppError

FASTEST = 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """Which app is served, where, and how."""

    port: int = 7071
    app: Path = Path()
    settings_file: Path | None = None
    # When one is set, what is not anonymous needs a key in `x-functions-key` or `?code=`: the
    # master key opens everything, the others their own doors. Without any no route needs a key, as
    # under `func start`.
    master_key: str | None = None
    function_key: str | None = None
    event_grid_key: str | None = None
    # Seconds for which a message is invisible to others, also when this process is killed. Ten
    # minutes as in Azure, where the real host was seen to hold messages so.
    queue_lease: int = 600
    # How many times faster than in Azure the host's own times pass (see pace.py).
    speed: float = 1
    # Where the timers' lock and status are kept; without a folder they end with the host.
    data: Path | None = None
    # Start Microsoft's Core Tools instead of this host.
    core_tools: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables FUNCTIONS_…, which docs/emulator.md lists."""
        settings_file = environ.get("FUNCTIONS_SETTINGS")
        data = environ.get("FUNCTIONS_DATA")
        return cls(
            port=_number(environ, "FUNCTIONS_PORT", 7071, 65_535),
            app=Path(environ.get("FUNCTIONS_APP", ".")),
            settings_file=Path(settings_file) if settings_file else None,
            master_key=environ.get("FUNCTIONS_KEY") or None,
            function_key=environ.get("FUNCTIONS_FUNCTION_KEY") or None,
            event_grid_key=environ.get("FUNCTIONS_EVENTGRID_KEY") or None,
            queue_lease=_number(environ, "FUNCTIONS_QUEUE_LEASE", 600, 604_800),
            speed=_speed(environ),
            data=Path(data) if data else None,
            core_tools=environ.get("FUNCTIONS_HOST") == "func",
        )


def complete_environ(settings: Settings, environ: MutableMapping[str, str]) -> None:
    """Add the variables that the app would find in Azure; existing ones are kept."""
    if settings.settings_file is not None:
        for name, value in read_values(settings.settings_file).items():
            environ.setdefault(name, value)
    environ.setdefault("WEBSITE_HOSTNAME", f"localhost:{settings.port}")
    environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")


def read_values(path: Path) -> dict[str, str]:
    """Return the `Values` of a file in the form of `local.settings.json`. Raises AppError."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AppError(f"{path} cannot be read as JSON: {error}") from error
    values = content.get("Values", {}) if isinstance(content, dict) else None
    if not isinstance(values, dict):
        raise AppError(f'{path} has no "Values" with names and texts')
    if content.get("IsEncrypted"):
        raise AppError(f"{path} is encrypted; decrypt it with `func settings decrypt`")
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise AppError(f"{path} has values that are not texts: {', '.join(wrong)}")
    return values


def _speed(environ: Mapping[str, str]) -> float:
    text = environ.get("FUNCTIONS_SPEED") or "1"
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0 < speed <= FASTEST:
        raise AppError(f"FUNCTIONS_SPEED must be a number up to {FASTEST}, and is {text!r}")
    return speed


def _number(environ: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isdecimal() and 0 < int(text) <= most):
        raise AppError(f"{name} must be a number between 1 and {most}, and is {text!r}")
    return int(text)
