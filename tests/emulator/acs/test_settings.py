"""The environment becomes settings, or every mistake is named."""

import pytest

from emulator.acs.settings import Settings, SettingsError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environ({}) == Settings()


def test_every_variable_is_read() -> None:
    environ = {
        "ACS_PORT": "9000",
        "ACS_ACCESS_KEY": "a2V5",
        "ACS_RESOURCE_ID": "resource",
        "ACS_RING_SECONDS": "2.5",
        "EVENT_GRID_RETRY_SECONDS": "0.1, 0.2",
        "ACS_OWN_NUMBERS": "+18005550199, +493012345",
        "ACS_REQUIRE_HTTPS": "true",
    }
    assert Settings.from_environ(environ) == Settings(
        port=9000,
        access_key="a2V5",
        resource_id="resource",
        issuer="http://localhost:9000",
        ring_seconds=2.5,
        event_grid_retry_seconds=(0.1, 0.2),
        own_numbers=("+18005550199", "+493012345"),
        require_https=True,
    )


def test_the_issuer_can_be_set() -> None:
    issuer = "https://acscallautomation.communication.azure.com"
    assert Settings.from_environ({"ACS_ISSUER": issuer}).issuer == issuer


def test_an_empty_access_key_turns_the_check_of_signatures_off() -> None:
    assert Settings.from_environ({"ACS_ACCESS_KEY": ""}).access_key is None


def test_all_mistakes_are_named_at_once_and_without_their_values() -> None:
    environ = {
        "ACS_PORT": "65536",
        "ACS_ACCESS_KEY": "not base64",
        "ACS_RING_SECONDS": "inf",
        "EVENT_GRID_RETRY_SECONDS": "1,,2",
        "ACS_OWN_NUMBERS": "+18005550199,,",
        "ACS_REQUIRE_HTTPS": "yes",
    }
    with pytest.raises(SettingsError) as mistake:
        Settings.from_environ(environ)
    message = str(mistake.value)
    assert all(name in message for name in environ)
    assert not any(value in message for value in environ.values())
