"""Roles: each on one resource, each needed by some code, none for a person by default."""

from pathlib import Path

import pytest

from tests.infra.bicep import Declaration, read, read_all

ROOT = Path(__file__).parents[2]
TYPE = "Microsoft.Authorization/roleAssignments"
APP, CLIENTS = "infra/modules/function-app.bicep", "callscribe/cloud/clients.py"
NEEDED = {
    # symbol: (role, scope, whose, the code that needs it)
    "appBlobs": (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",  # Storage Blob Data Owner
        "storage",
        "appPrincipalId",
        (APP, "AzureWebJobsStorage__accountName"),
    ),
    "appQueues": (
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",  # Storage Queue Data Contributor
        "storage",
        "appPrincipalId",
        (CLIENTS, "QueueClient("),
    ),
    "appTables": (
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",  # Storage Table Data Contributor
        "storage",
        "appPrincipalId",
        (CLIENTS, "TableClient("),
    ),
    "appWebPubSub": (
        "12cf5a90-567b-43ae-8102-96cf46c7d9b4",  # Web PubSub Service Owner
        "webPubSub",
        "appPrincipalId",
        (CLIENTS, "WebPubSubServiceClient("),
    ),
    "appTelemetry": (
        "3913510d-42f4-4e42-8a64-420c390055eb",  # Monitoring Metrics Publisher
        "component",
        "appPrincipalId",
        (APP, "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"),
    ),
    "topicDeadLetters": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",  # Storage Blob Data Contributor
        "deadLetters",
        "topicPrincipalId",
        ("infra/modules/event-subscription.bicep", "deadLetterWithResourceIdentity"),
    ),
    "acsSpeech": (
        "a97b65f3-24c7-4388-baec-2e87135dc908",  # Cognitive Services User
        "speech",
        "acsPrincipalId",
        ("callscribe/cloud/call_automation.py", "cognitive_services_endpoint"),
    ),
    "callAutomation": (
        "09976791-48a7-449e-bb21-39d1a415f350",  # Communication and Email Service Owner
        "service",
        "appPrincipalId",
        (CLIENTS, "CallAutomationClient("),
    ),
    "tables": (
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "storage",
        "principalId",
        ("scripts/smoke/probe.py", "clients.table("),
    ),
    "streams": (
        "12cf5a90-567b-43ae-8102-96cf46c7d9b4",
        "webPubSub",
        "principalId",
        ("scripts/smoke/probe.py", "clients.hub("),
    ),
}


def _assignments() -> dict[str, tuple[str, Declaration]]:
    return {
        each.symbol: (name, each) for name, file in read_all().items() for each in file.of(TYPE)
    }


def test_every_role_is_in_the_table_and_every_entry_is_a_role() -> None:
    assert set(_assignments()) == set(NEEDED)


@pytest.mark.parametrize("symbol", NEEDED)
def test_a_role_is_on_one_resource_and_the_code_needs_it(symbol: str) -> None:
    name, assignment = _assignments()[symbol]
    role, scope, principal, (path, code) = NEEDED[symbol]
    file = read(name)
    reference = assignment.properties["roleDefinitionId"].rpartition(", ")[2].rstrip(")")
    given = file.variables.get(reference) or read("main").parameters["acsRoleDefinitionId"].default
    assert given == role
    assert assignment.body["scope"] == scope
    assert file.resources[scope].existing
    assert assignment.properties["principalId"] == principal
    assert assignment.body["name"] == f"guid({scope}.id, {principal}, {reference})"
    assert code in (ROOT / path).read_text(encoding="utf-8")


def test_services_are_said_to_be_services() -> None:
    """Or the assignment fails while a new identity is not yet known everywhere."""
    kinds = {
        symbol: str(each.properties["principalType"])
        for symbol, (_, each) in _assignments().items()
    }
    assert {kinds.pop("tables"), kinds.pop("streams")} == {"principalType"}
    assert set(kinds.values()) == {"ServicePrincipal"}


def test_people_get_roles_only_when_named() -> None:
    main = read("main")
    assert main.parameters["smokePrincipalId"].default == ""
    assert main.modules["smokeRoles"].condition == "(!empty(smokePrincipalId))"
