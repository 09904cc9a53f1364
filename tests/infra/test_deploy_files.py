"""What lies between scripts, azd and templates: names, hooks, defaults, what is left out."""

import re

import pathspec

from tests.infra.bicep import read
from tests.infra.machine import OUTPUTS, PARAMETERS, ROOT

AZURE_YAML = (ROOT / "azure.yaml").read_text(encoding="utf-8")


def test_azd_runs_the_same_scripts_at_the_same_places() -> None:
    before = "sh scripts/deploy-preflight.sh --azd && sh scripts/deploy-audience.sh --azd"
    for hook, command in (("preprovision", before), ("postdeploy", "sh scripts/deploy-wiring.sh")):
        wanted = rf"^  {hook}:\n    shell: sh\n    run: {re.escape(command)}$"
        assert re.search(wanted, AZURE_YAML, re.MULTILINE)


def test_azd_is_one_that_deletes_no_group_of_others() -> None:
    """One before 1.24.1 deletes that of an existing Communication Services resource as well."""
    assert re.search(r'^requiredVersions:\n  azd: ">= 1\.25\.0"$', AZURE_YAML, re.MULTILINE)


def test_no_environment_that_azd_makes_is_packed() -> None:
    """`azd restore` makes one beside the code, named after the folder."""
    lines = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    ignored = pathspec.PathSpec.from_lines("gitignore", lines)
    assert ignored.match_file("callscribe_env/lib/python3.13/site-packages/msgspec/__init__.py")
    assert not ignored.match_file("callscribe/settings/settings.py")


def test_everything_that_can_be_set_is_in_the_page_on_deploying() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    named = {name.replace("…_", "CALLSCRIBE_") for name in re.findall(r"`([A-Z…][A-Z_]+)`", page)}
    assert set(re.findall(r"\$\{([A-Z_]+)", PARAMETERS.read_text(encoding="utf-8"))) <= named


def test_the_outputs_are_what_the_wiring_needs() -> None:
    outputs = read("main").outputs
    assert {name.upper() for name in OUTPUTS} == set(outputs)
    script = (ROOT / "scripts/deploy-wiring.sh").read_text(encoding="utf-8")
    # azd and scripts/deploy.sh know it before.
    assert set(re.findall(r"\b(AZURE_\w+):\?", script)) - {"AZURE_SUBSCRIPTION_ID"} <= set(outputs)
    given = set(re.findall(r'"(\w+)=\$', script))
    assert given == set(read("wiring").parameters)
