"""Roles: each on one resource, each needed by some code, none for a person by default."""

import re
from pathlib import Path

import pytest

from tests.infra.bicep import Resource, predicted

ROOT = Path(__file__).parents[2]
TYPE = "Microsoft.Authorization/roleAssignments"
APP, CLIENTS = "infra/modules/function-app.bicep", "callscribe/cloud/clients.py"
OWNER = "09976791-48a7-449e-bb21-39d1a415f350"  # Communication and Email Service Owner
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
TABLES = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"  # Storage Table Data Contributor
WEB_PUBSUB = "12cf5a90-567b-43ae-8102-96cf46c7d9b4"  # Web PubSub Service Owner
PERSON = "00000000-0000-4000-8000-0000000000bb"
STORAGE, SITES = "storageAccounts", "sites"
# (role, on what, whose): the code that needs it
NEEDED = {
    # Storage Blob Data Owner
    ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", STORAGE, SITES): (
        APP,
        "AzureWebJobsStorage__accountName",
    ),
    # Storage Queue Data Contributor
    ("974c5e8b-45b9-4653-ba55-5f855dd0fb88", STORAGE, SITES): (CLIENTS, "QueueClient("),
    (TABLES, STORAGE, SITES): (CLIENTS, "TableClient("),
    (WEB_PUBSUB, "webPubSub", SITES): (CLIENTS, "WebPubSubServiceClient("),
    # Monitoring Metrics Publisher
    ("3913510d-42f4-4e42-8a64-420c390055eb", "components", SITES): (
        APP,
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ),
    # Storage Blob Data Contributor
    ("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "containers", "systemTopics"): (
        "infra/modules/event-subscription.bicep",
        "deadLetterWithResourceIdentity",
    ),
    # Cognitive Services User
    ("a97b65f3-24c7-4388-baec-2e87135dc908", "accounts", "communicationServices"): (
        "callscribe/cloud/call_automation.py",
        "cognitive_services_endpoint",
    ),
    (OWNER, "communicationServices", SITES): (CLIENTS, "CallAutomationClient("),
}
FOR_SMOKE = {
    (TABLES, STORAGE, PERSON): ("scripts/smoke/probe.py", "clients.table("),
    (WEB_PUBSUB, "webPubSub", PERSON): ("scripts/smoke/probe.py", "clients.hub("),
}


def _role(assignment: Resource) -> str:
    return str(assignment.properties["roleDefinitionId"]).rpartition("/")[2]


def _scope(assignment: Resource) -> str:
    """Return the id of the resource that a role is on."""
    found = re.match(r"\[?extensionResourceId\('([^']+)'", assignment.id)
    return found[1] if found else assignment.id.partition(f"/providers/{TYPE}")[0]


def _whose(assignment: Resource) -> str:
    principal = str(assignment.properties["principalId"])
    found = re.match(r"\[reference\('([^']+)'.+\.identity\.principalId\]", principal)
    return found[1].split("/")[-2] if found else principal


def _roles(name: str) -> list[tuple[str, str, str]]:
    assignments = predicted(name).of(TYPE)
    return [(_role(each), _scope(each).split("/")[-2], _whose(each)) for each in assignments]


@pytest.mark.parametrize("name", ["plain", "existing-acs", "existing-topic", "ticket", "smallest"])
def test_there_is_every_role_that_is_needed_and_no_other(name: str) -> None:
    assert sorted(_roles(name)) == sorted(NEEDED)


@pytest.mark.parametrize("needed", [*NEEDED.items(), *FOR_SMOKE.items()], ids=lambda pair: pair[0])
def test_the_code_needs_a_role(
    needed: tuple[tuple[str, str, str], tuple[str, str]],
) -> None:
    _, (path, code) = needed
    assert code in (ROOT / path).read_text(encoding="utf-8")


def test_the_topic_writes_dead_letters_and_cannot_touch_the_app() -> None:
    for name in ("plain", "existing-acs", "existing-topic"):
        (given,) = (each for each in predicted(name).of(TYPE) if _whose(each) == "systemTopics")
        assert _scope(given).endswith("/blobServices/default/containers/dead-letters")
        subscribed = predicted("wiring").only("Microsoft.EventGrid/systemTopics/eventSubscriptions")
        letters = subscribed.properties["deadLetterWithResourceIdentity"]
        container = letters["deadLetterDestination"]["properties"]["blobContainerName"]
        assert _scope(given).rpartition("/")[2] == container


def test_a_role_is_named_after_what_it_is_on_whose_it_is_and_what_it_allows() -> None:
    for each in predicted("everything").of(TYPE):
        assert _scope(each) in each.body["name"] or re.fullmatch(r"[0-9a-f-]{36}", each.name)
    names = [each.body["name"] for each in predicted("everything").of(TYPE)]
    assert len(names) == len(set(names))


def test_another_role_on_communication_services_can_be_chosen() -> None:
    chosen = [role for role, scope, _ in _roles("everything") if scope == "communicationServices"]
    assert chosen == [CONTRIBUTOR]


def test_services_are_said_to_be_services() -> None:
    """Or the assignment fails while a new identity is not yet known everywhere."""
    for each in predicted("everything").of(TYPE):
        kind = "Group" if _whose(each) == PERSON else "ServicePrincipal"
        assert each.properties["principalType"] == kind


def test_people_get_roles_only_when_named() -> None:
    people = {role for role in _roles("everything") if role[2] == PERSON}
    assert people == set(FOR_SMOKE)
    assert not [role for role in _roles("plain") if role not in NEEDED]
