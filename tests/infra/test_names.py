"""Names of resources are valid for the longest prefix."""

import re

import pytest

from tests.infra.bicep import read

# As long as what uniqueString() returns.
UNIQUE = "abcdefghijklm"
RULES = {
    # https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    ("storage", "name"): r"[a-z0-9]{3,24}",
    ("monitoring", "workspaceName"): r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    ("monitoring", "componentName"): r"[A-Za-z0-9-]{1,260}",
    ("webPubSub", "name"): r"[A-Za-z][A-Za-z0-9-]{1,61}[A-Za-z0-9]",
    ("speech", "name"): r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]",
    # The host's id is the first 32 characters.
    ("functionApp", "name"): r"[a-z0-9][a-z0-9-]{0,30}[a-z0-9]",
    ("functionApp", "planName"): r"[A-Za-z0-9-]{1,60}",
    ("acsName", ""): r"[A-Za-z0-9-]{1,63}",
    ("topicName", ""): r"[A-Za-z0-9-]{3,50}",
    ("groupName", ""): r"[-\w.()]{0,89}[-\w()]",
}


def _longest(expression: str) -> str:
    main = read("main")
    (longest,) = (
        int(each.removeprefix("maxLength(").rstrip(")"))
        for each in main.parameters["prefix"].decorators
        if each.startswith("maxLength")
    )
    environment = next(
        int(each.removeprefix("maxLength(").rstrip(")"))
        for each in main.parameters["environmentName"].decorators
        if each.startswith("maxLength")
    )
    assert main.variables["suffix"].startswith("'${toLower(prefix)}-${uniqueString(")
    suffix = f"{'p' * longest}-{UNIQUE}"
    quoted = re.search(r"'([^']*\$\{(?:suffix|environmentName)\}[^']*)'", expression)
    if quoted is None:
        assert expression == "replace(suffix, '-', '')"
        return suffix.replace("-", "")
    return quoted[1].replace("${suffix}", suffix).replace("${environmentName}", "e" * environment)


@pytest.mark.parametrize("where", RULES, ids=" ".join)
def test_a_name_is_valid(where: tuple[str, str]) -> None:
    module, parameter = where
    main = read("main")
    expression = (
        main.modules[module].body["params"][parameter] if parameter else main.variables[module]
    )
    assert re.fullmatch(RULES[where], _longest(expression))


def test_names_of_alerts_are_valid() -> None:
    alerts = read("modules/alerts")
    suffix = f"-{'p' * 11}-{UNIQUE}"
    names = [rule["name"] + suffix for rule in alerts.variables["rules"]]
    assert all(re.fullmatch(r"[^#<>%&:\\?/{}*]{1,260}", name) for name in names)
    assert len(alerts.resources["people"].properties["groupShortName"]) <= 12
