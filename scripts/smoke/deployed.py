"""What is known of a deployment: its address, its key, its settings. Asked of azd and of az."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from callscribe.foundation.errors import NotConfiguredError
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

    Raises NotAnsweredError where azd is missing or has none.
    """
    return _VALUES.convert(parse(_ask("azd", "env", "get-values", "--output", "json")))


def read_deployed(values: Mapping[str, str]) -> Deployed:
    """Ask az about the app that the values name: a key of its own and its settings.

    Raises NotConfiguredError where a value is missing, NotAnsweredError where az is or does not
    answer, and BadInputError for another answer.
    """
    missing = [name for name in NEEDED if not values.get(name)]
    if missing:
        problems = [f"{name}: expected its value in the deployment" for name in missing]
        raise NotConfiguredError([*problems, "Or give the app's address, or --azd."])
    url = values["AZURE_FUNCTION_APP_URL"]
    key = _about_app(values, "keys", "list", "--query", "functionKeys.default")
    settings = _about_app(values, "config", "appsettings", "list")
    return Deployed(url, _KEY.convert(parse(key)), listed(parse(settings)))


def _about_app(values: Mapping[str, str], *question: str) -> bytes:
    where = (
        *("--name", values["AZURE_FUNCTION_APP"]),
        *("--resource-group", values["AZURE_RESOURCE_GROUP"]),
        *("--subscription", values["AZURE_SUBSCRIPTION_ID"]),
    )
    return _ask("az", "functionapp", *question, *where, "--output", "json")


def _ask(tool: str, *question: str) -> bytes:
    """Return what a tool prints; its words about a failure are passed on, its answer never is."""
    # On Windows it is a .cmd, which only its whole path finds.
    path = shutil.which(tool)
    if path is None:
        raise NotAnsweredError(f"{tool} is not on the PATH")
    done = subprocess.run([path, *question], capture_output=True, check=False)  # noqa: S603 - fixed
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotAnsweredError(f"{tool} {' '.join(question[:3])}: {words[-1] if words else '?'}")
    return done.stdout
