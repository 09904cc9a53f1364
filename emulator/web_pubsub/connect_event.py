"""The `connect` event: its body, and the response that decides about the client."""

import json

import msgspec
from aiohttp import web
from multidict import MultiMapping

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import Reply
from emulator.web_pubsub.tokens import Claims


class ConnectResponse(msgspec.Struct, rename="camel"):
    """What an upstream can decide about a client; None leaves the value of the token."""

    user_id: str | None = None
    groups: list[str] | None = None
    roles: list[str] | None = None
    subprotocol: str | None = None


def connect_body(
    request: web.Request,
    claims: Claims,
    subprotocols: list[str],
    *,
    forward_authorization: bool = False,
) -> bytes:
    """Return the body of the event."""
    # Without credentials: Microsoft's emulator always removes these two, whose value would let the
    # upstream act as the client. The service does so under conditions that are not documented:
    # https://github.com/Azure/azure-webpubsub/pull/1129
    headers = {
        name: values
        for name, values in _lists(request.headers).items()
        if (forward_authorization or name.lower() != "authorization")
        and not name.lower().startswith("x-asrs-internal-")
    }
    query = {
        name: values
        for name, values in _lists(request.query).items()
        if name.lower() != "access_token"
    }
    body = {
        "claims": {name: _strings(value) for name, value in claims.items()},
        "query": query,
        "headers": headers,
        "subprotocols": subprotocols,
        "clientCertificates": [],
    }
    return json.dumps(body).encode()


def read_response(reply: Reply) -> ConnectResponse:
    """Return the upstream's decisions. Raises msgspec.DecodeError for a malformed body."""
    if not reply.body:
        return ConnectResponse()
    return msgspec.json.decode(reply.body, type=ConnectResponse)


def apply_response(response: ConnectResponse, connection: Connection) -> None:
    """Replace what the token says by what the response says. Raises ValueError."""
    if response.subprotocol and response.subprotocol != connection.subprotocol:
        raise ValueError(f"subprotocol {response.subprotocol} is not the client's")
    connection.user_id = response.user_id or connection.user_id
    # In Microsoft's emulator an empty list of groups changes nothing, one of roles removes them
    # all.
    if response.groups:
        connection.groups = set(response.groups)
    if response.roles is not None:
        connection.roles = set(response.roles)


def _lists(pairs: MultiMapping[str]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name in pairs:
        lists.setdefault(name, pairs.getall(name))
    return lists


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one if isinstance(one, str) else json.dumps(one) for one in values]
