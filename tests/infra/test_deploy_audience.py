"""scripts/deploy-audience.sh: one Entra application, in the right tenant, however often it runs."""

import pytest

from tests.infra.machine import AUDIENCE, SUBSCRIPTION, Machine

OLD = "00000000-0000-4000-8000-0000000000dd"
MADE = ["az ad app list", "az ad app create", "az ad sp list", "az ad sp create"]


def test_it_prints_the_id_and_nothing_else(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{AUDIENCE}\n"
    assert machine.steps == MADE


def test_one_that_is_there_is_used(machine: Machine) -> None:
    machine.run("deploy-audience.sh")
    done = machine.run("deploy-audience.sh", environ={"CALLSCRIBE_UPSTREAM_AUDIENCE": AUDIENCE})
    assert done.stdout == f"{AUDIENCE}\n"
    assert machine.steps == ["az ad app list", "az ad sp list", "az ad sp list"]


def test_an_application_of_another_tenant_has_only_its_principal_here(machine: Machine) -> None:
    (machine.home / "principal").write_text(f"{OLD}\n")
    done = machine.run("deploy-audience.sh", environ={"CALLSCRIBE_UPSTREAM_AUDIENCE": OLD})
    assert done.stdout == f"{OLD}\n"
    assert "az ad app create" not in machine.steps


def test_one_that_was_deleted_is_replaced(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", environ={"CALLSCRIBE_UPSTREAM_AUDIENCE": OLD})
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{AUDIENCE}\n"
    assert OLD in done.stderr
    assert machine.steps == ["az ad app list", "az ad sp list", *MADE]


def test_a_directory_that_does_not_answer_is_no_deleted_application(machine: Machine) -> None:
    for asked in ("az ad app list --app-id", "az ad sp list"):
        environ = {"CALLSCRIBE_UPSTREAM_AUDIENCE": OLD}
        done = machine.run("deploy-audience.sh", fail_at=asked, environ=environ)
        assert done.returncode != 0
        assert "az ad app create" not in machine.steps


@pytest.mark.parametrize("failures", [1, 5])
def test_a_new_application_is_waited_for(machine: Machine, failures: int) -> None:
    done = machine.run("deploy-audience.sh", fail_at="az ad sp create", times=failures)
    assert done.returncode == 0, done.stderr
    assert machine.steps.count("az ad sp create") == failures + 1


def test_an_application_that_never_comes_ends_it(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", fail_at="az ad sp create")
    assert done.returncode != 0
    assert machine.steps.count("az ad sp create") == 6
    assert done.stdout == ""


def test_nothing_is_made_in_another_tenant(machine: Machine) -> None:
    """`az ad` works in the tenant of az's default subscription, whatever azd deploys to."""
    done = machine.run("deploy-audience.sh", environ={"TENANT": "another"})
    assert done.returncode != 0
    assert "the tenant another" in done.stderr
    assert f"az account set --subscription {SUBSCRIPTION}" in done.stderr
    assert machine.steps == []


def test_nothing_is_made_without_access_to_the_subscription(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", fail_at="az account show --subscription")
    assert done.returncode != 0
    assert f"no access to the subscription {SUBSCRIPTION}" in done.stderr
    assert "refused" in done.stderr  # what az said
    assert machine.steps == []


def test_nothing_is_made_before_the_subscription_is_known(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", "--azd", environ={"AZURE_SUBSCRIPTION_ID": ""})
    assert done.returncode != 0
    assert "azd env set AZURE_SUBSCRIPTION_ID" in done.stderr
    assert machine.calls == []


def test_azd_is_told_the_audience_in_the_environment_that_is_deployed(machine: Machine) -> None:
    done = machine.run("deploy-audience.sh", "--azd")
    assert done.returncode == 0, done.stderr
    told = machine.called("azd env set")
    assert told == f"azd env set CALLSCRIBE_UPSTREAM_AUDIENCE {AUDIENCE} --environment test"


def test_what_azd_keeps_is_read_again(machine: Machine) -> None:
    """Provisioning reads it after the hook: azd that keeps something else must not go on."""
    (machine.home / "other").write_text("C:/Program Files/Git/00000000\n")
    done = machine.run("deploy-audience.sh", "--azd", environ={"KEPT": "other"})
    assert done.returncode != 0
    assert f"expected {AUDIENCE}" in done.stderr
