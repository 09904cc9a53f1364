"""The baseline: what every resource must say about itself, and what it must not."""

import re
from typing import Any

import pytest

from tests.infra.bicep import Declaration, File, leaves, read, read_all

SITES = "Microsoft.Web/sites"
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
SECRET = re.compile(
    r"\blist[A-Z]\w*\(|accountkey|accesskey|connectionstring|sharedaccess|password", re.IGNORECASE
)


def _app() -> Declaration:
    return read("modules/function-app").only(SITES)


def _subscription() -> dict[str, Any]:
    type_ = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
    return read("modules/event-subscription").only(type_).properties


def test_storage_takes_identities_alone_and_tls() -> None:
    account = read("modules/storage").only("Microsoft.Storage/storageAccounts")
    wanted = {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
    }
    assert wanted.items() <= account.properties.items()
    # Deny comes with the private network: without one the app could not reach its own storage.
    assert account.properties["networkAcls"] == {
        "defaultAction": "Allow",
        "bypass": "AzureServices",
    }


def test_storage_has_what_the_app_reads_and_writes() -> None:
    storage = read("modules/storage")
    assert storage.resources["tables"].each == [
        "Calls",
        "ActiveCalls",
        "Transcripts",
        "Participants",
        "Labels",
        "Routes",
        "Requests",
    ]
    assert storage.resources["queues"].each == ["jobs", "jobs-poison"]
    assert storage.variables == {
        "deploymentContainer": "deployment",
        "deadLetterContainer": "dead-letters",
    }
    containers = storage.resources["containers"]
    assert containers.properties == {"publicAccess": "None"}
    (rule,) = storage.resources["upkeep"].properties["policy"]["rules"]
    assert "deadLetterContainer" in rule["definition"]["filters"]["prefixMatch"][0]


def test_the_app_is_reached_by_https_and_is_somebody() -> None:
    app = _app()
    assert app.body["identity"] == {"type": "SystemAssigned"}
    assert app.properties["httpsOnly"] is True
    assert app.properties["siteConfig"] == {
        "minTlsVersion": "1.2",
        "http20Enabled": True,
        "remoteDebuggingEnabled": False,
    }
    resources = read("modules/function-app").resources
    policies = resources["noPasswordsByFtp"], resources["noPasswordsByScm"]
    assert [policy.body["name"] for policy in policies] == ["ftp", "scm"]
    assert [policy.properties for policy in policies] == [{"allow": False}] * 2


def test_the_app_has_nothing_that_flex_consumption_refuses() -> None:
    assert not REFUSED_ON_FLEX & set(leaves(_app().body))
    plan = read("modules/function-app").only("Microsoft.Web/serverfarms")
    assert plan.body["sku"] == {"name": "FC1", "tier": "FlexConsumption"}


def test_the_app_runs_on_the_python_of_this_project() -> None:
    config = _app().properties["functionAppConfig"]
    assert config["runtime"] == {"name": "python", "version": "3.13"}
    storage = config["deployment"]["storage"]
    assert storage["authentication"] == {"type": "SystemAssignedIdentity"}


def test_the_app_serves_more_than_one_request_at_a_time_and_is_warm() -> None:
    file, main = read("modules/function-app"), read("main").parameters
    scale = _app().properties["functionAppConfig"]["scaleAndConcurrency"]
    assert scale["triggers"] == {"http": {"perInstanceConcurrency": "httpConcurrency"}}
    assert main["httpConcurrency"].default == 16
    assert (main["alwaysReadyHttp"].default, main["alwaysReadyIncomingCall"].default) == (1, 1)
    assert "[httpReady]" in scale["alwaysReady"]
    assert "[callReady]" in scale["alwaysReady"]
    assert file.variables["httpReady"]["name"] == "http"
    assert file.variables["callReady"]["name"] == "function:incoming_call"
    assert file.variables["leastReady"] == "zoneRedundant ? 2 : 1"


def test_web_pubsub_has_an_identity_an_sla_and_no_keys() -> None:
    service = read("modules/web-pubsub").only("Microsoft.SignalRService/webPubSub")
    assert service.body["identity"] == {"type": "SystemAssigned"}
    assert service.body["sku"]["tier"] == "Standard"
    assert service.properties["disableLocalAuth"] is True


def test_only_a_stream_by_ticket_connects_without_a_token_and_then_the_app_is_asked() -> None:
    hubs = read("wiring").of("Microsoft.SignalRService/webPubSub/hubs")
    policies = [hub.properties["anonymousConnectPolicy"] for hub in hubs]
    assert policies == ["streamAdmission == 'ticket' ? 'allow' : 'deny'", "deny"]
    stream, live = (hub.properties.get("eventHandlers", []) for hub in hubs)
    assert not live
    (handler,) = stream
    assert handler["auth"] == {
        "type": "ManagedIdentity",
        "managedIdentity": {"resource": "upstreamAudience"},
    }
    assert handler["systemEvents"] == ["connect", "connected", "disconnected"]
    assert handler["userEventPattern"] == "*"
    assert handler["urlTemplate"].endswith("/api/stream'")


