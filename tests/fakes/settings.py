"""Settings for tests, read as the app reads them."""

from callscribe.settings.settings import Settings, load

_USUAL = {
    "TranscriptStorage": "UseDevelopmentStorage=true",
    "ACS_ENDPOINT": "http://127.0.0.1:1",
    "ACS_ACCESS_KEY": "a2V5",
    "ACS_RESOURCE_ID": "resource",
    "COGNITIVE_SERVICES_ENDPOINT": "https://speech.example/",
    "WEBPUBSUB_ENDPOINT": "http://127.0.0.1:2",
    "WEBPUBSUB_ACCESS_KEY": "key",
    "WEBPUBSUB_UPSTREAM_CODE": "code",
    "CALLBACK_BASE_URL": "https://app.example",
}


def settings(**changes: str) -> Settings:
    """Return the app's settings with some of them changed."""
    return load({**_USUAL, **changes})
