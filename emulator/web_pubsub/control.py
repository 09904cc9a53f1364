"""The control API: hubs, connections, faults, and a reset."""

import msgspec
from aiohttp import web

from emulator.serving import error, not_emulated
from emulator.web_pubsub.connections import Connections
from emulator.web_pubsub.faults import Fault, Faults
from emulator.web_pubsub.hubs import Hubs, HubSettings, is_hub_name
from emulator.web_pubsub.outbox import ABNORMAL, NORMAL
from emulator.web_pubsub.upstream import Upstream

# RFC 6455, section 7.4: the codes that a close frame may have, and 1006, which it never has.
_CLOSE_CODES = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000), ABNORMAL}


class CloseRequest(msgspec.Struct, forbid_unknown_fields=True):
    """How to close a connection; 1006 cuts it without a close frame, like a broken network."""

    code: int = NORMAL
    reason: str = ""

    def __post_init__(self) -> None:
        if self.code not in _CLOSE_CODES:
            raise ValueError("`code` must be a WebSocket close code")


class ControlApi:
    """The emulator's own operations, which the real service does not have."""

    def __init__(
        self, hubs: Hubs, connections: Connections, upstream: Upstream, faults: Faults
    ) -> None:
        self._hubs = hubs
        self._connections = connections
        self._upstream = upstream
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the operations."""
        hub, faults = "/emulator/hubs/{hub}", "/emulator/faults"
        return [
            web.put(hub, self.put_hub),
            web.get(hub, self.get_hub),
            web.delete(hub, self.delete_hub),
            web.get("/emulator/connections", self.list_connections),
            web.post("/emulator/connections/{connection}/close", self.close_connection),
            web.post(faults, self.add_fault),
            web.get(faults, self.list_faults),
            web.delete(faults, self.delete_faults),
            web.post("/emulator/reset", self.reset),
        ]

    async def put_hub(self, request: web.Request) -> web.Response:
        """Configure a hub."""
        if not is_hub_name(request.match_info["hub"]):
            return error(400, "InvalidHub", "this is not a valid name of a hub")
        try:
            settings = msgspec.json.decode(await request.read(), type=HubSettings)
        except msgspec.DecodeError as problem:
            return error(400, "InvalidHubSettings", str(problem))
        if what := settings.not_emulated():
            return not_emulated(what)
        self._hubs.put(request.match_info["hub"], settings)
        return web.json_response(settings.as_json())

    async def get_hub(self, request: web.Request) -> web.Response:
        """Show a hub's settings."""
        settings = self._hubs.get(request.match_info["hub"])
        if settings is None:
            return error(404, "NotFound", "this hub is not configured")
        return web.json_response(settings.as_json())

    async def delete_hub(self, request: web.Request) -> web.Response:
        """Forget a hub's settings."""
        self._hubs.delete(request.match_info["hub"])
        return web.Response(status=204)

    async def list_connections(self, _request: web.Request) -> web.Response:
        """Show every connection, open, closed and refused, in order of arrival."""
        return web.json_response([one.as_json() for one in self._connections.history()])

    async def close_connection(self, request: web.Request) -> web.Response:
        """Close a connection from the side of the service."""
        try:
            wanted = msgspec.json.decode(await request.read() or b"{}", type=CloseRequest)
        except msgspec.DecodeError as problem:
            return error(400, "InvalidClose", str(problem))
        connection = self._connections.find_open(request.match_info["connection"])
        if connection is None:
            return error(404, "NotFound", "there is no such open connection")
        if wanted.code == ABNORMAL:
            connection.outbox.abort(wanted.reason)
        else:
            connection.close(wanted.code, wanted.reason)
        return web.Response(status=204)

    async def add_fault(self, request: web.Request) -> web.Response:
        """Add a fault."""
        try:
            fault = msgspec.json.decode(await request.read(), type=Fault)
        except msgspec.DecodeError as problem:
            return error(400, "InvalidFault", str(problem))
        self._faults.add(fault)
        return web.json_response(msgspec.to_builtins(fault), status=201)

    async def list_faults(self, _request: web.Request) -> web.Response:
        """Show the pending faults."""
        return web.json_response(msgspec.to_builtins(self._faults.pending()))

    async def delete_faults(self, _request: web.Request) -> web.Response:
        """Delete all faults."""
        self._faults.clear()
        return web.Response(status=204)

    async def reset(self, _request: web.Request) -> web.Response:
        """Close and forget every connection, forget faults and validations; hubs stay."""
        self._connections.forget()
        self._faults.clear()
        self._upstream.forget()
        return web.Response(status=204)
