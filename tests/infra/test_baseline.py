"""The baseline: what every resource must say about itself, and what it must not."""

from typing import Any

import pytest

from tests.infra.bicep import MAIN, WIRING, Resource, leaves, predicted, read

SITES = "Microsoft.Web/sites"
STORAGE = "Microsoft.Storage/storageAccounts"
LOGS = "Microsoft.Insights/diagnosticSettings"
HUBS = "Microsoft.SignalRService/webPubSub/hubs"
SUBSCRIPTIONS = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
IDENTITY = {"type": "SystemAssigned"}
# ARM refuses the first seven (51021); a health check would restart an app that is in a call.
REFUSED_ON_FLEX = {
    "ftpsState",
    "linuxFxVersion",
    "use32BitWorkerProcess",
    "preWarmedInstanceCount",
    "netFrameworkVersion",
    "functionAppScaleLimit",
    "functionsRuntimeScaleMonitoringEnabled",
    "healthCheckPath",
}
every_set = pytest.mark.parametrize("name", MAIN)
every_wiring = pytest.mark.parametrize("name", WIRING)


def _app(name: str) -> Resource:
    return predicted(name).only(SITES)


def _ready(name: str) -> dict[str, int]:
    """Return how many instances are always ready, by the group of functions."""
    scale = _app(name).properties["functionAppConfig"]["scaleAndConcurrency"]
    return {each["name"]: each["instanceCount"] for each in scale["alwaysReady"]}


def _subscription(name: str) -> dict[str, Any]:
    return predicted(name).only(SUBSCRIPTIONS).properties


def _names(name: str, type_: str) -> list[str]:
    return [each.name for each in predicted(name).of(type_)]


@every_set
def test_storage_takes_identities_alone_and_tls(name: str) -> None:
    properties = predicted(name).only(STORAGE).properties
    wanted = {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
    }
    assert wanted.items() <= properties.items()
    # Deny comes with the private network: without one the app could not reach its own storage.
    assert properties["networkAcls"] == {"defaultAction": "Allow", "bypass": "AzureServices"}


@every_set
def test_storage_has_what_the_app_reads_and_writes(name: str) -> None:
    assert _names(name, f"{STORAGE}/tableServices/tables") == [
        "Calls",
        "ActiveCalls",
        "Transcripts",
        "Participants",
        "Labels",
        "Routes",
        "Requests",
    ]
    assert _names(name, f"{STORAGE}/queueServices/queues") == ["jobs", "jobs-poison"]
    containers = f"{STORAGE}/blobServices/containers"
    assert _names(name, containers) == ["deployment", "dead-letters"]
    assert all(
        each.properties == {"publicAccess": "None"} for each in predicted(name).of(containers)
    )


def test_dead_letters_are_deleted_after_a_week() -> None:
    policies = predicted("plain").only(f"{STORAGE}/managementPolicies").properties
    (rule,) = policies["policy"]["rules"]
    assert rule["definition"]["filters"]["prefixMatch"] == ["dead-letters/"]
    deleted = rule["definition"]["actions"]["baseBlob"]["delete"]
    assert deleted == {"daysAfterModificationGreaterThan": 7}


@every_set
def test_the_app_is_reached_by_https_and_is_somebody(name: str) -> None:
    app = _app(name)
    assert app.body["identity"] == IDENTITY
    assert app.properties["httpsOnly"] is True
    assert app.properties["siteConfig"] == {
        "minTlsVersion": "1.2",
        "http20Enabled": True,
        "remoteDebuggingEnabled": False,
    }


@every_set
def test_nobody_publishes_with_a_password(name: str) -> None:
    policies = predicted(name).of(f"{SITES}/basicPublishingCredentialsPolicies")
    assert [(policy.name, policy.properties) for policy in policies] == [
        ("ftp", {"allow": False}),
        ("scm", {"allow": False}),
    ]


@every_set
def test_the_app_has_nothing_that_flex_consumption_refuses(name: str) -> None:
    assert not REFUSED_ON_FLEX & set(leaves(_app(name).body))
    plan = predicted(name).only("Microsoft.Web/serverfarms")
    assert plan.body["sku"] == {"name": "FC1", "tier": "FlexConsumption"}


@every_set
def test_the_app_runs_on_the_python_of_this_project(name: str) -> None:
    config = _app(name).properties["functionAppConfig"]
    assert config["runtime"] == {"name": "python", "version": "3.13"}
    assert config["deployment"]["storage"]["authentication"] == {"type": "SystemAssignedIdentity"}


def test_the_app_serves_more_than_one_request_at_a_time_and_is_warm() -> None:
    scale = _app("plain").properties["functionAppConfig"]["scaleAndConcurrency"]
    assert scale["triggers"] == {"http": {"perInstanceConcurrency": 16}}
    assert _ready("plain") == {"http": 2, "function:incoming_call": 1}
    assert _ready("smallest") == {}


def test_over_zones_each_group_has_two_instances_or_more() -> None:
    assert _ready("everything") == {"http": 3, "function:incoming_call": 2}
    assert predicted("everything").only(STORAGE).body["sku"] == {"name": "Standard_ZRS"}
    plan = predicted("everything").only("Microsoft.Web/serverfarms")
    assert plan.properties["zoneRedundant"] is True


@every_set
def test_web_pubsub_has_an_identity_an_sla_and_no_keys(name: str) -> None:
    service = predicted(name).only("Microsoft.SignalRService/webPubSub")
    assert service.body["identity"] == IDENTITY
    assert service.body["sku"]["tier"] == "Standard"
    assert service.properties["disableLocalAuth"] is True


