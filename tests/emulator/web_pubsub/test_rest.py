"""The REST data plane, as the official SDK calls it."""

import asyncio
import time
from io import BytesIO
from typing import Any

import jwt
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from azure.messaging.webpubsubservice import WebPubSubServiceClient as SyncClient
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from .peers import DEADLINE, KEY, Emulator, closed

SECOND_KEY = "second-key-0123456789-second-key-0123456789"


def service(emulator: Emulator, hub: str = "live", key: str = KEY) -> WebPubSubServiceClient:
    return WebPubSubServiceClient(emulator.url, hub, AzureKeyCredential(key))


async def newest_id(emulator: Emulator) -> str:
    return str((await emulator.last("open"))["id"])


def test_the_sync_client_mints_tokens_that_open_the_door(emulator: Emulator) -> None:
    """Offline, from the connection string of Microsoft's emulator."""
    with SyncClient.from_connection_string(emulator.connection_string, hub="live") as client:
        access = client.get_client_access_token(user_id="u", groups=["g"], minutes_to_expire=5)

    assert access["url"].startswith(f"ws://{emulator.host}/client/hubs/live?access_token=")


async def test_minted_urls_open_the_door(emulator: Emulator) -> None:
    """Whether the SDK signs the token or `:generateToken` does."""
    async with service(emulator) as client:
        access = await client.get_client_access_token(user_id="u", groups=["g"], roles=["r"])
    viewer = await emulator.open(access["url"])
    connection = await emulator.last("open")

    assert (connection["userId"], connection["groups"]) == ("u", ["g"])
    assert not viewer.closed


async def test_generate_token(emulator: Emulator) -> None:
    """The service's own tokens carry what was asked for."""
    query = "userId=u&role=a&role=b&group=g&minutesToExpire=2&api-version=2024-12-01"
    answer = await call(emulator, "POST", f"/api/hubs/live/:generateToken?{query}")
    claims = jwt.decode(answer["token"], KEY, ["HS256"], {"verify_aud": False})

    assert claims["aud"] == f"{emulator.url}/client/hubs/live"
    assert (claims["sub"], claims["role"], claims["webpubsub.group"]) == ("u", ["a", "b"], ["g"])
    assert claims["exp"] - claims["iat"] == 120


async def call(emulator: Emulator, method: str, path: str, **claims: Any) -> Any:
    """Call an operation by hand, with a token for its full address."""
    fixed = {"aud": f"{emulator.url}{path}", "exp": int(time.time()) + 3600}
    headers = {"Authorization": f"Bearer {jwt.encode(fixed | claims, KEY)}"}
    async with emulator.session.request(
        method, f"{emulator.url}{path}", headers=headers
    ) as response:
        return await response.json() | {"status": response.status}


async def test_send_reaches_exactly_those_meant(emulator: Emulator) -> None:
    """All, a group, a user, a connection; never another hub, never those excluded."""
    one = await emulator.dial("live", sub="u/1", groups=["g 1"])
    one_id = await newest_id(emulator)
    two = await emulator.dial("live", sub="other", groups=["g 1"])
    two_id = await newest_id(emulator)
    elsewhere = await emulator.dial("live2", sub="u/1", groups=["g 1"])
    async with service(emulator) as client, service(emulator, "live2") as last:
        await client.send_to_all({"n": 1})
        await client.send_to_group("g 1", {"n": 2}, excluded=[two_id])
        await client.send_to_user("u/1", {"n": 3})
        await client.send_to_connection(one_id, {"n": 4})
        await client.send_to_user("nobody", {"n": 5})
        await client.send_to_all({"n": 6})
        await last.send_to_all({"n": 6})

    assert await numbers(one) == [1, 2, 3, 4, 6]
    assert await numbers(two) == [1, 6]
    assert await numbers(elsewhere) == [6]


async def numbers(viewer: Any) -> list[int]:
    """Return what a viewer got, up to the 6 that everybody gets last."""
    got = [0]
    while got[-1] != 6:
        got.append((await viewer.receive_json(timeout=DEADLINE))["n"])
    return got[1:]


async def test_json_viewers_learn_whom_a_message_was_for(emulator: Emulator) -> None:
    """Sent to a group, it is from the group; to a user, from the server."""
    viewer = await emulator.dial(
        "live", sub="u", groups=["g"], protocols=("json.webpubsub.azure.v1",)
    )
    await viewer.receive_json(timeout=DEADLINE)
    async with service(emulator) as client:
        await client.send_to_group("g", "text", content_type="text/plain")
        binary = BytesIO(b"\x00")
        await client.send_to_user("u", binary, content_type="application/octet-stream")

    assert await viewer.receive_json(timeout=DEADLINE) == {
        "type": "message",
        "from": "group",
        "group": "g",
        "dataType": "text",
        "data": "text",
    }
    assert await viewer.receive_json(timeout=DEADLINE) == {
        "type": "message",
        "from": "server",
        "dataType": "binary",
        "data": "AA==",
    }


