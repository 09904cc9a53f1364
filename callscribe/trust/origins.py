"""Whose webhook validation is allowed: that of our own Web PubSub."""

import re

# `WebHook-Request-Origin` is a host name, and the setting that it is compared with an address:
# https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
_ORIGIN = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9.-]+)(?::[0-9]{1,5})?/?", re.IGNORECASE | re.ASCII
)


def allowed_origin(origins: str, host: str) -> str | None:
    """Return the origin of a webhook validation that is our own Web PubSub (`host`), on any port.

    A Web PubSub with a replica or a custom domain names several in one header, with commas between
    them: https://github.com/Azure/azure-webpubsub/issues/598. None where none of them is ours.
    """
    ours = _host_name(host)
    named = (origin.strip(" \t") for origin in origins.split(","))
    return next((each for each in named if ours is not None and _host_name(each) == ours), None)


def _host_name(origin: str) -> str | None:
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return None
    name = match["host"].lower()
    # The local emulator is reached by either name.
    return "localhost" if name == "127.0.0.1" else name
