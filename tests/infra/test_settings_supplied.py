"""The app's settings in Azure: all that it needs, and no key among them."""

import ast
import json
import re
from pathlib import Path

import pytest

from callscribe.settings import settings
from callscribe.settings.settings import load
from tests.infra.bicep import INFRA, MAIN, predicted, read, settings_of

# Keys: for the local stack only.
LOCAL = {"TranscriptStorage", "ACS_ACCESS_KEY", "WEBPUBSUB_ACCESS_KEY", "WEBPUBSUB_UPSTREAM_CODE"}
# Their defaults are right for Azure; `extraSettings` changes them, and the times.
LEFT_ALONE = {
    "ACS_ISSUER",
    "ACS_JWKS_URL",
    "CALLBACK_BASE_URL",
    "CALLER_ID",
    "DIAL_ALLOW",
    "DIAL_AT_ONCE",
    "LONGEST_CALL_HOURS",
    "PUBLIC_BASE_URL",
    "SPEECH_MODEL_ENDPOINT_ID",
    "TRANSCRIPTION_INTERMEDIATE",
    "WEBPUBSUB_STREAM_HOST",
    "WEBPUBSUB_UPSTREAM_ISSUER",
    "WEBPUBSUB_UPSTREAM_JWKS_URL",
}
UPSTREAM = {
    "WEBPUBSUB_UPSTREAM_AUDIENCE",
    "WEBPUBSUB_UPSTREAM_TENANT",
    "WEBPUBSUB_UPSTREAM_OBJECT_ID",
}
PLATFORM = {
    "AzureWebJobsStorage__accountName",
    "TranscriptStorage__queueServiceUri",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
}
REFUSED = re.compile(
    r"FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|SCM_DO_BUILD_DURING_DEPLOYMENT"
    r"|ENABLE_ORYX_BUILD|WEBSITE_RUN_FROM_PACKAGE|WEBSITE_CONTENT.*|WEBSITE_TIME_ZONE|TZ"
)
GUID = "00000000-0000-4000-8000-000000000001"
# What only Azure knows, as it may be in some deployment.
KNOWN_TO_AZURE = {
    "ACS_ENDPOINT": "https://acs.example.com",
    "ACS_RESOURCE_ID": GUID,
    "COGNITIVE_SERVICES_ENDPOINT": "https://ai.example.com/",
    "WEBPUBSUB_ENDPOINT": "https://wps.example.com",
    "WEBPUBSUB_UPSTREAM_OBJECT_ID": GUID,
}
every_set = pytest.mark.parametrize("name", MAIN)


def _known() -> set[str]:
    """Return every name of a setting in settings.py."""
    source = Path(settings.__file__).read_text(encoding="utf-8")
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    names = (text for text in texts if isinstance(text, str))
    known = {name for name in names if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", name)}
    return known | {"TranscriptStorage", "TranscriptStorage__accountName"} | UPSTREAM


def _environment(name: str) -> dict[str, str]:
    return {"WEBSITE_HOSTNAME": "app.example.com", **settings_of(name), **KNOWN_TO_AZURE}


def test_every_setting_is_supplied_left_alone_or_local() -> None:
    times = {name for name in _known() if name.endswith("_SECONDS")}
    hosts = {"WEBSITE_HOSTNAME"}
    assert set(settings_of("plain")) == _known() - LOCAL - LEFT_ALONE - times - hosts | PLATFORM


def test_what_only_azure_knows_is_asked_of_the_right_resource() -> None:
    asked = {name: text for name, text in settings_of("plain").items() if text.startswith("[")}
    found = {
        name: (re.findall(r"/(\w+)/[\w-]+'", text)[0], re.findall(r"\)\.([\w.]+)\)?\]", text)[0])
        for name, text in asked.items()
    }
    assert found == {
        "ACS_ENDPOINT": ("communicationServices", "hostName"),
        "ACS_RESOURCE_ID": ("communicationServices", "immutableResourceId"),
        "COGNITIVE_SERVICES_ENDPOINT": ("accounts", "endpoint"),
        "WEBPUBSUB_ENDPOINT": ("webPubSub", "hostName"),
        "WEBPUBSUB_UPSTREAM_OBJECT_ID": ("webPubSub", "identity.principalId"),
        "APPLICATIONINSIGHTS_CONNECTION_STRING": ("components", "ConnectionString"),
        "TranscriptStorage__queueServiceUri": ("storageAccounts", "primaryEndpoints.queue"),
    }


@every_set
def test_the_app_starts_with_what_it_gets_and_uses_identities(name: str) -> None:
    loaded = load(_environment(name))
    keys = (loaded.storage_connection, loaded.acs_access_key, loaded.webpubsub_access_keys)
    assert not any(keys)
    assert loaded.callback_base_url == "https://app.example.com"


def test_the_queue_trigger_has_an_address_beside_the_accounts_name() -> None:
    settings = settings_of("plain")
    account = predicted("plain").only("Microsoft.Storage/storageAccounts").name
    assert settings["TranscriptStorage__accountName"] == account
    assert f"/storageAccounts/{account}'" in settings["TranscriptStorage__queueServiceUri"]


@every_set
def test_nothing_is_set_that_flex_consumption_refuses(name: str) -> None:
    assert not [setting for setting in settings_of(name) if REFUSED.fullmatch(setting)]


def test_bodies_are_as_long_in_azure_as_locally_and_no_longer_than_two_mebibytes() -> None:
    local = json.loads((INFRA.parent / "local.settings.json.example").read_text(encoding="utf-8"))
    name = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
    assert settings_of("plain")[name] == local["Values"][name] == str(2 * 1024 * 1024)


def test_the_apps_and_the_wirings_hubs_are_the_same() -> None:
    hubs = predicted("wiring").of("Microsoft.SignalRService/webPubSub/hubs")
    settings = settings_of("plain")
    named = [settings["WEBPUBSUB_STREAM_HUB"], settings["WEBPUBSUB_LIVE_HUB"]]
    assert [hub.name for hub in hubs] == named


def test_the_app_and_the_hub_let_streams_in_by_the_same_parameter() -> None:
    for name, way in (("plain", "token"), ("ticket", "ticket")):
        assert settings_of(name)["WEBPUBSUB_STREAM_ADMISSION"] == way
        assert predicted(name).outputs["AZURE_STREAM_ADMISSION"] == way
    # Without a default: it is always what the app was given.
    main, wiring = (read(name).parameters["streamAdmission"] for name in ("main", "wiring"))
    assert (main.default, wiring.default) == ("token", None)
    assert main.body["allowedValues"] == wiring.body["allowedValues"] == ["token", "ticket"]


@every_set
def test_the_only_connection_string_is_an_address(name: str) -> None:
    settings = settings_of(name)
    named = [each for each, text in settings.items() if "ConnectionString" in text]
    assert named == ["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    assert settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] == "Authorization=AAD"
    assert not [each for each in settings if re.search(r"KEY|SECRET|PASSWORD|CODE", each)]
