"""Misfortunes happen as ordered, as often as ordered, to what they were ordered for."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from .peers import DEADLINE, KEY, Emulator, Received, Upstream, break_link, closed, until


def service(emulator: Emulator) -> WebPubSubServiceClient:
    """Return the SDK's client without its own retries."""
    return WebPubSubServiceClient(emulator.url, "live", AzureKeyCredential(KEY), retry_total=0)


async def message_record(emulator: Emulator) -> Any:
    events = (await emulator.connections())[-1]["events"]
    return next(one for one in events if one["type"].endswith(".message"))


async def test_deliver_twice_sends_the_same_event_again(
    emulator: Emulator, upstream: Upstream
) -> None:
    """The second POST follows the first answer, byte for byte; then all goes on as usual."""
    await emulator.fault(on="upstream", do="deliverTwice", event="message")
    upstream.answer("message", (204, b"", {"ce-connectionState": "next"}))
    client = await emulator.dial()
    await client.send_str("a")
    await client.send_str("b")
    first, again, other = await upstream.got("message", 3)

    assert dict(first.headers) == dict(again.headers)
    assert first.body == again.body == b"a"
    assert (other.body, other.id) == (b"b", first.id + 1)
    assert (await message_record(emulator))["attempts"] == 2


async def test_deliver_twice_together_sends_both_at_once(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Both are under way before either is answered."""
    await emulator.fault(on="upstream", do="deliverTwice", event="message", value="together")
    both = asyncio.Barrier(2)

    async def meet(_received: Received) -> web.Response:
        await both.wait()
        return web.Response(status=204)

    upstream.answers["message"] = meet
    client = await emulator.dial()
    await client.send_str("a")

    assert len(await upstream.got("message", 2)) == 2


async def test_one_answered_delivery_acknowledges_the_event(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Whatever the other said, and the connection stays."""
    await emulator.fault(on="upstream", do="deliverTwice", event="message")
    upstream.answer("message", (204, b"", {}), (503, b"", {}), (204, b"", {}))
    client = await emulator.dial()
    await client.send_str("a")
    await client.send_str("b")
    await upstream.got("message", 3)

    record = await message_record(emulator)
    assert (record["status"], record["acknowledged"]) == (204, True)


async def test_delay_holds_the_event_back(emulator: Emulator, upstream: Upstream) -> None:
    """What another client sends later arrives first; a short delay ends."""
    slow, quick = await emulator.dial(), await emulator.dial()
    await emulator.fault(on="upstream", do="delay", event="message", value=600)
    await slow.send_str("late")
    await until(lambda: no_fault_left(emulator))
    await quick.send_str("early")
    await upstream.got("message")
    await emulator.fault(on="upstream", do="delay", event="message", value=0.01)
    await quick.send_str("soon")
    messages = await upstream.got("message", 2)
    break_link(slow)  # It would wait for its own goodbye as long as for its message.

    assert [message.body for message in messages] == [b"early", b"soon"]


async def test_a_lost_reply_ends_the_connection(emulator: Emulator, upstream: Upstream) -> None:
    """The upstream got the event, the service never learns: not acknowledged, 1011."""
    await emulator.fault(on="upstream", do="loseReply", event="message")
    client = await emulator.dial()
    await client.send_str("a")

    assert await closed(client) == (1011, "the reply was lost")
    assert len(upstream.named("message")) == 1
    record = await message_record(emulator)
    assert (record["status"], record["attempts"], record["acknowledged"]) == (None, 1, False)


async def test_a_lost_reply_is_retried_where_the_hub_retries(
    emulator: Emulator, upstream: Upstream
) -> None:
    await emulator.configure(upstream.url, UpstreamRetries=True)
    await emulator.fault(on="upstream", do="loseReply", event="message")
    client = await emulator.dial()
    await client.send_str("a")
    first, again = await upstream.got("message", 2)
    await client.send_str("b")
    await upstream.got("message", 3)

    assert dict(first.headers) == dict(again.headers)
    record = await message_record(emulator)
    assert (record["status"], record["attempts"]) == (204, 2)


async def test_a_skipped_id_never_arrives(emulator: Emulator, upstream: Upstream) -> None:
    """The events around it are intact: only the numbers tell."""
    await emulator.fault(on="upstream", do="skipId", event="message")
    client = await emulator.dial()
    await client.send_str("a")
    await client.send_str("b")
    messages = await upstream.got("message", 2)

    assert [(one.id, one.body) for one in messages] == [(3, b"a"), (4, b"b")]


async def test_a_status_stands_for_an_upstream_that_is_not_asked(
    emulator: Emulator, upstream: Upstream
) -> None:
    await emulator.fault(on="upstream", do="status", event="message", value=503)
    client = await emulator.dial()
    await client.send_str("a")

    assert (await closed(client))[0] == 1011
    assert upstream.named("message") == []
    assert (await message_record(emulator))["status"] == 503


async def test_the_event_filter_means_whole_words(emulator: Emulator, upstream: Upstream) -> None:
    """`connect` is not `connected`; without a filter the next event of any kind is meant."""
    await emulator.fault(on="upstream", do="status", event="sys.connected", value=500)
    await emulator.fault(on="upstream", do="status", event="connect", value=403)
    assert await emulator.refused(emulator.client_url()) == 403
    await emulator.fault(on="upstream", do="status", value=418)
    assert await emulator.refused(emulator.client_url()) == 418

    client = await emulator.dial()
    await client.close()
    await upstream.got("disconnected")
    assert upstream.named("connected") == []


async def test_a_fault_lasts_as_often_as_ordered(emulator: Emulator) -> None:
    """`times` counts down; null lasts until it is deleted."""
    await emulator.fault(on="connect", do="status", value=503, times=2)
    statuses = [await emulator.refused(emulator.client_url()) for _ in range(2)]
    first = await emulator.dial()
    await emulator.fault(on="connect", do="status", value=429, times=None)
    statuses += [await emulator.refused(emulator.client_url()) for _ in range(3)]
    async with emulator.session.delete(f"{emulator.url}/emulator/faults") as response:
        assert response.status == 204
    second = await emulator.dial()

    assert statuses == [503, 503, 429, 429, 429]
    assert not first.closed
    assert not second.closed


async def test_connect_can_be_slow(emulator: Emulator, upstream: Upstream) -> None:
    """Who dials later is let in first; a short delay ends."""
    await emulator.fault(on="connect", do="delay", value=600)
    slow = asyncio.create_task(emulator.dial(sub="late"))
    await until(lambda: no_fault_left(emulator))
    await emulator.dial(sub="early")
    await emulator.fault(on="connect", do="delay", value=0.01)
    await emulator.dial(sub="soon")

    users = [connect.headers["ce-userId"] for connect in upstream.named("connect")]
    assert users == ["early", "soon"]
    slow.cancel()


async def no_fault_left(emulator: Emulator) -> bool:
    """Tell whether every fault has been used."""
    async with emulator.session.get(f"{emulator.url}/emulator/faults") as response:
        return not await response.json()


async def test_send_can_fail_or_be_doubled(emulator: Emulator) -> None:
    """The SDK sees the status; a doubled message arrives twice."""
    viewer = await emulator.dial("live", groups=["g"])
    await emulator.fault(on="send", do="status", value=429)
    await emulator.fault(on="send", do="deliverTwice")
    await emulator.fault(on="send", do="delay", value=0.05)
    async with service(emulator) as client:
        with pytest.raises(HttpResponseError) as refused:
            await client.send_to_group("g", "no", content_type="text/plain")
        await client.send_to_group("g", "yes", content_type="text/plain")

    assert refused.value.status_code == 429
    assert [(await viewer.receive_str(timeout=DEADLINE)) for _ in range(2)] == ["yes", "yes"]


async def test_the_reply_to_send_can_be_lost(emulator: Emulator) -> None:
    """The message arrives all the same."""
    viewer = await emulator.dial("live", groups=["g"])
    await emulator.fault(on="send", do="loseReply")
    async with service(emulator) as client:
        with pytest.raises(AzureError):
            await client.send_to_group("g", "hello", content_type="text/plain")

    assert await viewer.receive_str(timeout=DEADLINE) == "hello"


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"do": "status", "value": 500}, "`on`"),
        ({"on": "upstream"}, "`do`"),
        ({"on": "moon", "do": "status", "value": 500}, "$.on"),
        ({"on": "upstream", "do": "explode"}, "$.do"),
        ({"on": "connect", "do": "skipId"}, "`do`"),
        ({"on": "send", "do": "status", "value": 500, "event": "message"}, "`event`"),
        ({"on": "upstream", "do": "status"}, "`value`"),
        ({"on": "upstream", "do": "status", "value": 99}, "`value`"),
        ({"on": "upstream", "do": "delay", "value": "long"}, "`value`"),
        ({"on": "upstream", "do": "delay", "value": -1}, "`value`"),
        ({"on": "upstream", "do": "deliverTwice", "value": 3}, "`value`"),
        ({"on": "upstream", "do": "loseReply", "value": 3}, "`value`"),
        ({"on": "upstream", "do": "loseReply", "times": 0}, "`times`"),
        ({"on": "upstream", "do": "loseReply", "times": "often"}, "$.times"),
        ({"on": "upstream", "do": "loseReply", "sometimes": 1}, "`sometimes`"),
        ([], "array"),
    ],
)
async def test_a_wrong_order_is_400_and_names_the_field(
    emulator: Emulator, order: object, named: str
) -> None:
    async with emulator.session.post(f"{emulator.url}/emulator/faults", json=order) as response:
        problem = (await response.json())["error"]

    assert response.status == 400
    assert problem["code"] == "InvalidFault"
    assert named in problem["message"]


async def test_open_faults_can_be_seen(emulator: Emulator) -> None:
    await emulator.fault(on="upstream", do="delay", event="message", value=2, times=3)
    async with emulator.session.get(f"{emulator.url}/emulator/faults") as response:
        faults = await response.json()

    assert faults == [{"on": "upstream", "do": "delay", "event": "message", "value": 2, "times": 3}]
