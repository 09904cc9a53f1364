"""scripts/deploy-preflight.sh: what is missing is named, with where to get it."""

import pytest

from tests.infra.machine import Machine

WHERE = {
    "az": "https://learn.microsoft.com/cli/azure/install-azure-cli",
    "func": "https://learn.microsoft.com/azure/azure-functions/functions-run-local",
    "curl": "https://curl.se/download.html",
}


def test_nothing_is_said_where_nothing_is_missing(machine: Machine) -> None:
    for arguments in ((), ("--azd",)):
        done = machine.run("deploy-preflight.sh", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("tool", WHERE)
def test_a_missing_tool_is_named_before_anything_is_changed(machine: Machine, tool: str) -> None:
    machine.lacks(tool)
    done = machine.run("deploy.sh")
    assert done.returncode != 0
    assert f"- {tool} is missing: {WHERE[tool]}" in done.stderr
    assert machine.steps == []


def test_azd_needs_less_and_asks_for_what_must_be_said(machine: Machine) -> None:
    machine.lacks("func")
    (machine.project / ".venv" / "bin" / "python").unlink()
    unsaid = dict.fromkeys(("AZURE_LOCATION", "CALLSCRIBE_ACS_DATA_LOCATION"), "")
    done = machine.run("deploy-preflight.sh", "--azd", environ=unsaid)
    assert done.returncode == 0, done.stderr


def test_a_missing_login_is_named(machine: Machine) -> None:
    done = machine.run("deploy.sh", fail_at="az account show")
    assert done.returncode != 0
    assert "- az is not signed in: az login" in done.stderr
    assert machine.steps == []


@pytest.mark.parametrize("version", [None, "3.11"])
def test_a_missing_python_is_named(machine: Machine, version: str | None) -> None:
    python = machine.project / ".venv" / "bin" / "python"
    python.unlink()
    if version is not None:
        python.write_text("#!/bin/sh\nexit 1\n")  # what the test of its version comes to
        python.chmod(0o755)
    done = machine.run("deploy.sh")
    assert done.returncode != 0
    assert "- Python 3.13 is missing: sh scripts/setup.sh" in done.stderr
    assert machine.steps == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("AZURE_ENV_NAME", "a name for the deployment"),
        ("AZURE_LOCATION", "a region, such as westeurope"),
        ("CALLSCRIBE_ACS_DATA_LOCATION", "where calls' data are kept, such as Europe"),
    ],
)
def test_what_must_be_said_is_named(machine: Machine, name: str, wanted: str) -> None:
    """Nobody keeps data in the United States by saying nothing."""
    done = machine.run("deploy.sh", environ={name: ""})
    assert done.returncode != 0
    assert f"- {name} is not set: expected {wanted}" in done.stderr
    assert machine.steps == []


@pytest.mark.parametrize("text", ["secret", '["secret"]', '{"A": 1}', '{"A": {"B": "secret"}}'])
def test_extra_settings_that_are_no_object_of_texts_are_named(machine: Machine, text: str) -> None:
    done = machine.run("deploy.sh", environ={"CALLSCRIBE_EXTRA_SETTINGS": text})
    assert done.returncode != 0
    assert "- CALLSCRIBE_EXTRA_SETTINGS: expected a JSON object of texts" in done.stderr
    assert "secret" not in done.stderr
    assert machine.steps == []


def test_everything_that_is_missing_is_named_at_once(machine: Machine) -> None:
    machine.lacks("func")
    machine.lacks("curl")
    done = machine.run("deploy.sh", environ={"AZURE_ENV_NAME": "", "AZURE_LOCATION": ""})
    lines = [line for line in done.stderr.splitlines() if line.startswith("- ")]
    assert len(lines) == 4
    assert done.stderr.splitlines()[-1] == "Nothing was changed."
