"""Who is let in, as what, and what upstream is told of it."""

import time
from typing import Any

import pytest

from .peers import KEY, Emulator, Upstream, emulator_server

SECOND_KEY = "second-key-0123456789-second-key-0123456789"


@pytest.mark.parametrize(
    "claims",
    [
        {"key": "another-key-0123456789-another-key-0123456789"},
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"aud": None},
        {"aud": "http://127.0.0.1:1/client/hubs/stream"},
    ],
    ids=["signature", "expired", "no expiry", "no audience", "other host"],
)
async def test_a_wrong_token_is_401_before_the_upgrade(
    emulator: Emulator, upstream: Upstream, claims: dict[str, Any]
) -> None:
    """Nothing goes upstream, and the knock is on record."""
    url = f"{emulator.url}/client/hubs/stream?access_token={emulator.token(**claims)}"

    assert await emulator.refused(url) == 401

    refused = await emulator.last("refused")
    assert (refused["closeCode"], refused["events"]) == (401, [])
    assert upstream.requests == []


async def test_the_audience_is_this_hub_exactly(emulator: Emulator) -> None:
    """A token for another hub, or for this one in another spelling, opens nothing."""
    for hub in ("live", "STREAM", "stream/"):
        token = emulator.token(aud=f"{emulator.url}/client/hubs/{hub}")
        url = f"{emulator.url}/client/hubs/stream?access_token={token}"
        assert await emulator.refused(url) == 401


async def test_the_host_may_be_spelled_as_people_do(emulator: Emulator) -> None:
    """The name localhost is 127.0.0.1, and case does not matter."""
    host = emulator.host.replace("127.0.0.1", "LOCALHOST")

    assert not (await emulator.dial(aud=f"ws://{host}/client/hubs/stream")).closed


async def test_no_token_is_401(emulator: Emulator) -> None:
    assert await emulator.refused(f"{emulator.url}/client/hubs/stream") == 401


