"""The deployment's scripts: their order, what they do again, and where they stop.

There is no Azure here: `az`, `azd` and `func` are stand-ins that write down what they are asked.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infra.bicep import read

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "scripts").glob("deploy*.sh"))
AUDIENCE = "00000000-0000-4000-8000-0000000000aa"
STAND_IN = r"""#!/bin/sh
call="$(basename "$0") $*"
printf '%s\n' "$call" >>"$RECORD/calls"
times=$(cat "$RECORD/failures" 2>/dev/null || echo 0)
case $call in
  $FAIL_AT)
    if [ "$times" -lt "$FAIL_TIMES" ]; then
      echo $((times + 1)) >"$RECORD/failures"
      echo "refused" >&2
      exit 1
    fi ;;
esac
case $call in
  "az ad app list"*) cat "$RECORD/application" 2>/dev/null || : ;;
  "az ad app create"*) echo "$AUDIENCE" | tee "$RECORD/application" ;;
  "az ad sp create"*) : >"$RECORD/principal" ;;
  "az ad sp show"*) test -e "$RECORD/principal" ;;
  "az deployment sub show"*) cat "$RECORD/outputs.json" ;;
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
    "az ad sp show",
    "az ad sp create",
    "az deployment sub create",
    "az deployment sub show",
    "func azure functionapp publish func-test",
    "az functionapp function show",
    "az deployment group create",
]


@dataclass(frozen=True)
class Machine:
    """A machine with stand-ins for the tools, and what they were asked."""

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
        (self.home / "calls").unlink(missing_ok=True)
        (self.home / "failures").unlink(missing_ok=True)
        given = {
            "PATH": f"{self.home}/bin:{os.defpath}",
            "RECORD": str(self.home),
            "AUDIENCE": AUDIENCE,
            "FAIL_AT": f"{fail_at}*" if fail_at else "never",
            "FAIL_TIMES": str(times),
            "AZURE_ENV_NAME": "test",
            "AZURE_LOCATION": "westeurope",
            "CALLSCRIBE_ACS_DATA_LOCATION": "Europe",
            "DEPLOY_PAUSE_SECONDS": "0",
        }
        command = ["/bin/sh", str(ROOT / "scripts" / script), *arguments]
        return subprocess.run(  # noqa: S603 - our own scripts
            command, env=given | dict(environ or {}), capture_output=True, text=True, check=False
        )

    @property
    def calls(self) -> list[str]:
        """What the tools were asked, in order."""
        file = self.home / "calls"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("az", "azd", "func"):
        (folder / tool).write_text(STAND_IN)
        (folder / tool).chmod(0o755)
    outputs = {name: {"type": "String", "value": value} for name, value in OUTPUTS.items()}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs, indent=2))
    return Machine(tmp_path)


def _steps(calls: list[str]) -> list[str]:
    return [next((step for step in STEPS if call.startswith(step)), call) for call in calls]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_clean_and_posix(script: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    command = [str(shellcheck), "--shell=sh"]
    done = subprocess.run(  # noqa: S603 - our own scripts
        [*command, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    if shutil.which("dash"):
        subprocess.run(["dash", "-n", str(script)], check=True)  # noqa: S603, S607


def test_everything_is_done_in_order(machine: Machine) -> None:
    done = machine.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    assert _steps(machine.calls) == STEPS
    assert "https://func-test.example.com" in done.stderr


def test_doing_it_again_makes_nothing_twice(machine: Machine) -> None:
    machine.run("deploy.sh")
    done = machine.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    made = ("az ad app create", "az ad sp create")
    assert _steps(machine.calls) == [step for step in STEPS if step not in made]


@pytest.mark.parametrize("step", [step for step in STEPS if step != "az ad sp show"])
def test_a_failure_ends_it_there_and_it_can_be_run_again(machine: Machine, step: str) -> None:
    done = machine.run("deploy.sh", fail_at=step)
    assert done.returncode != 0
    assert set(_steps(machine.calls)) <= set(STEPS[: STEPS.index(step) + 1])
    assert machine.run("deploy.sh").returncode == 0


def test_what_is_set_reaches_the_templates(machine: Machine) -> None:
    environ = {
        "CALLSCRIBE_ANSWER_NUMBERS": "+18005550199, +18005550198",
        "CALLSCRIBE_ACS_DATA_LOCATION": "United Kingdom",
        "CALLSCRIBE_UPSTREAM_AUDIENCE": AUDIENCE,
    }
    done = machine.run("deploy.sh", environ=environ)
    assert done.returncode == 0, done.stderr
    assert "az ad app create" not in _steps(machine.calls)
    (main,) = (call for call in machine.calls if call.startswith("az deployment sub create"))
    (wiring,) = (call for call in machine.calls if call.startswith("az deployment group create"))
    for part in ("environmentName=test", "location=westeurope", "acsDataLocation=United Kingdom"):
        assert part in main
    for call in (main, wiring):
        assert f"upstreamAudience={AUDIENCE}" in call
        assert "answerNumbers=+18005550199, +18005550198" in call
    assert "alertEmail" not in main  # left to its default
    assert f"topicId={OUTPUTS['azurE_EVENT_TOPIC']}" in wiring
    assert "streamAdmission=ticket" in wiring  # what the app has, whatever is set meanwhile


def test_the_wiring_waits_for_the_code_and_bears_an_app_that_still_starts(
    machine: Machine,
) -> None:
    look, wire = STEPS[-2:]
    done = machine.run("deploy-wiring.sh", fail_at=look, times=3, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr
    assert _steps(machine.calls) == [look] * 4 + [wire]
    done = machine.run("deploy-wiring.sh", fail_at=wire, times=2, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr
    assert _steps(machine.calls) == [look] + [wire] * 3


def test_code_that_never_comes_is_told(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", fail_at=STEPS[-2], environ=PROVISIONED)
    assert done.returncode != 0
    assert "build log" in done.stderr
    assert STEPS[-1] not in _steps(machine.calls)


def test_nothing_is_wired_without_knowing_what(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh")
    assert done.returncode != 0
    assert machine.calls == []


def test_azd_is_told_the_audience(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", "--azd")
    assert done.returncode == 0, done.stderr
    assert machine.calls[-1] == f"azd env set CALLSCRIBE_UPSTREAM_AUDIENCE {AUDIENCE}"


def test_azd_runs_the_same_scripts_at_the_same_places() -> None:
    text = (ROOT / "azure.yaml").read_text(encoding="utf-8")
    for hook, script in (
        ("preprovision", "deploy-audience.sh --azd"),
        ("postdeploy", "deploy-wiring.sh"),
    ):
        assert re.search(
            rf"^  {hook}:\n    shell: sh\n    run: sh scripts/{script}$", text, re.MULTILINE
        )


def test_the_outputs_are_what_the_wiring_needs() -> None:
    outputs = read("main").outputs
    assert {name.upper() for name in OUTPUTS} == set(outputs)
    script = (ROOT / "scripts/deploy-wiring.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(AZURE_\w+):\?", script)) <= set(outputs)
    given = set(re.findall(r'"(\w+)=\$', script))
    assert given == set(read("wiring").parameters)
