"""scripts/deploy.sh: the order of its steps, what it does again, and where it stops."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.machine import (
    AUDIENCE,
    OUTPUTS,
    PARAMETERS,
    SCRIPTS,
    STEPS,
    SUBSCRIPTION,
    Machine,
)

# Answered by nobody, or not at all: the steps after them need no answer.
BEARABLE = ("az rest",)
PUBLISH = "func azure functionapp publish func-test"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_clean_and_posix(script: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    command = [str(shellcheck), "--shell=sh", "--external-sources"]
    done = subprocess.run(  # noqa: S603 - our own scripts
        [*command, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    if shutil.which("dash"):
        subprocess.run(["dash", "-n", str(script)], check=True)  # noqa: S603, S607


def test_everything_is_done_in_order(machine: Machine) -> None:
    done = machine.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    assert machine.steps == STEPS
    assert "https://func-test.example.com" in done.stderr


def test_doing_it_again_makes_nothing_twice(machine: Machine) -> None:
    machine.run("deploy.sh")
    done = machine.run("deploy.sh")
    assert done.returncode == 0, done.stderr
    made = ("az ad app create", "az ad sp create")
    assert machine.steps == [step for step in STEPS if step not in made]


@pytest.mark.parametrize("step", [step for step in STEPS if step not in BEARABLE])
def test_a_failure_ends_it_there_and_it_can_be_run_again(machine: Machine, step: str) -> None:
    done = machine.run("deploy.sh", fail_at=step)
    assert done.returncode != 0
    assert set(machine.steps) <= set(STEPS[: STEPS.index(step) + 1])
    assert machine.run("deploy.sh").returncode == 0


def test_what_is_set_reaches_the_templates(machine: Machine) -> None:
    environ = {
        "CALLSCRIBE_ANSWER_NUMBERS": "+18005550199, +18005550198",
        "CALLSCRIBE_ACS_DATA_LOCATION": "United Kingdom",
    }
    done = machine.run("deploy.sh", environ=environ)
    assert done.returncode == 0, done.stderr
    main = machine.called("az deployment sub create")
    wiring = machine.called("az deployment group create")
    for part in ("environmentName=test", "location=westeurope", "acsDataLocation=United Kingdom"):
        assert part in main
    for call in (main, wiring):
        assert f"upstreamAudience={AUDIENCE}" in call
        assert "answerNumbers=+18005550199, +18005550198" in call
    assert "alertEmail" not in main  # left to its default
    assert f"topicId={OUTPUTS['azurE_EVENT_TOPIC']}" in wiring
    assert "streamAdmission=ticket" in wiring  # what the app has, whatever is set meanwhile


def test_whatever_can_be_chosen_is_passed_on(machine: Machine) -> None:
    extra = json.dumps({"GAP_SECONDS": "3", "SPEECH_MODEL_ENDPOINT_ID": "one two"})
    chosen = {
        "CALLSCRIBE_TRANSCRIPTION_START": "manual",
        "CALLSCRIBE_ALWAYS_READY_HTTP": "3",
        "CALLSCRIBE_UPDATE_STRATEGY": "RollingUpdate",
        "CALLSCRIBE_LOG_RETENTION_DAYS": "90",
        "CALLSCRIBE_EXTRA_SETTINGS": extra,
    }
    done = machine.run("deploy.sh", environ=chosen)
    assert done.returncode == 0, done.stderr
    call = machine.called("az deployment sub create")
    for part in ("transcriptionStart=manual", "alwaysReadyHttp=3", "updateStrategy=RollingUpdate"):
        assert f" {part} " in call
    assert f" logRetentionDays=90 extraSettings={extra} --subscription" in call


def test_every_line_of_the_parameters_file_is_read(machine: Machine) -> None:
    given = json.loads(PARAMETERS.read_text(encoding="utf-8"))["parameters"]
    lines = {name: each["value"].strip("${}").partition("=")[0] for name, each in given.items()}
    machine.run("deploy.sh", environ=dict.fromkeys(lines.values(), "{}"))
    call = machine.called("az deployment sub create")
    passed = [word.partition("=")[0] for word in call.split() if word.endswith("={}")]
    # There is no such application, and so it is another.
    assert passed == [name for name in lines if name != "upstreamAudience"]


def test_the_code_is_published_again_until_the_roles_are_in_force(machine: Machine) -> None:
    done = machine.run("deploy.sh", fail_at=PUBLISH, times=5)
    assert done.returncode == 0, done.stderr
    assert machine.steps.count(PUBLISH) == 6


def test_each_wait_before_publishing_again_is_twice_as_long(machine: Machine) -> None:
    machine.lacks("sleep")
    (machine.home / "bin" / "sleep").write_text("#!/bin/sh\n")
    (machine.home / "bin" / "sleep").chmod(0o755)
    environ = {"DEPLOY_PAUSE_SECONDS": "10"}
    done = machine.run("deploy.sh", fail_at=PUBLISH, environ=environ)
    assert done.returncode != 0
    waits = [line.split()[-2] for line in done.stderr.splitlines() if line.startswith("Trying")]
    assert waits == ["10", "20", "40", "80", "160"]
    assert "InaccessibleStorageException" in done.stderr
    assert "/api/health" in done.stderr


@pytest.mark.parametrize("region", ["westeurope", "West Europe"])
def test_the_deployment_is_named_after_its_region_too(machine: Machine, region: str) -> None:
    """Resource Manager binds a deployment's name to the region that it was first made in."""
    machine.run("deploy.sh", environ={"AZURE_LOCATION": region})
    for step in ("az deployment sub create", "az deployment sub show"):
        assert "--name callscribe-test-westeurope " in machine.called(step)


def test_the_deployments_name_is_never_too_long(machine: Machine) -> None:
    names = set()
    for region in ("westeurope", "northeurope"):
        machine.run("deploy.sh", environ={"AZURE_ENV_NAME": "e" * 60, "AZURE_LOCATION": region})
        names.add(machine.called("az deployment sub create").split("--name ")[1].split()[0])
    assert len(names) == 2
    assert all(len(name) <= 64 for name in names)


def test_it_deploys_to_the_default_subscription_unless_one_is_named(machine: Machine) -> None:
    other = SUBSCRIPTION.replace("b", "c")
    for given, wanted in (("", SUBSCRIPTION), (other, other)):
        done = machine.run("deploy.sh", environ={"AZURE_SUBSCRIPTION_ID": given})
        assert done.returncode == 0, done.stderr
        for step in (*STEPS[4:7], "az functionapp", *STEPS[9:11]):
            assert machine.called(step).endswith(f"--subscription {wanted}")


def test_git_bash_is_kept_from_making_windows_paths_of_resource_ids(machine: Machine) -> None:
    machine.run("deploy.sh")
    conversions = (machine.home / "conversions").read_text().splitlines()
    assert set(conversions) == {"1"}
    assert len(conversions) == len(machine.calls)
