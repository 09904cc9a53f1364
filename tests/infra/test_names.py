"""Names of resources are valid, also for the longest prefix and name of a deployment."""

import re

import pytest

from tests.infra.bicep import predicted, read

ALERT = r"[^#<>%&:\\?/{}*]{1,260}"
RULES = {
    # https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    "Microsoft.Resources/resourceGroups": r"[-\w.()]{0,89}[-\w()]",
    "Microsoft.Storage/storageAccounts": r"[a-z0-9]{3,24}",
    "Microsoft.OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "Microsoft.Insights/components": r"[A-Za-z0-9-]{1,260}",
    "Microsoft.SignalRService/webPubSub": r"[A-Za-z][A-Za-z0-9-]{1,61}[A-Za-z0-9]",
    "Microsoft.CognitiveServices/accounts": r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]",
    # The host's id is the first 32 characters.
    "Microsoft.Web/sites": r"[a-z0-9][a-z0-9-]{0,30}[a-z0-9]",
    "Microsoft.Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
    "Microsoft.Communication/communicationServices": r"[A-Za-z0-9-]{1,63}",
    "Microsoft.EventGrid/systemTopics": r"[A-Za-z0-9-]{3,50}",
    "Microsoft.Insights/actionGroups": ALERT,
    "Microsoft.Insights/scheduledQueryRules": ALERT,
    "Microsoft.Insights/metricAlerts": ALERT,
}


@pytest.mark.parametrize("type_", RULES)
def test_the_longest_name_is_valid(type_: str) -> None:
    found = predicted("everything").of(type_)
    assert found
    assert [each.name for each in found if not re.fullmatch(RULES[type_], each.name)] == []


def test_nothing_of_a_name_can_be_longer() -> None:
    """What is predicted with everything on has the longest prefix and name of a deployment."""
    parameters = read("main").parameters
    group = predicted("everything").only("Microsoft.Resources/resourceGroups").name
    assert len(group) == len("rg-") + parameters["environmentName"].body["maxLength"]
    app = predicted("everything").only("Microsoft.Web/sites").name
    prefix = app.removeprefix("func-").partition("-")[0]
    assert len(prefix) == parameters["prefix"].body["maxLength"]
    assert prefix == prefix.lower()


def test_every_resource_with_a_name_of_its_own_has_a_rule() -> None:
    named = {each.type for each in predicted("everything").resources if each.type.count("/") == 1}
    elsewhere = {"Microsoft.Insights/diagnosticSettings", "Microsoft.Authorization/roleAssignments"}
    assert named - elsewhere == set(RULES)


def test_a_group_of_people_has_a_short_name() -> None:
    people = predicted("everything").only("Microsoft.Insights/actionGroups")
    assert len(people.properties["groupShortName"]) <= 12
