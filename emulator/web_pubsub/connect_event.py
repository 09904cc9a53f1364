"""The `connect` event: what the service tells of a client at the door, and the answers to it."""

import json

import msgspec
from aiohttp import web
from multidict import MultiMapping

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import Reply
from emulator.web_pubsub.tokens import Claims


class ConnectAnswer(msgspec.Struct, rename="camel"):
    """What an upstream may decide about a client; None leaves it as it is."""

    user_id: str | None = None
    groups: list[str] | None = None
    roles: list[str] | None = None
    subprotocol: str | None = None


def connect_body(request: web.Request, claims: Claims, subprotocols: list[str]) -> bytes:
    """Return the body of the event, without what would let the upstream act as the client."""
    headers = {
        name: values
        for name, values in _lists(request.headers).items()
        if name.lower() != "authorization" and not name.lower().startswith("x-asrs-internal-")
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


def read_answer(reply: Reply) -> ConnectAnswer:
    """Return the upstream's decisions; raises msgspec.DecodeError for a body that is none."""
    if not reply.body:
        return ConnectAnswer()
    return msgspec.json.decode(reply.body, type=ConnectAnswer)


def apply_answer(answer: ConnectAnswer, connection: Connection) -> None:
    """Let the answer's decisions replace those of the token; raises ValueError."""
    if answer.subprotocol and answer.subprotocol != connection.subprotocol:
        raise ValueError(f"subprotocol {answer.subprotocol} is not the client's")
    connection.user_id = answer.user_id or connection.user_id
    if answer.groups:
        connection.groups = set(answer.groups)
    if answer.roles is not None:
        connection.roles = set(answer.roles)


def _lists(pairs: MultiMapping[str]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name in pairs:
        lists.setdefault(name, pairs.getall(name))
    return lists


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one if isinstance(one, str) else json.dumps(one) for one in values]
