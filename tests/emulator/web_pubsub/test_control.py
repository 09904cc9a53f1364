"""The control API: hubs, connections, and a fresh start."""

import asyncio

import pytest

from .peers import DEADLINE, Emulator, Upstream, closed


async def test_a_hub_is_set_shown_and_deleted(emulator: Emulator) -> None:
    """Names are compared without case."""
    url = f"{emulator.url}/emulator/hubs"
    handler = {
        "UrlTemplate": "http://localhost:7071/{event}",
        "EventPattern": "*",
        "SystemEvents": ["connect"],
    }
    settings = {
        "EventHandlers": [handler],
        "UpstreamRetries": True,
        "AnonymousConnect": "allow",
    }
    async with emulator.session.put(f"{url}/Chat", json=settings) as response:
        assert (response.status, await response.json()) == (200, settings)
    async with emulator.session.get(f"{url}/chat") as response:
        assert await response.json() == settings
    async with emulator.session.delete(f"{url}/CHAT") as response:
        assert response.status == 204
    async with emulator.session.get(f"{url}/chat") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ("{", 400, "truncated"),
        ('{"EventHandlers": [{}]}', 400, "UrlTemplate"),
        ('{"EventHandlers": [{"UrlTemplate": "nowhere"}]}', 400, "UrlTemplate"),
        ('{"EventHandlers": [{"UrlTemplate": "http:///path"}]}', 400, "UrlTemplate"),
        ('{"EventHandlers": [{"UrlTemplate": "http://a:port/"}]}', 400, "UrlTemplate"),
        ('{"EventHandlers": [{"UrlTemplate": "http://a", "SystemEvents": ["x"]}]}', 400, "'x'"),
        ('{"Handlers": []}', 400, "Handlers"),
        ('{"EventListeners": [{}]}', 501, "EventListeners"),
        ('{"EventHandlers": [{"UrlTemplate": "http://a", "Auth": {}}]}', 501, "Auth"),
        ('{"EventHandlers": [{"UrlTemplate": "tunnel:///a"}]}', 501, "tunnel"),
        (
            '{"EventHandlers": [{"UrlTemplate": "http://a?c={@Microsoft.KeyVault(x)}"}]}',
            501,
            "Key Vault",
        ),
    ],
)
async def test_wrong_settings_say_what_is_wrong(
    emulator: Emulator, body: str, status: int, named: str
) -> None:
    async with emulator.session.put(f"{emulator.url}/emulator/hubs/chat", data=body) as response:
        problem = await response.json()

    assert response.status == status
    assert named in problem["error"]["message"]


async def test_a_hubs_name_must_be_one(emulator: Emulator) -> None:
    async with emulator.session.put(f"{emulator.url}/emulator/hubs/1st", data="{}") as response:
        assert response.status == 400


async def test_connections_are_listed_in_order_of_arrival(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Open, closed and refused ones, each with its events and what became of them."""
    first = await emulator.dial(sub="1")
    await first.close(code=4000, message=b"bye")
    await upstream.got("disconnected")
    upstream.answer("connect", (403, b"", {}))
    await emulator.refused(emulator.client_url(sub="2"))
    upstream.answer("connect", (204, b"", {}))
    third = await emulator.dial("STREAM", sub="3")
    await third.send_str("x")
    await upstream.got("message")

    listed = await emulator.connections()
    assert [(one["userId"], one["state"]) for one in listed] == [
        ("1", "closed"),
        ("2", "refused"),
        ("3", "open"),
    ]
    assert (listed[0]["closeCode"], listed[0]["closeReason"]) == (4000, "bye")
    assert listed[2]["hub"] == "stream"
    assert listed[2]["events"][0]["type"] == "azure.webpubsub.sys.connect"
    assert set(listed[2]["events"][0]) >= {"id", "type", "status", "at", "attempts"}


async def test_a_connection_can_be_cut(emulator: Emulator, upstream: Upstream) -> None:
    """With any code and reason; 1006 is a broken network."""
    for order, expected in (
        ({"code": 1001, "reason": "ServiceReload"}, 1001),
        ({"code": 4321}, 4321),
        ({}, 1000),
    ):
        client = await emulator.dial()
        assert await cut(emulator, order) == 204
        assert await closed(client) == (expected, order.get("reason", ""))
    client = await emulator.dial()
    assert await cut(emulator, {"code": 1006, "reason": "cable"}) == 204
    await client.receive(DEADLINE)
    events = await upstream.got("disconnected", 4)

    assert client.close_code == 1006
    assert [event.json["reason"] for event in events] == ["ServiceReload", "", "", "cable"]


async def cut(emulator: Emulator, order: object) -> int:
    """Close the newest connection and return the status of the answer."""
    connection_id = (await emulator.connections())[-1]["id"]
    url = f"{emulator.url}/emulator/connections/{connection_id}/close"
    async with emulator.session.post(url, json=order) as response:
        return response.status


async def test_what_cannot_be_cut_is_refused(emulator: Emulator) -> None:
    """A code that is none, a field that is none, a connection that is gone."""
    client = await emulator.dial()
    assert await cut(emulator, {"code": 999}) == 400
    assert await cut(emulator, {"cause": "x"}) == 400
    await client.close()
    await emulator.last("closed")
    assert await cut(emulator, {}) == 404


async def test_reset_forgets_all_but_the_hubs(emulator: Emulator, upstream: Upstream) -> None:
    """Connections close, faults and what upstreams allowed are forgotten."""
    clients = await asyncio.gather(*(emulator.dial() for _ in range(3)))
    await emulator.fault(on="connect", do="status", value=500)
    async with emulator.session.post(f"{emulator.url}/emulator/reset") as response:
        assert response.status == 204

    assert [await closed(client) for client in clients] == [(1000, "ClosedByAppServer")] * 3
    assert await emulator.connections() == []
    again = await emulator.dial()
    assert not again.closed
    assert len(upstream.validations) == 2