def test_the_app_and_the_hub_let_streams_in_by_the_same_parameter() -> None:
    main, wiring = read("main"), read("wiring")
    settings = main.modules["functionApp"].body["params"]["settings"]
    assert settings["WEBPUBSUB_STREAM_ADMISSION"] == "streamAdmission"
    assert main.outputs["AZURE_STREAM_ADMISSION"] == "streamAdmission"
    assert main.parameters["streamAdmission"].default == "token"
    # Without a default: it is always what the app was given.
    assert wiring.parameters["streamAdmission"].default is None
    allowed = {each.parameters["streamAdmission"].decorators[-1] for each in (main, wiring)}
    assert allowed == {"allowed(['token', 'ticket'])"}


def test_no_log_has_the_addresses_of_streams_and_viewers() -> None:
    (setting,) = read("modules/web-pubsub").of("Microsoft.Insights/diagnosticSettings")
    (log,) = setting.properties["logs"]
    assert log["category"] == "ConnectivityLogs"


def test_communication_services_has_an_identity_and_may_refuse_keys() -> None:
    service = read("modules/communication").only("Microsoft.Communication/communicationServices")
    assert service.body["identity"] == {"type": "SystemAssigned"}
    assert service.properties["disableLocalAuth"] == "disableLocalAuth"


def test_an_existing_communication_services_resource_is_not_modified() -> None:
    main = read("main")
    assert main.modules["newCommunication"].condition == "(empty(existingAcsId))"
    assert main.modules["newTopic"].condition == "(empty(existingTopicId))"
    for name in ("modules/communication-facts", "modules/topic-facts"):
        assert all(each.existing for each in read(name).resources.values())


def test_speech_has_a_domain_of_its_own_and_no_keys() -> None:
    account = read("modules/speech").only("Microsoft.CognitiveServices/accounts")
    assert account.properties["customSubDomainName"] == "name"
    assert account.properties["disableLocalAuth"] is True


def test_incoming_calls_are_delivered_without_a_key_and_kept_when_they_cannot_be() -> None:
    properties = _subscription()
    assert properties["destination"]["endpointType"] == "AzureFunction"
    assert properties["destination"]["properties"]["resourceId"] == "functionId"
    wired = read("wiring").modules["incomingCalls"].body["params"]["functionId"]
    assert wired.endswith("/functions/incoming_call'")
    assert properties["retryPolicy"] == {"maxDeliveryAttempts": 3, "eventTimeToLiveInMinutes": 1}
    dead_letters = properties["deadLetterWithResourceIdentity"]
    assert dead_letters["identity"] == {"type": "SystemAssigned"}
    container = dead_letters["deadLetterDestination"]["properties"]["blobContainerName"]
    assert container == read("modules/storage").variables["deadLetterContainer"]
    topic = read("modules/topic").only("Microsoft.EventGrid/systemTopics")
    assert topic.body["location"] == "global"
    assert topic.body["identity"] == {"type": "SystemAssigned"}


def test_only_incoming_calls_are_asked_for_and_only_to_our_numbers() -> None:
    wanted = _subscription()["filter"]
    assert wanted["includedEventTypes"] == ["Microsoft.Communication.IncomingCall"]
    assert wanted["advancedFilters"].startswith("canFilter ?")
    assert "'data.to.rawId'" in wanted["advancedFilters"]
    # What may follow a number's raw id, and the plus that carriers leave out, cost no call.
    assert "'StringBeginsWith'" in wanted["advancedFilters"]
    assert "[id, replace(id, '4:+', '4:')]" in read("wiring").variables["calledIds"]


def test_telemetry_is_taken_from_identities_alone() -> None:
    monitoring = read("modules/monitoring")
    assert monitoring.only("Microsoft.Insights/components").properties["DisableLocalAuth"] is True
    workspace = monitoring.only("Microsoft.OperationalInsights/workspaces")
    assert workspace.properties["features"] == {"disableLocalAuth": True}


@pytest.mark.parametrize(
    "name",
    ["monitoring", "web-pubsub", "speech", "communication", "topic", "function-app"],
)
def test_every_resource_that_can_tells_how_it_is(name: str) -> None:
    (setting,) = read(f"modules/{name}").of("Microsoft.Insights/diagnosticSettings")
    target = read(f"modules/{name}").resources[setting.body["scope"]]
    assert target.type.count("/") == 1
    assert setting.properties["workspaceId"]


def test_every_storage_service_tells_how_it_is() -> None:
    settings = read("modules/storage").of("Microsoft.Insights/diagnosticSettings")
    assert {each.body["scope"] for each in settings} == {"tableService", "queueService", "blobs"}


@pytest.mark.parametrize("file", read_all().values(), ids=read_all())
def test_no_secret_leaves_a_file(file: File) -> None:
    for name, value in file.outputs.items():
        assert not SECRET.search(f"{name} {value}")
    assert not re.search(r"\blist[A-Z]\w*\(", file.path.read_text(encoding="utf-8"))


def test_the_hubs_and_the_subscription_have_one_owner() -> None:
    late = ("Microsoft.SignalRService/webPubSub/hubs", "eventSubscriptions")
    owners = {
        name
        for name, file in read_all().items()
        for each in file.resources.values()
        if each.type.endswith(late)
    }
    assert owners == {"wiring", "modules/event-subscription"}
    used = [module.kind for module in read("main").modules.values()]
    assert "modules/event-subscription.bicep" not in used
