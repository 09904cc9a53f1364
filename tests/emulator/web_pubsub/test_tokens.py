"""The signature of events, against a published vector."""

from emulator.web_pubsub.tokens import signature

from .peers import KEY


def test_the_signature_is_the_services() -> None:
    """HMAC-SHA256 over the connection id with the key's characters, not what they might decode to.

    https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
    """
    assert signature([KEY], "0f8e2c5d1a3b4c6d8e9f0a1b2c3d4e5f") == (
        "sha256=61e775fdf7942ae43335e17b6dc6ea4eee87c982049bd66532f01e154fc4e689"
    )
