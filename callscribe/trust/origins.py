"""Whose webhook validation is allowed: that of our own Web PubSub."""

import re

# `WebHook-Request-Origin` is a host name, and the setting that it is compared with an address:
# https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
_ORIGIN = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9.-]+)(?::[0-9]{1,5})?/?", re.IGNORECASE | re.ASCII
)


def allowed_origin(origin: str, host: str) -> bool:
    """Tell whether a webhook validation's origin is our own Web PubSub (`host`), on any port."""
    ours = _host_name(host)
    return ours is not None and _host_name(origin) == ours


def _host_name(origin: str) -> str | None:
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return None
    name = match["host"].lower()
    # The local emulator is reached by either name.
    return "localhost" if name == "127.0.0.1" else name
