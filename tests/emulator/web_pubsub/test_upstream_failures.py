"""Events that fail: what is sent again, what ends the connection, and what changes nothing."""

import asyncio

import pytest
from aiohttp import web

from .peers import Emulator, Received, Upstream, closed, emulator_server


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
        # Only messages go upstream: `connect` might take longer than this short limit.
        await emulator.configure(upstream.url, UpstreamRetries=True, system=[])
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
    assert [event["status"] for event in ended["events"]] == [None]


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
