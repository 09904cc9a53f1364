"""The REST data plane, as the official SDKs call it (api-version 2024-12-01).

https://learn.microsoft.com/rest/api/webpubsub/dataplane/web-pub-sub
"""

import asyncio

from aiohttp import web

from emulator.serving import Handler, error, not_emulated
from emulator.web_pubsub.connections import Connection, Connections
from emulator.web_pubsub.faults import Faults
from emulator.web_pubsub.hubs import is_hub_name
from emulator.web_pubsub.messages import Message, data_type_of
from emulator.web_pubsub.outbox import NORMAL
from emulator.web_pubsub.tokens import TokenError, bearer, client_token, verify

_HUB = "/api/hubs/{hub:[^/]+}"
_CONNECTION = _HUB + "/connections/{connection:[^/]+}"
_GROUP = _HUB + "/groups/{group:[^/]+}"
_USER = _HUB + "/users/{user:[^/]+}"
_MEMBER = _HUB + "/groups/{joined:[^/]+}/connections/{connection:[^/]+}"
_MEMBERSHIP = _USER + "/groups/{joined:[^/]+}"
_PERMISSION = _HUB + (
    "/permissions/{permission:sendToGroup|joinLeaveGroup}/connections/{connection:[^/]+}"
)


class RestApi:
    """The operations of servers on the clients of a hub."""

    def __init__(
        self, access_keys: tuple[str, ...], connections: Connections, faults: Faults
    ) -> None:
        self._access_keys = access_keys
        self._connections = connections
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; each operation is preceded by a check of the caller's token."""
        everyone = (_HUB, _GROUP, _USER)
        table: list[tuple[str, str, Handler]] = [
            ("POST", _HUB + "/:generateToken", self.generate_token),
            *(("POST", target + "/:send", self.send) for target in (*everyone, _CONNECTION)),
            *(("POST", target + "/:closeConnections", self.close) for target in everyone),
            ("DELETE", _CONNECTION, self.close),
            *(("HEAD", target, self.exists) for target in (_CONNECTION, _GROUP, _USER)),
            ("GET", _GROUP + "/connections", self.list_connections),
            *(("PUT", target, self.join) for target in (_MEMBER, _MEMBERSHIP)),
            *(("DELETE", target, self.leave) for target in (_MEMBER, _MEMBERSHIP)),
            *(("DELETE", one + "/groups", self.leave_all) for one in (_CONNECTION, _USER)),
            ("PUT", _PERMISSION, self.grant),
            ("DELETE", _PERMISSION, self.revoke),
            ("HEAD", _PERMISSION, self.check_permission),
        ]
        routes = [
            web.route(method, path, self._guarded(handler)) for method, path, handler in table
        ]
        return [*routes, web.route("*", "/api/hubs/{rest:.*}", _unknown)]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            token = bearer(request.headers.get("Authorization"))
            try:
                # Unlike for clients, the audience is the whole address with its query.
                verify(token, self._access_keys, request.host, request.raw_path)
            except TokenError as problem:
                return error(401, "Unauthorized", str(problem))
            if not is_hub_name(request.match_info["hub"]):
                return error(400, "InvalidHub", "this is not a valid name of a hub")
            return await handler(request)

        return guarded

    async def generate_token(self, request: web.Request) -> web.Response:
        """Return a client's token."""
        query = request.query
        if query.get("clientType", "Default").lower() != "default":
            return not_emulated(f"clientType {query['clientType']}")
        minutes = query.get("minutesToExpire", "60")
        if not (minutes.isascii() and minutes.isdigit() and int(minutes) > 0):
            return error(400, "InvalidArgument", "minutesToExpire must be a number from 1")
        claims: dict[str, object] = {}
        if "userId" in query:
            claims["sub"] = query["userId"]
        for parameter, claim in (("role", "role"), ("group", "webpubsub.group")):
            if parameter in query:
                claims[claim] = query.getall(parameter)
        hub = request.match_info["hub"]
        token = client_token(self._access_keys[0], request.host, hub, int(minutes), claims)
        return web.json_response({"token": token})

    async def send(self, request: web.Request) -> web.Response:
        """Send a message."""
        if slow := self._faults.take("send", "delay"):
            await asyncio.sleep(slow.number)
        if fault := self._faults.take("send", "status"):
            return error(int(fault.number), "Fault", "an injected fault")
        if "filter" in request.query:
            return not_emulated("filter")
        message = await _read_message(request)
        if message is None:
            return error(400, "InvalidBody", "the body does not have the type of its Content-Type")
        twice = self._faults.take("send", "deliverTwice")
        # A target that does not exist is no error, as in Microsoft's emulator.
        for target in self._targets(request) * (2 if twice else 1):
            target.send(message)
        if self._faults.take("send", "loseReply") and request.transport is not None:
            request.transport.abort()
        return web.Response(status=202)

    async def close(self, request: web.Request) -> web.Response:
        """Close connections."""
        for target in self._targets(request):
            target.close(NORMAL, request.query.get("reason", ""))
        return web.Response(status=204)

    async def exists(self, request: web.Request) -> web.Response:
        """Tell whether there is any such connection."""
        return web.Response(status=200 if self._targets(request) else 404)

    async def list_connections(self, request: web.Request) -> web.Response:
        """Return a group's members on one page."""
        members = self._targets(request)
        top = request.query.get("top", "")
        shown = members[: int(top)] if top.isascii() and top.isdigit() else members
        page = [{"connectionId": one.id, "userId": one.user_id} for one in shown]
        return web.json_response({"value": page})

    async def join(self, request: web.Request) -> web.Response:
        """Put a connection, or all of a user's, into a group."""
        targets = self._targets(request)
        if not targets and "connection" in request.match_info:
            return error(404, "NotFound", "there is no such connection")
        for target in targets:
            target.groups.add(request.match_info["joined"])
        return web.Response(status=200)

    async def leave(self, request: web.Request) -> web.Response:
        """Take a connection, or all of a user's, out of a group."""
        for target in self._targets(request):
            target.groups.discard(request.match_info["joined"])
        return web.Response(status=204)

    async def leave_all(self, request: web.Request) -> web.Response:
        """Take a connection, or all of a user's, out of every group."""
        for target in self._targets(request):
            target.groups.clear()
        return web.Response(status=204)

    async def grant(self, request: web.Request) -> web.Response:
        """Give a connection a role."""
        targets = self._targets(request)
        for target in targets:
            target.roles.add(_role(request))
        return web.Response(status=200 if targets else 404)

    async def revoke(self, request: web.Request) -> web.Response:
        """Take a role from a connection."""
        for target in self._targets(request):
            target.roles.discard(_role(request))
        return web.Response(status=204)

    async def check_permission(self, request: web.Request) -> web.Response:
        """Tell whether a connection has a role."""
        held = any(_role(request) in target.roles for target in self._targets(request))
        return web.Response(status=200 if held else 404)

    def _targets(self, request: web.Request) -> list[Connection]:
        """Return the open connections that the address names, without the excluded ones."""
        address, connections = request.match_info, self._connections
        found = connections.in_hub(address["hub"])
        if "connection" in address:
            found = [one for one in found if one.id == address["connection"]]
        elif "group" in address:
            found = connections.in_group(address["hub"], address["group"])
        elif "user" in address:
            found = connections.of_user(address["hub"], address["user"])
        excluded = request.query.getall("excluded", [])
        return [one for one in found if one.id not in excluded]


async def _read_message(request: web.Request) -> Message | None:
    """Return the message in the body, None if it does not have the type of its Content-Type."""
    data_type = data_type_of(request.headers.get("Content-Type", ""))
    if data_type is None:
        return None
    message = Message(data_type, await request.read(), request.match_info.get("group"))
    return message if message.is_valid() else None


def _role(request: web.Request) -> str:
    role = f"webpubsub.{request.match_info['permission']}"
    group = request.query.get("targetName")
    return f"{role}.{group}" if group else role


async def _unknown(request: web.Request) -> web.Response:
    return not_emulated(f"{request.method} {request.path}")
