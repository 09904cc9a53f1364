"""By what a client proves itself: a token in its address, one in a header, or by nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from emulator.web_pubsub.hubs import ForeignAuthorization, HubSettings
from emulator.web_pubsub.tokens import Claims, TokenError, bearer, client_path, verify


@dataclass(frozen=True, slots=True)
class Credentials:
    """The claims that count; none of an anonymous client."""

    claims: Claims = field(default_factory=dict)
    anonymous: bool = False
    # Whether the Authorization header holds something that this service did not issue.
    foreign: bool = False


def credentials(
    request: web.Request, hub: str, settings: HubSettings, keys: Iterable[str]
) -> Credentials:
    """Return the credentials of a client's handshake. Raises TokenError."""
    query = request.query.get("access_token")
    header = bearer(request.headers.get("Authorization"))
    own = _claims(header, request, hub, keys)
    foreign = header is not None and own is None
    if foreign and settings.foreign_authorization is ForeignAuthorization.REFUSED_ALWAYS:
        raise TokenError("the Authorization header holds no token of this service")
    # ACS sends an Authorization header of its own. Microsoft's emulator of Web PubSub looks at the
    # query first, its emulator of SignalR at the header; what the service does is not documented.
    query_counts = settings.foreign_authorization is ForeignAuthorization.IGNORED
    if query and (query_counts or header is None):
        return Credentials(verify(query, keys, request.host, client_path(hub)), foreign=foreign)
    if own is not None:
        return Credentials(own)
    if settings.allows_anonymous:
        return Credentials(anonymous=True, foreign=foreign)
    # Says what is wrong with the token that counted.
    return Credentials(verify(header, keys, request.host, client_path(hub)))


def _claims(
    token: str | None, request: web.Request, hub: str, keys: Iterable[str]
) -> Claims | None:
    try:
        return verify(token, keys, request.host, client_path(hub))
    except TokenError:
        return None
