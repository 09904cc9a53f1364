"""scripts/deploy-wiring.sh: it waits for the code, wires it, and claims only what it has seen."""

from collections.abc import Mapping

import pytest

from tests.infra.machine import PROVISIONED, STEPS, SUBSCRIPTION, Machine

SYNC, LOOK, WIRE, HOST, OPTIONS = STEPS[-5:]
SMOKE = "python -m scripts.smoke"
PRINCIPAL = {"CALLSCRIBE_SMOKE_PRINCIPAL_ID": "00000000-0000-4000-8000-0000000000ee"}


def _wired(environ: Mapping[str, str]) -> Mapping[str, str]:
    return PROVISIONED | dict(environ)


def test_it_waits_for_the_code_and_bears_an_app_that_still_starts(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", fail_at=LOOK, times=3, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr
    assert machine.steps == [SYNC, LOOK] * 4 + [WIRE, HOST, OPTIONS]
    done = machine.run("deploy-wiring.sh", fail_at=WIRE, times=2, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr
    assert machine.steps == [SYNC, LOOK] + [WIRE] * 3 + [HOST, OPTIONS]


def test_resource_manager_is_told_of_the_code_before_each_look(machine: Machine) -> None:
    """On Flex Consumption its list of functions may stay as it was."""
    machine.run("deploy-wiring.sh", environ=PROVISIONED)
    call = machine.called(SYNC)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
    app = f"{group}/providers/Microsoft.Web/sites/func-test"
    assert f"--method post --url {app}/host/default/sync?api-version=" in call


def test_a_list_that_cannot_be_synchronised_may_be_right_all_the_same(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", fail_at=SYNC, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr


def test_code_that_never_comes_is_told_with_the_last_answer(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", fail_at=LOOK, environ=PROVISIONED)
    assert done.returncode != 0
    assert machine.steps == [SYNC, LOOK] * 60
    assert "build log" in done.stderr
    assert "The last answer of az:  refused: az functionapp function show" in done.stderr


def test_everything_is_asked_of_the_subscription_that_was_deployed_to(machine: Machine) -> None:
    """The default of `az` may be another than that of azd."""
    machine.run("deploy-wiring.sh", environ=PROVISIONED)
    for step in (LOOK, WIRE, HOST):
        assert machine.called(step).endswith(f"--subscription {SUBSCRIPTION}")


@pytest.mark.parametrize(
    ("environ", "told"),
    [({"TENANT": "another"}, "the tenant another"), ({"AZURE_SUBSCRIPTION_ID": ""}, "SUBSCR")],
)
def test_nothing_is_awaited_where_az_is_elsewhere(
    machine: Machine, environ: Mapping[str, str], told: str
) -> None:
    done = machine.run("deploy-wiring.sh", environ=_wired(environ))
    assert done.returncode != 0
    assert told in done.stderr
    assert machine.steps == []


def test_nothing_is_wired_without_knowing_what(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh")
    assert done.returncode != 0
    assert machine.calls == []


def test_the_handler_is_asked_as_web_pubsub_asks_it(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", environ=PROVISIONED)
    call = machine.called(OPTIONS)
    assert "--request OPTIONS --header WebHook-Request-Origin: wps-test.example.com " in call
    assert call.endswith(" https://func-test.example.com/api/stream")
    assert "not proven" in done.stderr
    assert SMOKE not in machine.steps


@pytest.mark.parametrize("step", [HOST, OPTIONS])
def test_an_app_that_still_starts_is_asked_again(machine: Machine, step: str) -> None:
    done = machine.run("deploy-wiring.sh", fail_at=step, times=5, environ=PROVISIONED)
    assert done.returncode == 0, done.stderr
    assert machine.steps.count(step) == 6


def test_a_handler_that_allows_nobody_is_told_and_nothing_claimed(machine: Machine) -> None:
    """Web PubSub saves a hub all the same, and fails at the first event."""
    done = machine.run("deploy-wiring.sh", fail_at=OPTIONS, environ=PROVISIONED | PRINCIPAL)
    assert done.returncode != 0
    assert "does not allow Web PubSub" in done.stderr
    assert SMOKE not in machine.steps


def test_it_is_proven_by_use_before_that_is_said(machine: Machine) -> None:
    done = machine.run("deploy-wiring.sh", environ=PROVISIONED | PRINCIPAL)
    assert done.returncode == 0, done.stderr
    assert machine.steps[-1] == SMOKE
    assert done.stderr.splitlines()[-1].startswith("Proven but for Event Grid and speech")
    done = machine.run("deploy-wiring.sh", fail_at=SMOKE, environ=PROVISIONED | PRINCIPAL)
    assert done.returncode != 0
    assert "not proven" in done.stderr
    assert "Proven but" not in done.stderr


def test_nothing_is_claimed_where_the_smoke_test_cannot_run(machine: Machine) -> None:
    (machine.project / ".venv" / "bin" / "python").unlink()
    done = machine.run("deploy-wiring.sh", environ=PROVISIONED | PRINCIPAL)
    assert done.returncode == 0, done.stderr
    assert "not proven" in done.stderr
    assert "sh scripts/setup.sh" in done.stderr
