"""A machine to run the deployment's scripts on: there is no Azure, and nothing but stand-ins.

They write down what they are asked, and fail where they are told to.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "scripts").glob("deploy*.sh"))
PARAMETERS = ROOT / "infra" / "main.parameters.json"
AUDIENCE = "00000000-0000-4000-8000-0000000000aa"
SUBSCRIPTION = "00000000-0000-4000-8000-0000000000bb"
TOOLS = ("az", "azd", "curl", "func")
# All that the scripts themselves need; the PATH has nothing else.
UTILITIES = [
    "awk",
    "basename",
    "cat",
    "cksum",
    "cut",
    "dirname",
    "grep",
    "sed",
    "sh",
    "sleep",
    "tr",
]
STAND_IN = r"""#!/bin/sh
call="$(basename "$0") $*"
if [ "$1" = -c ]; then exec "$PYTHON" "$@"; fi
printf '%s\n' "$call" >>"$RECORD/calls"
printf '%s\n' "${MSYS_NO_PATHCONV:-}" >>"$RECORD/conversions"
times=$(cat "$RECORD/failures" 2>/dev/null || echo 0)
case $call in
  $FAIL_AT)
    if [ "$times" -lt "$FAIL_TIMES" ]; then
      echo $((times + 1)) >"$RECORD/failures"
      echo "refused: $call" >&2
      exit 1
    fi ;;
esac
kept() { cat "$RECORD/$1" 2>/dev/null || :; }
# named FILE: print what is kept there, if the call is about that.
named() {
  found=$(kept "$1")
  case $call in *"${found:-nothing}"*) printf '%s\n' "$found" ;; esac
}
case $call in
  "az account show --query id"*) echo "$SUBSCRIPTION" ;;
  "az account show --query tenantId"*) echo "$TENANT" ;;
  "az account show --subscription"*) echo tenant ;;
  "az ad app list --display-name"*) kept application ;;
  "az ad app list --app-id"*) named application ;;
  "az ad app create"*) echo "$AUDIENCE" >"$RECORD/application" && kept application ;;
  "az ad sp list"*) named principal ;;
  "az ad sp create"*) printf '%s\n' "$5" >"$RECORD/principal" ;;
  "azd env set"*) printf '%s\n' "$4" >"$RECORD/kept" ;;
  "azd env get-value"*) kept "$KEPT" ;;
  "az deployment sub show"*) cat "$RECORD/outputs.json" ;;
  "az resource show"*) echo wps-test.example.com ;;
  "curl "*) printf 'HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: %s\r\n\r\n' "$ORIGIN" ;;
esac
"""
OUTPUTS = {
    # As ARM spells such names.
    "azurE_RESOURCE_GROUP": "rg-test",
    "azurE_FUNCTION_APP": "func-test",
    "azurE_FUNCTION_APP_URL": "https://func-test.example.com",
    "azurE_STORAGE_ACCOUNT": "sttest",
    "azurE_WEB_PUBSUB": "wps-test",
    "azurE_EVENT_TOPIC": "/subscriptions/s/resourceGroups/g/providers/p/systemTopics/evgt",
    "azurE_STREAM_ADMISSION": "ticket",
}
PROVISIONED = {name.upper(): value for name, value in OUTPUTS.items()} | {
    "CALLSCRIBE_UPSTREAM_AUDIENCE": AUDIENCE
}
STEPS = [
    "az ad app list",
    "az ad app create",
    "az ad sp list",
    "az ad sp create",
    "az deployment sub create",
    "az deployment sub show",
    "func azure functionapp publish func-test",
    "az rest",
    "az functionapp function show",
    "az deployment group create",
    "az resource show",
    "curl",
]


@dataclass(frozen=True)
class Machine:
    """A machine with stand-ins for the tools, a copy of the scripts, and what was asked."""

    home: Path

    def run(
        self,
        script: str,
        *arguments: str,
        fail_at: str = "",
        times: int = 1_000,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of `scripts/`; calls that match `fail_at` fail so many times."""
        for name in ("calls", "failures", "conversions"):
            (self.home / name).unlink(missing_ok=True)
        failing = {"FAIL_AT": f"{fail_at}*" if fail_at else "never", "FAIL_TIMES": str(times)}
        command = ["/bin/sh", str(self.project / "scripts" / script), *arguments]
        given = self._environ | failing | dict(environ or {})
        return subprocess.run(  # noqa: S603 - our own scripts
            command, env=given, capture_output=True, text=True, check=False
        )

    @property
    def _environ(self) -> dict[str, str]:
        return {
            "PATH": str(self.home / "bin"),
            "RECORD": str(self.home),
            "PYTHON": sys.executable,
            "AUDIENCE": AUDIENCE,
            "SUBSCRIPTION": SUBSCRIPTION,
            "TENANT": "tenant",
            "ORIGIN": "wps-test.example.com",
            "KEPT": "kept",
            "AZURE_ENV_NAME": "test",
            "AZURE_LOCATION": "westeurope",
            "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
            "CALLSCRIBE_ACS_DATA_LOCATION": "Europe",
            "DEPLOY_PAUSE_SECONDS": "0",
        }

    @property
    def project(self) -> Path:
        """The folder of the project."""
        return self.home / "project"

    @property
    def calls(self) -> list[str]:
        """What the tools were asked, in order."""
        file = self.home / "calls"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def steps(self) -> list[str]:
        """The same as steps, without the questions who is signed in."""
        asked = [call for call in self.calls if not call.startswith("az account show")]
        return [next((step for step in STEPS if call.startswith(step)), call) for call in asked]

    def called(self, step: str) -> str:
        """Return the one call that begins so."""
        (found,) = (call for call in self.calls if call.startswith(step))
        return found

    def lacks(self, tool: str) -> None:
        """Take a tool off the machine."""
        (self.home / "bin" / tool).unlink()


def new_machine(home: Path) -> Machine:
    """Make a machine in a folder, with everything that a deployment needs."""
    scripts, infra = home / "project" / "scripts", home / "project" / "infra"
    folders = (home / "bin", scripts, infra, home / "project" / ".venv" / "bin")
    for folder in folders:
        folder.mkdir(parents=True)
    for script in SCRIPTS:
        shutil.copy(script, scripts)
    shutil.copy(PARAMETERS, infra)
    for utility in UTILITIES:
        (home / "bin" / utility).symlink_to(str(shutil.which(utility, path=os.defpath)))
    for tool in (*(home / "bin" / tool for tool in TOOLS), folders[-1] / "python"):
        tool.write_text(STAND_IN)
        tool.chmod(0o755)
    outputs = {name: {"type": "String", "value": value} for name, value in OUTPUTS.items()}
    (home / "outputs.json").write_text(json.dumps(outputs, indent=2))
    return Machine(home)