async def test_an_anonymous_hub_lets_the_event_handler_decide(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Whoever dials is the user that the handler names; without one the client is refused."""
    await emulator.configure(upstream.url, AnonymousConnect="allow")
    url = f"{emulator.url}/client/hubs/stream?call=one"
    assert await emulator.refused(url) == 401

    upstream.answer("connect", (200, b'{"userId": "somebody"}', {}))
    await emulator.open(url)

    assert (await emulator.last("open"))["userId"] == "somebody"
    assert upstream.named("connect")[-1].json["claims"] == {}
    assert await emulator.refused(f"{url}&access_token=x") == 401


async def test_the_token_of_the_query_comes_before_the_header(
    emulator: Emulator, upstream: Upstream
) -> None:
    """A caller's own Authorization header does not get in the way of the token in the URL."""
    foreign = {"Authorization": "Bearer some.other.token"}
    await emulator.open(emulator.client_url(sub="from-query"), headers=foreign)
    own = {"Authorization": f"Bearer {emulator.token(sub='from-header')}"}
    await emulator.open(f"{emulator.url}/client/hubs/stream", headers=own)

    users = [event.headers["ce-userId"] for event in upstream.named("connect")]
    assert users == ["from-query", "from-header"]


async def test_the_hub_may_be_in_the_query(emulator: Emulator, upstream: Upstream) -> None:
    url = f"{emulator.url}/client/?hub=stream&access_token={emulator.token()}"
    await emulator.open(url)

    assert upstream.named("connect")[0].headers["ce-hub"] == "stream"


async def test_either_key_opens_the_door(upstream: Upstream) -> None:
    """Keys are rotated while clients hold tokens of both."""
    async with emulator_server(access_keys=(KEY, SECOND_KEY)) as emulator:
        await emulator.configure(upstream.url)
        assert not (await emulator.dial(key=SECOND_KEY)).closed


async def test_what_is_not_emulated_is_501(emulator: Emulator) -> None:
    """Other subprotocols, the publishing mode, and the addresses of other clients."""
    for name in ("json.reliable.webpubsub.azure.v1", "protobuf.webpubsub.azure.v1", "mqtt", "own"):
        assert await emulator.refused(emulator.client_url(), protocols=(name,)) == 501
    url = f"{emulator.client_url()}&webpubsub_mode=sendToGroup&group=g"
    assert await emulator.refused(url) == 501
    for clients in ("mqtt", "socketio"):
        assert await emulator.refused(f"{emulator.url}/clients/{clients}/hubs/stream") == 501


async def test_what_is_no_handshake_is_400(emulator: Emulator) -> None:
    """A plain GET, and a hub that cannot be one."""
    async with emulator.session.get(emulator.client_url()) as response:
        assert response.status == 400
    assert await emulator.refused(f"{emulator.url}/client/hubs/1st") == 400


async def test_connect_tells_who_knocks(emulator: Emulator, upstream: Upstream) -> None:
    """Claims, query, headers as lists; nothing with which upstream could pose as the client."""
    url = f"{emulator.client_url(sub='u', role=['a', 'b'])}&callKey=1&callKey=2"
    headers = {"x-ms-call-connection-id": "c-1", "X-ASRS-Internal-Secret": "x"}
    await emulator.open(url, headers=headers, protocols=("json.webpubsub.azure.v1", "other"))

    [connect] = upstream.named("connect")
    body = connect.json
    assert body["claims"]["sub"] == ["u"]
    assert body["claims"]["role"] == ["a", "b"]
    assert all(isinstance(values, list) for values in body["claims"].values())
    assert body["query"] == {"callKey": ["1", "2"]}
    assert body["headers"]["x-ms-call-connection-id"] == ["c-1"]
    assert body["subprotocols"] == ["json.webpubsub.azure.v1", "other"]
    assert body["clientCertificates"] == []
    assert "x-asrs-internal-secret" not in {name.lower() for name in body["headers"]}


async def test_connect_does_not_pass_the_callers_token_on(
    emulator: Emulator, upstream: Upstream
) -> None:
    headers = {"Authorization": "Bearer secret"}
    await emulator.open(emulator.client_url(), headers=headers)

    body = upstream.named("connect")[0].json
    assert "access_token" not in body["query"]
    assert "Authorization" not in body["headers"]


async def test_upstream_decides_who_the_client_is(emulator: Emulator, upstream: Upstream) -> None:
    """User, groups and state of the answer hold from then on."""
    answer = b'{"userId": "renamed", "groups": ["g"], "roles": []}'
    headers = {"Content-Type": "application/json", "ce-connectionState": "c3RhdGU="}
    upstream.answer("connect", (200, answer, headers))

    client = await emulator.dial(sub="original", groups=["token"], roles=["webpubsub.sendToGroup"])
    await client.send_str("hello")
    [message] = await upstream.got("message")

    assert message.headers["ce-userId"] == "renamed"
    assert message.headers["ce-connectionState"] == "c3RhdGU="
    assert (await emulator.last("open"))["groups"] == ["g"]


async def test_an_empty_answer_changes_nothing(emulator: Emulator, upstream: Upstream) -> None:
    """`204`, and empty `groups`, leave what the token says."""
    upstream.answer("connect", (200, b'{"groups": []}', {}))

    client = await emulator.dial(sub="u", groups=["g"])

    assert (await emulator.last("open"))["groups"] == ["g"]
    assert not client.closed


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
async def test_upstream_refuses_with_its_own_status(
    emulator: Emulator, upstream: Upstream, status: int
) -> None:
    """The handshake fails with that status; no `connected`, no `disconnected`."""
    upstream.answer("connect", (status, b"secret", {}))

    assert await emulator.refused(emulator.client_url()) == status

    refused = await emulator.last("refused")
    assert [(event["id"], event["status"]) for event in refused["events"]] == [(0, status)]
    assert [event.name for event in upstream.events] == ["connect"]


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"userId": 5}', b'{"subprotocol": "other"}'])
async def test_an_answer_that_is_none_refuses(
    emulator: Emulator, upstream: Upstream, body: bytes
) -> None:
    upstream.answer("connect", (200, body, {}))

    assert await emulator.refused(emulator.client_url()) == 500


async def test_without_a_handler_the_token_is_enough(emulator: Emulator) -> None:
    """A hub that nobody listens to still lets clients in."""
    viewer = await emulator.dial("live", groups=["g"])

    assert not viewer.closed
    assert (await emulator.last("open"))["events"] == []
