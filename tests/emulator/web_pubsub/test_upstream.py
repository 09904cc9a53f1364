"""Events as they are posted: headers, numbers, order, and what travels with a connection."""

import asyncio
import hashlib
import hmac
import re

from aiohttp import web

from .peers import KEY, Emulator, Received, Upstream, emulator_server

SECOND_KEY = "second-key-0123456789-second-key-0123456789"


async def test_every_event_carries_the_headers_of_the_protocol(
    emulator: Emulator, upstream: Upstream
) -> None:
    client = await emulator.dial(sub="4:+14255550111")
    await client.send_str("x")
    [message] = await upstream.got("message")

    headers = message.headers
    connection_id = headers["ce-connectionId"]
    assert headers["WebHook-Request-Origin"] == "127.0.0.1"
    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-awpsversion"] == "1.0"
    assert headers["ce-type"] == "azure.webpubsub.user.message"
    assert headers["ce-source"] == f"/hubs/stream/client/{connection_id}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", headers["ce-time"])
    assert headers["ce-hub"] == "stream"
    assert headers["ce-eventName"] == "message"
    assert headers["ce-userId"] == "4:+14255550111"
    assert "ce-subprotocol" not in headers
    assert "ce-connectionState" not in headers
    assert message.path == "/stream/message"


async def test_system_events_are_json(emulator: Emulator, upstream: Upstream) -> None:
    client = await emulator.dial()
    await client.close()
    await upstream.got("disconnected")
    await upstream.got("connected")

    system = [one for one in upstream.events if one.name != "message"]
    assert {one.headers["Content-Type"] for one in system} == {"application/json; charset=utf-8"}
    assert {one.headers["ce-type"] for one in system} == {
        "azure.webpubsub.sys.connect",
        "azure.webpubsub.sys.connected",
        "azure.webpubsub.sys.disconnected",
    }
    assert upstream.named("connected")[0].body == b"{}"


async def test_the_signature_is_made_with_every_key(upstream: Upstream) -> None:
    """HMAC-SHA256 of the connection id with the key's own characters, lower-case hex."""
    async with emulator_server(access_keys=(KEY, SECOND_KEY)) as emulator:
        await emulator.configure(upstream.url)
        await emulator.dial()

    headers = upstream.named("connect")[0].headers
    message = headers["ce-connectionId"].encode()
    hashes = [hmac.new(k.encode(), message, hashlib.sha256).hexdigest() for k in (KEY, SECOND_KEY)]
    assert headers["ce-signature"] == f"sha256={hashes[0]},sha256={hashes[1]}"


async def test_what_does_not_fit_a_header_is_percent_encoded(
    emulator: Emulator, upstream: Upstream
) -> None:
    await emulator.dial(sub="Zoë\r\nx-evil: 1")

    headers = upstream.named("connect")[0].headers
    assert headers["ce-userId"] == "Zo%C3%AB%0D%0Ax-evil: 1"
    assert "x-evil" not in headers
    lone_surrogate = await emulator.dial(sub="\ud800")
    assert not lone_surrogate.closed


async def test_ids_count_from_the_connect_event(emulator: Emulator, upstream: Upstream) -> None:
    """0 is connect, 1 connected, then come the frames and the end, for each connection."""
    for _ in range(2):
        client = await emulator.dial()
        await client.send_str("a")
        await client.send_str("b")
        await client.close()
    await upstream.got("disconnected", 2)

    for connection in await emulator.connections():
        events = [(one["id"], one["type"].rpartition(".")[2]) for one in connection["events"]]
        assert sorted(events) == [
            (0, "connect"),
            (1, "connected"),
            (2, "message"),
            (3, "message"),
            (4, "disconnected"),
        ]


async def test_zero_is_kept_for_connect_even_without_a_handler(
    emulator: Emulator, upstream: Upstream
) -> None:
    """`connected` takes 1 although nobody is told."""
    await emulator.configure(upstream.url, system=[])
    client = await emulator.dial()
    await client.send_str("first")

    [message] = await upstream.got("message")
    assert message.id == 2


async def test_connected_is_not_waited_for(emulator: Emulator, upstream: Upstream) -> None:
    """A message can beat it, but not take its number."""
    release = asyncio.Event()

    async def slow(_received: Received) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    upstream.answers["connected"] = slow
    client = await emulator.dial()
    await client.send_str("fast")
    [message] = await upstream.got("message")
    release.set()

    assert message.id == 2


async def test_one_event_at_a_time_for_each_connection(
    emulator: Emulator, upstream: Upstream
) -> None:
    """The next frame waits for the answer to the one before; other connections do not."""
    under_way: dict[str, int] = {}
    together: set[str] = set()
    both = asyncio.Barrier(2)

    async def watch(received: Received) -> web.Response:
        connection = received.headers["ce-connectionId"]
        under_way[connection] = under_way.get(connection, 0) + 1
        assert under_way[connection] == 1
        if received.id == 2:
            await both.wait()
        together.add(connection)
        under_way[connection] -= 1
        return web.Response(status=204)

    upstream.answers["message"] = watch
    clients = [await emulator.dial() for _ in range(2)]
    for number in range(10):
        for client in clients:
            await client.send_str(str(number))
    messages = await upstream.got("message", 20)

    assert len(together) == 2
    for connection in together:
        mine = [one for one in messages if one.headers["ce-connectionId"] == connection]
        assert [one.body for one in mine] == [str(number).encode() for number in range(10)]


async def test_state_travels_from_answer_to_event(emulator: Emulator, upstream: Upstream) -> None:
    """Each blocking answer may replace it; one without the header leaves it."""
    upstream.answer("connect", (204, b"", {"ce-connectionState": "one"}))
    upstream.answer(
        "message",
        (204, b"", {}),
        (204, b"", {"ce-connectionState": "two"}),
        (204, b"", {}),
    )
    client = await emulator.dial()
    for _ in range(3):
        await client.send_str("x")
    await client.close()
    [end] = await upstream.got("disconnected")

    states = [one.headers["ce-connectionState"] for one in upstream.named("message")]
    assert states == ["one", "one", "two"]
    assert end.headers["ce-connectionState"] == "two"


async def test_cookies_stay_with_their_connection(emulator: Emulator, upstream: Upstream) -> None:
    """Affinity works as in front of a real app, and does not leak to other clients."""
    upstream.answer("connect", (204, b"", {"Set-Cookie": "ARRAffinity=abc; Path=/"}))
    first = await emulator.dial()
    upstream.answer("connect", (204, b"", {}))
    second = await emulator.dial()
    await first.send_str("1")
    await upstream.got("message")
    await second.send_str("2")
    messages = await upstream.got("message", 2)

    assert messages[0].headers["Cookie"] == "ARRAffinity=abc"
    assert "Cookie" not in messages[1].headers


async def test_fifty_clients_stream_at_once(emulator: Emulator, upstream: Upstream) -> None:
    """Nothing waits for anything but its own connection."""
    clients = await asyncio.gather(*(emulator.dial(sub=str(n)) for n in range(50)))
    for number in range(10):
        await asyncio.gather(*(client.send_str(str(number)) for client in clients))
    messages = await upstream.got("message", 500)

    assert len({(one.headers["ce-connectionId"], one.id) for one in messages}) == 500
