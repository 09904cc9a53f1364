"""A plain client's life: frames in, frames out, and every way to part."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from .peers import (
    DEADLINE,
    KEY,
    Emulator,
    Received,
    Upstream,
    break_link,
    closed,
    emulator_server,
    until,
)


async def test_frames_arrive_byte_for_byte(emulator: Emulator, upstream: Upstream) -> None:
    """Text as text/plain, binary as application/octet-stream."""
    client = await emulator.dial()
    await client.send_str("Grüße, 👋")
    await client.send_bytes(b"\x00\xff")
    text, binary = await upstream.got("message", 2)

    assert (text.body, text.headers["Content-Type"]) == ("Grüße, 👋".encode(), "text/plain")
    assert (binary.body, binary.headers["Content-Type"]) == (
        b"\x00\xff",
        "application/octet-stream",
    )


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/plain; charset=utf-8", aiohttp.WSMsgType.TEXT),
        ("application/json", aiohttp.WSMsgType.TEXT),
        ("application/octet-stream", aiohttp.WSMsgType.BINARY),
    ],
)
async def test_a_replys_body_goes_to_the_client(
    emulator: Emulator, upstream: Upstream, content_type: str, kind: aiohttp.WSMsgType
) -> None:
    """Its Content-Type decides the kind of frame; a 204 sends nothing."""
    upstream.answer("message", (204, b"", {}), (200, b'{"a":1}', {"Content-Type": content_type}))
    client = await emulator.dial()
    await client.send_str("first")
    await client.send_str("second")

    message = await client.receive(DEADLINE)

    assert message.type is kind
    assert len(upstream.named("message")) == 2


async def test_one_mebibyte_is_the_limit(emulator: Emulator, upstream: Upstream) -> None:
    """A frame of exactly 1 MiB passes, one byte more ends the connection with 1009."""
    client = await emulator.dial()
    await client.send_bytes(b"x" * 1024 * 1024)
    await upstream.got("message")
    await client.send_bytes(b"x" * (1024 * 1024 + 1))

    assert (await closed(client))[0] == 1009
    assert (await emulator.last("closed"))["closeCode"] == 1009
    assert len(upstream.named("message")) == 1


async def test_the_client_may_leave(emulator: Emulator, upstream: Upstream) -> None:
    """Its code and reason are on record, its reason is told upstream."""
    client = await emulator.dial()
    await client.close(code=1000, message=b"done")
    [event] = await upstream.got("disconnected")

    assert event.json == {"reason": "done"}
    ended = await emulator.last("closed")
    assert (ended["closeCode"], ended["closeReason"]) == (1000, "done")
    assert ended["openedAt"] <= ended["closedAt"]


async def test_what_was_sent_before_the_goodbye_is_delivered(
    emulator: Emulator, upstream: Upstream
) -> None:
    """`disconnected` comes after every frame."""
    client = await emulator.dial()
    for number in range(20):
        await client.send_str(str(number))
    await client.close()
    await upstream.got("disconnected")

    told = [one for one in upstream.events if one.name in {"message", "disconnected"}]
    assert [one.body for one in told[:-1]] == [str(number).encode() for number in range(20)]
    assert told[-1].name == "disconnected"


async def test_a_broken_network_is_told_too(emulator: Emulator, upstream: Upstream) -> None:
    """Nobody said goodbye: 1006, and `disconnected` all the same."""
    client = await emulator.dial(sub="lost")
    break_link(client)
    [event] = await upstream.got("disconnected")

    assert event.headers["ce-userId"] == "lost"
    assert (await emulator.last("closed"))["closeCode"] == 1006


async def test_quiet_clients_are_pinged_and_silent_ones_dropped(upstream: Upstream) -> None:
    """A client that answers stays; one that does not is gone with PingTimeout."""
    async with emulator_server(ping_interval=1) as emulator:
        await emulator.configure(upstream.url)
        silent = await emulator.open(emulator.client_url(sub="s"), autoping=False)
        lively = await emulator.dial(sub="l")
        reading = asyncio.create_task(lively.receive(DEADLINE))
        assert (await silent.receive(DEADLINE)).type is aiohttp.WSMsgType.PING
        [event] = await upstream.got("disconnected")
        await lively.send_str("still here")
        await upstream.got("message")
        reading.cancel()

        assert event.json == {"reason": "PingTimeout"}
        assert event.headers["ce-userId"] == "s"


async def test_a_slow_upstream_does_not_look_like_a_silent_client(upstream: Upstream) -> None:
    """While a frame is upstream nobody reads the socket, so a missing pong proves nothing."""
    release = asyncio.Event()

    async def slow(_received: Received) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    upstream.answers["message"] = slow
    async with emulator_server(ping_interval=0.5) as emulator:
        await emulator.configure(upstream.url)
        client = await emulator.open(emulator.client_url(), autoping=False)
        await client.send_str("slow")
        await upstream.got("message")
        for _ in range(4):
            assert (await client.receive(DEADLINE)).type is aiohttp.WSMsgType.PING

        assert (await emulator.connections())[0]["state"] == "open"
        release.set()


async def test_the_clients_ping_is_answered(emulator: Emulator) -> None:
    client = await emulator.open(emulator.client_url(), autoping=False)
    await client.ping(b"are you there")

    message = await client.receive(DEADLINE)

    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"are you there")


async def test_a_client_that_does_not_read_is_cut(emulator: Emulator) -> None:
    """SlowClient: it must not hold up those who send to its groups."""
    await emulator.dial("live", groups=["g"])
    async with WebPubSubServiceClient(emulator.url, "live", AzureKeyCredential(KEY)) as service:

        async def cut() -> Any:
            await service.send_to_group("g", "x" * 1_000_000, content_type="text/plain")
            newest = (await emulator.connections())[-1]
            return newest if newest["state"] == "closed" else None

        assert (await until(cut))["closeReason"] == "SlowClient"
