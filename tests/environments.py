"""The least that must be set, and what the app says of more and of less."""

import pytest

from callscribe.foundation.errors import NotConfiguredError
from callscribe.settings.settings import Settings, load
from emulator.azurite import connection_string

LEAST = {
    "TranscriptStorage": connection_string(10000),
    "ACS_ENDPOINT": "https://acs.example/",
    "ACS_RESOURCE_ID": "00000000-0000-4000-8000-0000000000ac",
    "COGNITIVE_SERVICES_ENDPOINT": "https://speech.example/",
    "WEBPUBSUB_ENDPOINT": "https://stream.webpubsub.azure.com/",
    "WEBPUBSUB_ACCESS_KEY": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
    "WEBPUBSUB_UPSTREAM_CODE": "an-upstream-code",
    "WEBSITE_HOSTNAME": "callscribe.azurewebsites.net",
}
ADDRESS = "expected an http or https address"


def loaded(**settings: str) -> Settings:
    """Load the least that must be set, with these."""
    return load(LEAST | settings)


def problems_without(*names: str) -> list[str]:
    """Return why the least that must be set is refused without these."""
    with pytest.raises(NotConfiguredError) as refused:
        load({name: value for name, value in LEAST.items() if name not in names})
    return refused.value.problems


def problems_with(**settings: str) -> list[str]:
    """Return why the least that must be set is refused with these."""
    with pytest.raises(NotConfiguredError) as refused:
        loaded(**settings)
    return refused.value.problems
