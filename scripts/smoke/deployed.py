"""What is known of a deployment: its address, its key, its settings. Asked of azd and of az."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callscribe.foundation.errors import BadInputError, NotConfiguredError
from callscribe.foundation.json_input import Decoder, parse
from scripts.smoke.target import listed

# What infra/main.bicep puts out, and what azd and scripts/deploy.sh know before.
NEEDED = (
    "AZURE_FUNCTION_APP_URL",
    "AZURE_FUNCTION_APP",
    "AZURE_RESOURCE_GROUP",
    "AZURE_SUBSCRIPTION_ID",
)
_VALUES = Decoder(dict[str, str])
_KEY = Decoder(str)


class NotAnsweredError(Exception):
    """A tool is missing, or does not tell what it is asked."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """An app that was deployed: its address, its function key and its settings by name."""

    url: str
    key: str
    settings: dict[str, str]


def azd_environment() -> dict[str, str]:
    """Return the values of azd's environment: the default one, or that of AZURE_ENV_NAME.

    Raises NotAnsweredError where azd is missing, has none or answers something else.
    """
    return _ask(_VALUES.convert, "azd", "env", "get-values", "--output", "json")


def read_deployed(values: Mapping[str, str]) -> Deployed:
    """Ask az about the app that the values name: a key of its own and its settings.

    Raises NotConfiguredError where a value is missing, and NotAnsweredError where az is, or does
    not answer, or answers something else.
    """
    missing = [name for name in NEEDED if not values.get(name)]
    if missing:
        problems = [f"{name}: expected its value in the deployment" for name in missing]
        raise NotConfiguredError([*problems, "Or give the app's address, or --azd."])
    app = (
        *("--name", values["AZURE_FUNCTION_APP"]),
        *("--resource-group", values["AZURE_RESOURCE_GROUP"]),
        *("--subscription", values["AZURE_SUBSCRIPTION_ID"]),
        *("--output", "json"),
    )
    one = ("--query", "functionKeys.default")
    key = _ask(_KEY.convert, "az", "functionapp", "keys", "list", *one, *app)
    settings = _ask(listed, "az", "functionapp", "config", "appsettings", "list", *app)
    return Deployed(values["AZURE_FUNCTION_APP_URL"], key, settings)


def _ask[T](read: Callable[[object], T], tool: str, *question: str) -> T:
    """Read what a tool prints. Its words about a failure are passed on, its answer never is."""
    # On Windows it is a .cmd, which only its whole path finds.
    path = shutil.which(tool)
    if path is None:
        raise NotAnsweredError(f"{tool} is not on the PATH")
    asked = " ".join((tool, *question[:4]))
    done = subprocess.run([path, *question], capture_output=True, check=False)  # noqa: S603 - fixed
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotAnsweredError(f"{asked}: {words[-1] if words else 'it failed'}")
    try:
        return read(parse(done.stdout))
    except BadInputError as error:
        raise NotAnsweredError(f"{asked}: {error}") from error
