"""What can be chosen: the same in the template, the parameters file and what azd is given."""

import json
import re

import pytest

from tests.infra.bicep import INFRA, predicted, read, settings_of

DECLARED = read("main").parameters
# There is no right answer for everybody; without one azd asks, and `az` refuses.
NEEDED = {"environmentName", "location", "acsDataLocation"}


def _given() -> dict[str, str]:
    parameters = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
    return {name: each["value"] for name, each in parameters["parameters"].items()}


def test_what_must_be_said_has_no_default() -> None:
    assert {name for name, each in DECLARED.items() if each.default is None} == NEEDED


def test_every_parameter_can_be_set_by_a_variable_and_has_one_default() -> None:
    assert set(_given()) == set(DECLARED)
    for name, value in _given().items():
        match = re.fullmatch(r"\$\{((?:AZURE|CALLSCRIBE)(?:_[A-Z]+)+)(?:=(.*))?\}", value)
        assert match, name
        wanted = DECLARED[name].default
        # azd reads an object's value as JSON, and leaves it out where the variable is not set.
        text = "" if wanted in (None, {}) else json.dumps(wanted).strip('"')
        assert (match[2] or "") == text


def test_an_object_has_no_empty_default_which_would_be_read_as_json() -> None:
    assert _given()["extraSettings"] == "${CALLSCRIBE_EXTRA_SETTINGS}"


def test_azd_may_look_before_there_is_an_audience_but_the_app_is_not_made_without() -> None:
    assert DECLARED["upstreamAudience"].default == ""
    assert "minLength" not in DECLARED["upstreamAudience"].body
    inner = read("main").modules["functionApp"].parameters["upstreamAudience"]
    assert inner.default is None
    assert inner.body["minLength"] == 1
    assert read("wiring").parameters["upstreamAudience"].body["minLength"] == 1


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("alwaysReadyHttp", 2),
        ("alwaysReadyIncomingCall", 1),
        ("extraSettings", {}),
        ("httpConcurrency", 16),
        ("logRetentionDays", 30),
        ("speechKind", "AIServices"),
        ("streamAdmission", "token"),
        ("topicDiagnostics", True),
        ("transcriptionStart", "setup"),
        ("updateStrategy", "Recreate"),
    ],
)
def test_a_default(name: str, default: object) -> None:
    assert DECLARED[name].default == default


def test_only_units_that_web_pubsub_sells_can_be_chosen() -> None:
    assert DECLARED["webPubSubUnits"].body["allowedValues"] == [1, 2, 5, 10, 20, 50, 100]


def test_settings_are_texts_and_nothing_else() -> None:
    settings = DECLARED["extraSettings"].body
    assert (settings["type"], settings["additionalProperties"]) == ("object", {"type": "string"})


def test_every_parameter_has_a_type_that_az_knows() -> None:
    """It reads a value by `type`, and takes one that has only a reference for text."""
    kinds = {name: each.body.get("type") for name, each in DECLARED.items()}
    assert set(kinds.values()) == {"string", "int", "bool", "object"}


def test_what_is_chosen_reaches_the_resources() -> None:
    everything = predicted("everything")
    config = everything.only("Microsoft.Web/sites").properties["functionAppConfig"]
    assert config["siteUpdateStrategy"] == {"type": "RollingUpdate"}
    scale = config["scaleAndConcurrency"]
    assert (scale["maximumInstanceCount"], scale["instanceMemoryMB"]) == (200, 4096)
    assert scale["triggers"] == {"http": {"perInstanceConcurrency": 8}}
    workspace = everything.only("Microsoft.OperationalInsights/workspaces")
    assert workspace.properties["retentionInDays"] == 90
    assert everything.only("Microsoft.CognitiveServices/accounts").body["kind"] == (
        "CognitiveServices"
    )
    assert everything.only("Microsoft.SignalRService/webPubSub").body["sku"]["capacity"] == 20
    acs = everything.only("Microsoft.Communication/communicationServices")
    assert acs.properties == {"dataLocation": "Europe", "disableLocalAuth": False}


def test_an_update_ends_what_runs_unless_the_preview_is_chosen() -> None:
    config = predicted("plain").only("Microsoft.Web/sites").properties["functionAppConfig"]
    assert config["siteUpdateStrategy"] == {"type": "Recreate"}


def test_more_settings_are_added_and_win() -> None:
    settings = settings_of("everything")
    assert settings["LONGEST_CALL_HOURS"] == "12"
    assert settings["TRANSCRIPTION_LOCALE"] == "fr-FR"  # the parameter `locale` says de-DE
    assert "LONGEST_CALL_HOURS" not in settings_of("plain")


def test_transcription_starts_as_it_is_said() -> None:
    starts = [settings_of(name)["TRANSCRIPTION_START"] for name in ("plain", "everything")]
    assert [*starts, settings_of("smallest")["TRANSCRIPTION_START"]] == [
        "setup",
        "connected",
        "manual",
    ]
