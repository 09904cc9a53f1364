"""Clients of `json.webpubsub.azure.v1`: what they may ask for and what they are told."""

import json
from typing import Any

import aiohttp
import pytest

from .peers import DEADLINE, Emulator, Upstream

PROTOCOL = "json.webpubsub.azure.v1"
ROLES = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"]


class Client:
    """A JSON client after its greeting."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, hello: Any) -> None:
        self.socket = socket
        self.hello = hello

    async def ask(self, **request: Any) -> Any:
        """Send a request and return what comes next."""
        await self.socket.send_json(request)
        return await self.next()

    async def next(self) -> Any:
        return await self.socket.receive_json(timeout=DEADLINE)


async def dial(emulator: Emulator, hub: str = "stream", **claims: Any) -> Client:
    socket = await emulator.dial(hub, protocols=(PROTOCOL,), **claims)
    return Client(socket, await socket.receive_json(timeout=DEADLINE))


async def test_the_greeting_says_who_the_client_is(emulator: Emulator, upstream: Upstream) -> None:
    """The subprotocol is agreed on, and told upstream."""
    client = await dial(emulator, sub="u")
    [connect] = upstream.named("connect")

    assert client.socket.protocol == PROTOCOL
    assert client.hello == {
        "type": "system",
        "event": "connected",
        "userId": "u",
        "connectionId": connect.headers["ce-connectionId"],
    }
    assert connect.headers["ce-subprotocol"] == PROTOCOL


async def test_ping_is_answered_with_pong(emulator: Emulator) -> None:
    client = await dial(emulator)

    assert await client.ask(type="ping") == {"type": "pong"}


@pytest.mark.parametrize(
    ("data_type", "data"), [("json", {"a": [1]}), ("text", "Grüße"), ("binary", "AP8=")]
)
async def test_group_messages_reach_the_group(
    emulator: Emulator, data_type: str, data: object
) -> None:
    """Members get the data as it was sent, with the sender's name; plain members the bare data."""
    sender = await dial(emulator, sub="u", roles=ROLES)
    member = await dial(emulator)
    plain = await emulator.dial(groups=["g"])
    join = {"type": "joinGroup", "group": "g", "ackId": 1}
    assert await sender.ask(**join) == {"type": "ack", "ackId": 1, "success": True}
    raw = {"json": b'{"a":[1]}', "text": "Grüße".encode(), "binary": b"\x00\xff"}[data_type]

    ack = await sender.ask(
        type="sendToGroup", group="g", dataType=data_type, data=data, ackId=2, noEcho=True
    )

    assert ack == {"type": "ack", "ackId": 2, "success": True}
    message = await plain.receive(DEADLINE)
    got = message.data if isinstance(message.data, bytes) else message.data.encode()
    assert json.loads(got) == data if data_type == "json" else got == raw
    echo = await sender.ask(type="sendToGroup", group="g", dataType=data_type, data=data)
    assert echo == {
        "type": "message",
        "from": "group",
        "group": "g",
        "dataType": data_type,
        "data": data,
        "fromUserId": "u",
    }
    assert await member.ask(type="ping") == {"type": "pong"}


async def test_a_group_can_be_left(emulator: Emulator) -> None:
    client = await dial(emulator, roles=ROLES, groups=["g"])
    await client.ask(type="leaveGroup", group="g", ackId=1)
    ack = await client.ask(type="sendToGroup", group="g", dataType="text", data="x", ackId=2)

    assert ack["ackId"] == 2
    assert await client.ask(type="ping") == {"type": "pong"}


@pytest.mark.parametrize("kind", ["joinGroup", "leaveGroup", "sendToGroup"])
async def test_without_the_role_it_is_forbidden(emulator: Emulator, kind: str) -> None:
    """Roles name an action, or an action on one group."""
    action = "sendToGroup" if kind == "sendToGroup" else "joinLeaveGroup"
    client = await dial(emulator, roles=[f"webpubsub.{action}.mine"])
    request = {"type": kind, "dataType": "text", "data": "x"}

    refused = await client.ask(group="other", ackId=1, **request)
    allowed = await client.ask(group="mine", ackId=2, **request)

    assert (refused["success"], refused["error"]["name"]) == (False, "Forbidden")
    assert allowed["success"] is True


async def test_an_ack_id_counts_once(emulator: Emulator) -> None:
    client = await dial(emulator, roles=ROLES)
    await client.ask(type="joinGroup", group="g", ackId=1)

    again = await client.ask(type="joinGroup", group="g", ackId=1)

    assert (again["success"], again["error"]["name"]) == (False, "Duplicate")


async def test_events_go_upstream(emulator: Emulator, upstream: Upstream) -> None:
    """With their name and data type; the answer's body comes back as the server's message."""
    upstream.answer("note", (200, b'{"ok":1}', {"Content-Type": "application/json"}))
    client = await dial(emulator)

    message = await client.ask(type="event", event="note", dataType="json", data={"a": 1}, ackId=7)

    assert message == {"type": "message", "from": "server", "dataType": "json", "data": {"ok": 1}}
    assert await client.next() == {"type": "ack", "ackId": 7, "success": True}
    [note] = upstream.named("note")
    assert note.headers["ce-type"] == "azure.webpubsub.user.note"
    assert note.headers["Content-Type"] == "application/json"
    assert note.json == {"a": 1}


async def test_a_failed_event_is_acknowledged_so_and_ends_the_connection(
    emulator: Emulator, upstream: Upstream
) -> None:
    """The harsher of two documented behaviours: an error ack, a system message, then 1011."""
    upstream.answer("note", (500, b"", {}))
    client = await dial(emulator)

    ack = await client.ask(type="event", event="note", dataType="text", data="x", ackId=7)

    assert (ack["success"], ack["error"]["name"]) == (False, "InternalServerError")
    assert (await client.next())["event"] == "disconnected"
    assert (await client.socket.receive(DEADLINE)).data == 1011


@pytest.mark.parametrize(
    "frame",
    [
        "not JSON",
        '{"type": "dance"}',
        '{"type": "joinGroup"}',
        '{"type": "event", "event": "e", "dataType": "text", "data": 5}',
        '{"type": "event", "event": "e", "dataType": "binary", "data": "?"}',
        b"binary",
    ],
)
async def test_a_frame_that_means_nothing_ends_the_connection(
    emulator: Emulator, frame: str | bytes
) -> None:
    client = await dial(emulator)
    if isinstance(frame, bytes):
        await client.socket.send_bytes(frame)
    else:
        await client.socket.send_str(frame)

    assert (await client.next())["event"] == "disconnected"
    assert (await client.socket.receive(DEADLINE)).data == 1002
