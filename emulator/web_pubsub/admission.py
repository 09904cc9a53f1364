"""The admission of clients: the checks before the upgrade, and the `connect` event.

https://learn.microsoft.com/azure/azure-web-pubsub/concept-client-protocols
"""

import asyncio
from http import HTTPStatus

import msgspec
from aiohttp import web

from emulator.serving import error, not_emulated
from emulator.web_pubsub.connect_event import apply_response, connect_body, read_response
from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import SYSTEM_CONTENT, Reply
from emulator.web_pubsub.faults import Faults
from emulator.web_pubsub.hubs import Hubs
from emulator.web_pubsub.messages import JSON_PROTOCOL
from emulator.web_pubsub.tokens import Claims, TokenError, bearer, client_path, verify
from emulator.web_pubsub.upstream import NO_HANDLER, Upstream


class RefusedError(Exception):
    """The handshake of a client is refused with `response`."""

    def __init__(self, response: web.Response, reason: str) -> None:
        super().__init__(reason)
        self.response = response


class Admission:
    """Decides which clients may connect to a hub."""

    def __init__(
        self, access_keys: tuple[str, ...], hubs: Hubs, upstream: Upstream, faults: Faults
    ) -> None:
        self._access_keys = access_keys
        self._hubs = hubs
        self._upstream = upstream
        self._faults = faults

    async def admit(self, request: web.Request, connection: Connection, hub: str) -> None:
        """Admit a client with the identity and rights that its token and the upstream give it.

        Raises RefusedError.
        """
        await self._apply_faults()
        _require_upgrade(request)
        claims = self._claims(request, hub)
        offered = _offered_subprotocols(request)
        connection.subprotocol = _choose_subprotocol(offered)
        connection.user_id = claims.get("sub")
        connection.groups = set(_list(claims, "webpubsub.group"))
        connection.roles = set(_list(claims, "role"))
        await self._raise_connect(connection, connect_body(request, claims, offered))
        if not claims and not connection.user_id:
            reason = "neither a token nor the event handler says who the client is"
            raise RefusedError(error(HTTPStatus.UNAUTHORIZED, "NoUser", reason), reason)

    async def _apply_faults(self) -> None:
        if slow := self._faults.take("connect", "delay"):
            await asyncio.sleep(slow.number)
        if fault := self._faults.take("connect", "status"):
            status = int(fault.number)
            raise RefusedError(error(status, "Fault", "an injected fault"), "an injected fault")

    def _claims(self, request: web.Request, hub: str) -> Claims:
        settings = self._hubs.get(hub)
        anonymous = settings is not None and settings.anonymous_connect == "allow"
        if anonymous and "access_token" not in request.query:
            return {}
        # The query first: ACS sends an Authorization header of its own, which is no token of this
        # service. Microsoft's emulator has this order; that of the service is not documented.
        token = request.query.get("access_token") or bearer(request.headers.get("Authorization"))
        try:
            return verify(token, self._access_keys, request.host, client_path(hub))
        except TokenError as problem:
            response = error(HTTPStatus.UNAUTHORIZED, "Unauthorized", str(problem))
            raise RefusedError(response, str(problem)) from problem

    async def _raise_connect(self, connection: Connection, body: bytes) -> None:
        event = self._upstream.event(connection, "connect", body, SYSTEM_CONTENT, system=True)
        reply = await self._upstream.deliver(connection, event)
        # Without a handler for `connect` the token alone decides.
        if reply is NO_HANDLER:
            return
        if not reply.ok:
            raise _refusal(reply)
        try:
            apply_response(read_response(reply), connection)
        except (msgspec.DecodeError, ValueError) as problem:
            reason = f"the response to the connect event cannot be used: {problem}"
            raise RefusedError(error(500, "InvalidConnectResponse", reason), reason) from problem
        connection.upstream_state = reply.state or ""


def _require_upgrade(request: web.Request) -> None:
    if not web.WebSocketResponse().can_prepare(request):
        reason = "this address takes WebSocket handshakes only"
        raise RefusedError(error(400, "NotWebSocket", reason), reason)
    if "webpubsub_mode" in request.query:
        raise RefusedError(not_emulated("webpubsub_mode"), "webpubsub_mode is not emulated")


def _offered_subprotocols(request: web.Request) -> list[str]:
    lines = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [name.strip() for line in lines for name in line.split(",")]


def _choose_subprotocol(offered: list[str]) -> str | None:
    if not offered:
        return None
    if JSON_PROTOCOL in offered:
        return JSON_PROTOCOL
    what = f"the subprotocol {offered[0]}"
    raise RefusedError(not_emulated(what), f"{what} is not emulated")


def _list(claims: Claims, name: str) -> list[str]:
    value = claims.get(name, [])
    return value if isinstance(value, list) else [value]


def _refusal(reply: Reply) -> RefusedError:
    """Return the refusal with the upstream's status, or with 500 when it gave none."""
    # The client gets the upstream's status; Microsoft's emulator does not forward the body.
    reason = reply.error or f"the event handler answered {reply.status}"
    if reply.status is None or reply.status < HTTPStatus.BAD_REQUEST:
        return RefusedError(error(500, "ConnectEventFailed", reason), reason)
    return RefusedError(error(reply.status, "ConnectEventRefused", reason), reason)
