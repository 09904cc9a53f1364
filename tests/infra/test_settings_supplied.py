"""The app's settings in Azure: all that it needs, and no key among them."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from callscribe.settings import settings
from callscribe.settings.settings import load
from tests.infra.bicep import INFRA, read

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
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
}
REFUSED = re.compile(
    r"FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|SCM_DO_BUILD_DURING_DEPLOYMENT"
    r"|ENABLE_ORYX_BUILD|WEBSITE_RUN_FROM_PACKAGE|WEBSITE_CONTENT.*|WEBSITE_TIME_ZONE|TZ"
)
# The host's queue trigger reads it, the app does not.
OF_THE_HOST = {"TranscriptStorage__queueServiceUri"}
GUID = "00000000-0000-4000-8000-000000000001"
# What the expressions behind the settings come to in some deployment.
VALUES = {
    "storage.outputs.name": "stcallscribe",
    "storage.outputs.queueEndpoint": "https://queue.example.com",
    "communication.outputs.endpoint": "https://acs.example.com",
    "communication.outputs.immutableId": GUID,
    "speech.outputs.endpoint": "https://ai.example.com/",
    "webPubSub.outputs.endpoint": "https://wps.example.com",
    "webPubSub.outputs.principalId": GUID,
    "upstreamAudience": GUID,
    "tenant().tenantId": GUID,
    "answerNumbers": "",
}


def _supplied() -> dict[str, Any]:
    return dict(read("main").modules["functionApp"].body["params"]["settings"])


def _platform() -> dict[str, Any]:
    return dict(read("modules/function-app").variables["platformSettings"])


def _known() -> set[str]:
    """Return every name of a setting in settings.py."""
    source = Path(settings.__file__).read_text(encoding="utf-8")
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    names = (text for text in texts if isinstance(text, str))
    known = {name for name in names if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", name)}
    return known | {"TranscriptStorage", "TranscriptStorage__accountName"} | UPSTREAM


def _environment() -> dict[str, str]:
    main = read("main")
    found = {"WEBSITE_HOSTNAME": "app.example.com"}
    for name, value in _supplied().items():
        if value in main.variables:
            found[name] = main.variables[value]
        elif value in main.parameters and value not in VALUES:
            found[name] = main.parameters[value].default
        else:
            found[name] = VALUES[value]
    return found


def test_every_setting_is_supplied_left_alone_or_local() -> None:
    times = {name for name in _known() if name.endswith("_SECONDS")}
    hosts = {"WEBSITE_HOSTNAME"}
    assert set(_supplied()) == (_known() - LOCAL - LEFT_ALONE - times - hosts) | OF_THE_HOST
    assert set(_platform()) == PLATFORM


def test_the_app_starts_with_what_it_gets_and_uses_identities() -> None:
    loaded = load(_environment())
    keys = (loaded.storage_connection, loaded.acs_access_key, loaded.webpubsub_access_keys)
    assert not any(keys)
    assert loaded.callback_base_url == "https://app.example.com"


def test_nothing_is_set_that_flex_consumption_refuses() -> None:
    assert not [name for name in _supplied() | _platform() if REFUSED.fullmatch(name)]


def test_bodies_are_as_long_in_azure_as_locally_and_no_longer_than_two_mebibytes() -> None:
    local = json.loads((INFRA.parent / "local.settings.json.example").read_text(encoding="utf-8"))
    name = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
    assert _platform()[name] == local["Values"][name] == str(2 * 1024 * 1024)


def test_the_apps_and_the_wirings_hubs_are_the_same() -> None:
    main, wiring = read("main"), read("wiring")
    hubs = [hub.body["name"] for hub in wiring.of("Microsoft.SignalRService/webPubSub/hubs")]
    assert hubs == [main.variables["streamHub"], main.variables["liveHub"]]


def test_the_only_connection_string_is_an_address() -> None:
    texts = {name: str(value) for name, value in (_supplied() | _platform()).items()}
    named = [name for name, text in texts.items() if "ConnectionString" in text]
    assert named == ["APPLICATIONINSIGHTS_CONNECTION_STRING"]
    assert texts["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] == "Authorization=AAD"
    component = read("modules/function-app").resources["component"]
    assert component.existing  # an output of its module would count as a secret
    assert not [name for name in texts if re.search(r"KEY|SECRET|PASSWORD|CODE", name)]