@every_wiring
def test_only_a_stream_by_ticket_connects_without_a_token_and_then_the_app_is_asked(
    name: str,
) -> None:
    stream, live = predicted(name).of(HUBS)
    policies = [each.properties["anonymousConnectPolicy"] for each in (stream, live)]
    assert policies == [{"wiring": "deny", "wiring-ticket": "allow"}[name], "deny"]
    assert "eventHandlers" not in live.properties
    (handler,) = stream.properties["eventHandlers"]
    assert handler["auth"] == {
        "type": "ManagedIdentity",
        "managedIdentity": {"resource": "00000000-0000-4000-8000-0000000000aa"},
    }
    assert handler["systemEvents"] == ["connect", "connected", "disconnected"]
    assert handler["userEventPattern"] == "*"
    assert handler["urlTemplate"].startswith("[format('https://{0}/api/stream', reference(")


def test_no_log_has_the_addresses_of_streams_and_viewers() -> None:
    settings = [each for each in predicted("plain").of(LOGS) if "/webPubSub/" in each.id]
    (log,) = settings[0].properties["logs"]
    assert (len(settings), log["category"]) == (1, "ConnectivityLogs")


def test_communication_services_has_an_identity_and_refuses_keys() -> None:
    service = predicted("plain").only("Microsoft.Communication/communicationServices")
    assert service.body["identity"] == IDENTITY
    assert service.properties == {"dataLocation": "Europe", "disableLocalAuth": True}


@every_set
def test_speech_has_a_domain_of_its_own_and_no_keys(name: str) -> None:
    account = predicted(name).only("Microsoft.CognitiveServices/accounts")
    assert account.properties["customSubDomainName"] == account.name
    assert account.properties["disableLocalAuth"] is True


@every_wiring
def test_incoming_calls_are_delivered_without_a_key_and_kept_when_they_cannot_be(
    name: str,
) -> None:
    properties = _subscription(name)
    assert properties["destination"]["endpointType"] == "AzureFunction"
    function = properties["destination"]["properties"]["resourceId"]
    assert function.endswith("/sites/func-test/functions/incoming_call")
    assert properties["retryPolicy"] == {"maxDeliveryAttempts": 3, "eventTimeToLiveInMinutes": 1}
    dead_letters = properties["deadLetterWithResourceIdentity"]
    assert dead_letters["identity"] == IDENTITY
    target = dead_letters["deadLetterDestination"]["properties"]
    assert target["resourceId"].endswith("/storageAccounts/sttest")
    assert target["blobContainerName"] in _names("plain", f"{STORAGE}/blobServices/containers")


@pytest.mark.parametrize("name", ["plain", "existing-acs"])
def test_a_new_topic_has_no_region_and_an_identity(name: str) -> None:
    topic = predicted(name).only("Microsoft.EventGrid/systemTopics")
    assert topic.body["location"] == "global"
    assert topic.body["identity"] == IDENTITY


def test_only_incoming_calls_are_asked_for_and_only_to_our_numbers() -> None:
    """`+18005550199, 8:acs:someone,` with the comma that people leave at the end."""
    wanted = _subscription("wiring")["filter"]
    assert wanted["includedEventTypes"] == ["Microsoft.Communication.IncomingCall"]
    (called,) = wanted["advancedFilters"]
    # What may follow a number's raw id, and the plus that carriers leave out, cost no call.
    assert (called["operatorType"], called["key"]) == ("StringBeginsWith", "data.to.rawId")
    assert called["values"] == ["4:+18005550199", "4:18005550199", "8:acs:someone"]
    assert _subscription("wiring-ticket")["filter"]["advancedFilters"] == []


@every_set
def test_telemetry_is_taken_from_identities_alone(name: str) -> None:
    component = predicted(name).only("Microsoft.Insights/components")
    assert component.properties["DisableLocalAuth"] is True
    workspace = predicted(name).only("Microsoft.OperationalInsights/workspaces")
    assert workspace.properties["features"] == {"disableLocalAuth": True}


def test_every_resource_that_can_tells_how_it_is() -> None:
    suffix = f"/providers/{LOGS}/"
    settings = predicted("plain").of(LOGS)
    told = {each.id.partition(suffix)[0].split("/")[-2] for each in settings}
    assert told == {
        "workspaces",
        "tableServices",
        "queueServices",
        "blobServices",
        "webPubSub",
        "accounts",
        "communicationServices",
        "systemTopics",
        "sites",
    }
    workspace = predicted("plain").only("Microsoft.OperationalInsights/workspaces").id
    assert {each.properties["workspaceId"] for each in settings} == {workspace}


@every_set
def test_everything_that_can_have_tags_has_those_of_the_deployment(name: str) -> None:
    tagged = [each for each in predicted(name).resources if "location" in each.body]
    group = predicted(name).only("Microsoft.Resources/resourceGroups")
    assert all(group.body["tags"].items() <= each.body["tags"].items() for each in tagged)
    assert _app(name).body["tags"]["azd-service-name"] == "app"


def test_the_hubs_and_the_subscription_have_one_owner() -> None:
    """Or provisioning again would take the event handler away from a live stream."""
    for name in MAIN:
        assert predicted(name).of(HUBS) + predicted(name).of(SUBSCRIPTIONS) == []
    for name in WIRING:
        made = {each.type for each in predicted(name).resources}
        assert made == {HUBS, SUBSCRIPTIONS}


def test_hubs_are_saved_one_after_the_other() -> None:
    """A prediction has no order: the template says it."""
    live = next(
        each for each in read("wiring").body["resources"] if "'live'" in str(each.get("name"))
    )
    assert any("'stream'" in other for other in live["dependsOn"])