async def test_existence_and_members(emulator: Emulator) -> None:
    viewer = await emulator.dial("live", sub="u")
    connection_id = await newest_id(emulator)
    async with service(emulator) as client:
        await client.add_connection_to_group("g", connection_id)
        members = [one async for one in client.list_connections(group="g")]
        assert [(one.connection_id, one.user_id) for one in members] == [(connection_id, "u")]
        assert await client.group_exists("g")
        assert await client.user_exists("u")
        assert await client.connection_exists(connection_id)
        await client.remove_connection_from_group("g", connection_id)
        assert not await client.group_exists("g")
        await client.add_user_to_group("g", "u")
        assert await client.group_exists("g")
        await client.remove_user_from_all_groups("u")
        assert not await client.group_exists("g")
        assert not await client.user_exists("nobody")
        assert not await client.connection_exists("nothing")
        with pytest.raises(HttpResponseError) as missing:
            await client.add_connection_to_group("g", "nothing")

    assert missing.value.status_code == 404
    assert not viewer.closed


async def test_permissions(emulator: Emulator) -> None:
    """A granted role works at once, and only for its group."""
    viewer = await emulator.dial("live")
    connection_id = await newest_id(emulator)
    async with service(emulator) as client:
        assert not await client.has_permission("sendToGroup", connection_id, target_name="g")
        await client.grant_permission("sendToGroup", connection_id, target_name="g")
        assert await client.has_permission("sendToGroup", connection_id, target_name="g")
        assert not await client.has_permission("sendToGroup", connection_id)
        await client.revoke_permission("sendToGroup", connection_id, target_name="g")
        assert not await client.has_permission("sendToGroup", connection_id, target_name="g")

    assert not viewer.closed


async def test_connections_can_be_closed(emulator: Emulator) -> None:
    """One, a user's, a group's, or all; the client is told the reason."""
    async with service(emulator) as client:
        one = await emulator.dial("live")
        await client.close_connection(await newest_id(emulator), reason="one")
        assert await closed(one) == (1000, "one")
        two = await emulator.dial("live", sub="u")
        await client.close_user_connections("u", reason="two")
        assert await closed(two) == (1000, "two")
        three = await emulator.dial("live", groups=["g"])
        await client.close_group_connections("g", reason="three")
        assert await closed(three) == (1000, "three")
        four = await emulator.dial("live")
        await client.close_all_connections(reason="four")
        assert await closed(four) == (1000, "four")


async def test_a_wrong_token_is_401(emulator: Emulator) -> None:
    """Another key, no token, another address, another query, an expired one."""
    path = "/api/hubs/live/:send?api-version=2024-12-01"
    async with service(emulator, key=SECOND_KEY) as client:
        with pytest.raises(HttpResponseError) as refused:
            await client.send_to_all({})
    assert refused.value.status_code == 401
    async with emulator.session.post(f"{emulator.url}{path}") as response:
        assert response.status == 401
    for wrong in (
        {"aud": f"{emulator.url}/api/hubs/live/:send"},
        {"aud": f"http://other.example{path}"},
        {"exp": int(time.time()) - 1},
    ):
        assert (await call(emulator, "POST", path, **wrong))["status"] == 401


async def test_the_audience_is_the_address_as_it_was_sent(emulator: Emulator) -> None:
    """However the SDK's HTTP client quotes what the SDK has signed."""
    viewer = await emulator.dial("live", sub="4:+14255550111")
    async with service(emulator) as client:
        await client.send_to_user("4:+14255550111", {"n": 1})
    with SyncClient(emulator.url, "live", AzureKeyCredential(KEY)) as sync:
        await asyncio.to_thread(sync.send_to_user, "4:+14255550111", {"n": 6})

    assert await numbers(viewer) == [1, 6]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/hubs/live/:addToGroups"),
        ("GET", "/api/hubs/live/connections"),
        ("POST", "/api/hubs/live/:generateToken?clientType=MQTT"),
        ("POST", "/api/hubs/live/:send?filter=userId+eq+null"),
    ],
)
async def test_what_is_not_emulated_is_501(emulator: Emulator, method: str, path: str) -> None:
    answer = await call(emulator, method, path)

    assert (answer["status"], answer["error"]["code"]) == (501, "NotEmulated")


@pytest.mark.parametrize(
    "path",
    [
        "/api/hubs/1st/:send",
        "/api/hubs/live/:generateToken?minutesToExpire=0",
        "/api/hubs/live/:generateToken?minutesToExpire=soon",
    ],
)
async def test_wrong_arguments_are_400(emulator: Emulator, path: str) -> None:
    assert (await call(emulator, "POST", path))["status"] == 400


async def test_a_body_must_be_what_it_says(emulator: Emulator) -> None:
    """JSON that is none is refused, so that no viewer gets half a message."""
    async with service(emulator) as client:
        for body, content_type in ((b"{", "application/json"), (b"\xff", "text/plain")):
            with pytest.raises(HttpResponseError) as refused:
                await client.send_to_all(BytesIO(body), content_type=content_type)
            assert refused.value.status_code == 400
