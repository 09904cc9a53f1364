"""Watching a call: a real client on the address that is handed out."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from tests.handlers.surface import PATIENCE, Surface
from tests.handlers.wire import CALLER, SPOKEN, Call, callback, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
PROTOCOL = "json.webpubsub.azure.v1"


async def _watch(app: Surface, call: Call) -> str:
    answer = await app.api(f"/api/calls/{call.id}/live", "POST")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    watch = answer.json()
    assert watch["expiresInMinutes"] <= 60
    return str(watch["url"])


async def _next(socket: Any, kind: str) -> Any:
    while True:
        message = await socket.receive_json(timeout=PATIENCE)
        if message["type"] == kind:
            return message


async def test_the_address_is_for_one_call_for_an_hour_and_grants_nothing(app: Surface) -> None:
    call = await app.ring()
    parts = urlsplit(await _watch(app, call))
    assert parts.path == "/client/hubs/live"
    (token,) = parse_qs(parts.query)["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.get("role", []) == []
    assert claims["webpubsub.group"] == [call.id]
    assert claims["exp"] - claims["iat"] <= 3_600


async def test_a_viewer_sees_the_words_of_this_call_alone_and_no_number(app: Surface) -> None:
    call, other = await app.ring(), await app.ring()
    async with app.http.ws_connect(await _watch(app, call)) as socket:
        await app.upstream(other.id, frame(text="Of another call."))
        await app.upstream(call.id, frame(text="Hel", resultStatus="Intermediate"))
        await app.upstream(call.id, frame())
        first, second = [await socket.receive_json(timeout=PATIENCE) for _ in range(2)]
    (row,) = await app.rows(call.id, "s")
    assert {first["type"], second["type"]} == {"intermediate", "segment"}
    final = first if first["type"] == "segment" else second
    assert (
        final
        | {
            "callId": call.id,
            "rowKey": row["RowKey"],
            "text": SPOKEN,
            "speaker": "+•••0123",
        }
        == final
    )
    assert CALLER not in str(final)


async def test_a_viewer_is_told_how_the_call_stands(app: Surface) -> None:
    call = await app.ring()
    async with app.http.ws_connect(await _watch(app, call)) as socket:
        await app.call_back(call.id, [callback(call, "CallDisconnected")])
        told = await _next(socket, "state")
    assert (told["callId"], told["state"]) == (call.id, "ended")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "sendToGroup", "group": "{call}", "data": "x", "dataType": "text"},
        {"type": "sendToGroup", "group": "{other}", "data": "x", "dataType": "text"},
        {"type": "joinGroup", "group": "{other}"},
    ],
    ids=["speak", "speak elsewhere", "watch another call"],
)
async def test_a_viewer_only_receives(app: Surface, message: dict[str, str]) -> None:
    call, other = await app.ring(), await app.ring()
    group = message["group"].format(call=call.id, other=other.id)
    url = await _watch(app, call)
    async with app.http.ws_connect(url, protocols=[PROTOCOL]) as socket:
        await socket.send_json(message | {"group": group, "ackId": 1})
        ack = await _next(socket, "ack")
    assert not ack["success"]
    assert ack["error"]["name"] == "Forbidden"
