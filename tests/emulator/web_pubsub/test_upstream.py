"""Events as they are posted: headers, numbers, order, retries, and what a failure does."""

import asyncio
import hashlib
import hmac
import re

import pytest
from aiohttp import web

from .peers import KEY, Emulator, Received, Upstream, closed, emulator_server

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


@pytest.mark.parametrize("status", [302, 400, 401, 408, 429, 500, 503])
async def test_a_refused_message_ends_the_connection(
    emulator: Emulator, upstream: Upstream, status: int
) -> None:
    """1011, nothing more than `disconnected`, and no second delivery unless the hub says so."""
    upstream.answer("message", (status, b"", {"Location": "/elsewhere"}))
    client = await emulator.dial()
    await client.send_str("refused")
    await client.send_str("never delivered")

    code, reason = await closed(client)
    await upstream.got("disconnected")

    assert (code, reason) == (1011, f"the event handler answered {status}")
    assert len(upstream.named("message")) == 1
    events = (await emulator.last("closed"))["events"]
    [message] = [one for one in events if one["type"].endswith(".message")]
    assert (message["status"], message["attempts"]) == (status, 1)


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_retries_send_the_same_event_again(
    emulator: Emulator, upstream: Upstream, status: int
) -> None:
    """With UpstreamRetries: at most four attempts, the same headers and bytes."""
    await emulator.configure(upstream.url, UpstreamRetries=True)
    upstream.answer("message", *[(status, b"", {})] * 3, (204, b"", {}))
    client = await emulator.dial()
    await client.send_str("x")
    deliveries = await upstream.got("message", 4)
    await client.send_str("goes on")
    await upstream.got("message", 5)

    assert len({tuple(sorted(one.headers.items())) for one in deliveries}) == 1
    assert {one.body for one in deliveries} == {b"x"}
    event = (await emulator.connections())[-1]["events"][2]
    assert (event["status"], event["attempts"]) == (204, 4)


async def test_after_the_fourth_attempt_the_connection_ends(
    emulator: Emulator, upstream: Upstream
) -> None:
    await emulator.configure(upstream.url, UpstreamRetries=True)
    upstream.answer("message", (503, b"", {}))
    client = await emulator.dial()
    await client.send_str("x")

    assert (await closed(client))[0] == 1011
    assert len(upstream.named("message")) == 4


@pytest.mark.parametrize("status", [400, 404, 429])
async def test_refusals_that_cannot_pass_are_not_retried(
    emulator: Emulator, upstream: Upstream, status: int
) -> None:
    await emulator.configure(upstream.url, UpstreamRetries=True)
    upstream.answer("message", (status, b"", {}))
    client = await emulator.dial()
    await client.send_str("x")

    assert (await closed(client))[0] == 1011
    assert len(upstream.named("message")) == 1


async def test_a_broken_connection_is_retried(emulator: Emulator, upstream: Upstream) -> None:
    """A network failure, like an app that restarts, passes if the hub retries."""
    await emulator.configure(upstream.url, UpstreamRetries=True)
    broken: list[Received] = []

    async def break_once(received: Received) -> web.StreamResponse:
        broken.append(received)
        if len(broken) == 1:
            raise asyncio.CancelledError
        return web.Response(status=204)

    upstream.answers["message"] = break_once
    client = await emulator.dial()
    await client.send_str("x")
    await upstream.got("message", 2)
    await client.close()
    await upstream.got("disconnected")

    event = (await emulator.last("closed"))["events"][2]
    assert (event["status"], event["attempts"]) == (204, 2)


async def test_an_upstream_that_takes_too_long_ends_the_connection(upstream: Upstream) -> None:
    """A timeout is not retried, whatever the hub says."""
    async with emulator_server(upstream_timeout=0.1, retry_delays=(0, 0, 0)) as emulator:
        await emulator.configure(upstream.url, UpstreamRetries=True)
        client = await emulator.dial()

        async def never(_received: Received) -> web.Response:
            await asyncio.Event().wait()
            raise AssertionError

        upstream.answers["message"] = never
        await client.send_str("x")

        code, reason = await closed(client)
        ended = await emulator.last("closed")

    assert (code, len(upstream.named("message"))) == (1011, 1)
    assert "did not answer within 0.1 s" in reason
    assert ended["events"][2]["status"] is None


async def test_a_message_that_nobody_takes_ends_the_connection(
    emulator: Emulator, upstream: Upstream
) -> None:
    """No handler for `message`: dropped, and on record."""
    await emulator.configure(upstream.url, pattern="other")
    client = await emulator.dial()
    await client.send_str("x")

    assert await closed(client) == (1011, "no event handler takes this event")
    [_, _, message] = (await emulator.last("closed"))["events"][:3]
    assert (message["status"], message["attempts"]) == (None, 0)


async def test_a_failing_connected_or_disconnected_changes_nothing(
    emulator: Emulator, upstream: Upstream
) -> None:
    """They are notices: logged, not repeated."""
    upstream.answer("connected", (500, b"", {}))
    upstream.answer("disconnected", (500, b"", {}))
    client = await emulator.dial()
    await upstream.got("connected")
    await client.send_str("x")
    await upstream.got("message")
    await client.close()
    await upstream.got("disconnected")

    assert len(upstream.named("connected")) == len(upstream.named("disconnected")) == 1


async def test_fifty_clients_stream_at_once(emulator: Emulator, upstream: Upstream) -> None:
    """Nothing waits for anything but its own connection."""
    clients = await asyncio.gather(*(emulator.dial(sub=str(n)) for n in range(50)))
    for number in range(10):
        await asyncio.gather(*(client.send_str(str(number)) for client in clients))
    messages = await upstream.got("message", 500)

    assert len({(one.headers["ce-connectionId"], one.id) for one in messages}) == 500
