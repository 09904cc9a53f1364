"""Settings come from the environment, and what is wrong there is said by name."""

import json
from pathlib import Path

import pytest

from emulator.web_pubsub.server import Settings


def test_the_defaults_are_those_of_microsofts_emulator() -> None:
    settings = Settings.from_environ({})

    assert settings.port == 8080
    assert settings.access_keys == ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",)
    assert settings.retry_delays == (1, 3, 5)
    assert settings.upstream_timeout == 100


def test_port_and_keys_can_be_chosen() -> None:
    settings = Settings.from_environ(
        {
            "WEBPUBSUB_PORT": "9000",
            "WEBPUBSUB_ACCESS_KEY": "one",
            "WEBPUBSUB_SECONDARY_KEY": "two",
        }
    )

    assert (settings.port, settings.access_keys) == (9000, ("one", "two"))


def test_the_authorization_of_others_is_ignored_unless_said_otherwise() -> None:
    """The variables are for hubs that do not say it themselves."""
    assert Settings.from_environ({}).foreign_authorization == "ignored"
    assert not Settings.from_environ({}).forward_authorization
    chosen = Settings.from_environ(
        {"WEBPUBSUB_FOREIGN_AUTHORIZATION": "refused", "WEBPUBSUB_FORWARD_AUTHORIZATION": "true"}
    )

    assert (chosen.foreign_authorization, chosen.forward_authorization) == ("refused", True)


@pytest.mark.parametrize(
    "name", ["WEBPUBSUB_FOREIGN_AUTHORIZATION", "WEBPUBSUB_FORWARD_AUTHORIZATION"]
)
def test_a_choice_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be one of"):
        Settings.from_environ({name: "perhaps"})


def test_hubs_come_from_microsofts_configuration_file(tmp_path: Path) -> None:
    """Other sections of the file are somebody else's."""
    handler = {"UrlTemplate": "http://localhost:7071/{event}", "EventPattern": "*"}
    document = {
        "Logging": {},
        "WebPubSub": {"Hubs": {"Chat": {"EventHandlers": [handler]}}},
    }
    path = tmp_path / "appsettings.json"
    path.write_text(json.dumps(document))

    settings = Settings.from_environ({"WEBPUBSUB_CONFIG": str(path)})

    assert settings.hubs["Chat"].event_handlers[0].url("chat", "message").endswith("/message")


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "{}",
        '{"WebPubSub": {"Hubs": {"1st": {}}}}',
        '{"WebPubSub": {"Hubs": {"chat": {"EventListeners": [{}]}}}}',
        '{"WebPubSub": {"Hubs": {"chat": {"EventHandlers": [{"UrlTemplate": "x"}]}}}}',
        None,
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, document: str | None) -> None:
    """Malformed, or missing."""
    path = tmp_path / "appsettings.json"
    if document is not None:
        path.write_text(document)

    with pytest.raises(ValueError, match="WEBPUBSUB_CONFIG"):
        Settings.from_environ({"WEBPUBSUB_CONFIG": str(path)})


@pytest.mark.parametrize("port", ["x", "-1", "65536", "٣"])
def test_a_wrong_port_is_named(port: str) -> None:
    with pytest.raises(ValueError, match="WEBPUBSUB_PORT"):
        Settings.from_environ({"WEBPUBSUB_PORT": port})
