"""Who may post a stream's events: Web PubSub alone, by its signature and the shared code."""

import base64
import json
from typing import Any

import pytest
import pytest_asyncio
from multidict import CIMultiDict

from callscribe.foundation.clock import SystemClock
from callscribe.foundation.identifiers import new_call_id
from tests.handlers.surface import OLD_ACCESS_KEY, Headers, Surface
from tests.handlers.wire import SPOKEN, Call, assert_refused, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")
CONNECTION = "a-connection"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(app: Surface) -> Call:
    return await app.ring()


def _signed(app: Surface, signature: str) -> Headers:
    """Fill in a signature header: `{ok}` by the current key, `{old}` by the other."""
    good, old = app.signature(CONNECTION), app.signature(CONNECTION, OLD_ACCESS_KEY)
    text = signature.format(
        ok=good, old=old, upper=good.upper(), bare=good.removeprefix("sha256="), cut=good[:-1]
    )
    return {"ce-connectionId": CONNECTION, "ce-signature": text}


@pytest.mark.parametrize(
    "signature",
    ["{ok}", "{upper}", "{old}", "{ok},", " {ok} , {old} ", "sha256=00,{ok}", "junk,,{old}"],
)
async def test_one_signature_of_a_current_key_is_enough(
    app: Surface, call: Call, signature: str
) -> None:
    assert (await app.upstream(call.id, frame(), headers=_signed(app, signature))).status == 204


@pytest.mark.parametrize(
    "signature", ["", ",", "sha256=", "{bare}", "{cut}", "{ok}0", "sha1={bare}", "{ok};{old}", "ü"]
)
async def test_without_a_signature_of_ours_nothing_is_stored(
    app: Surface, call: Call, signature: str
) -> None:
    before = await app.stored(call.id)
    answer = await app.upstream(call.id, frame(), headers=_signed(app, signature))
    message = assert_refused(answer, 401, "unauthorized")
    assert message == "the sender could not be verified"
    assert await app.stored(call.id) == before


async def test_another_connections_signature_proves_nothing(app: Surface, call: Call) -> None:
    headers = {"ce-signature": app.signature("another")}
    answer = await app.upstream(call.id, frame(), headers=headers)
    assert_refused(answer, 401, "unauthorized")


async def test_a_signature_in_a_line_of_its_own_is_found(app: Surface, call: Call) -> None:
    headers = CIMultiDict({"ce-connectionId": CONNECTION, "ce-signature": "sha256=00"})
    headers.add("ce-signature", app.signature(CONNECTION))
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204


@pytest.mark.parametrize("kind", ["sys.connect", "user.message", "sys.disconnected"])
@pytest.mark.parametrize("code", ["", "wrong", "{code}x", "{code}&code={code}", "%00", "%ff"])
async def test_a_signature_alone_can_be_replayed_so_it_is_not_enough(
    app: Surface, call: Call, kind: str, code: str
) -> None:
    before = await app.stored(call.id)
    sent = code.format(code=app.stack.settings["WEBPUBSUB_UPSTREAM_CODE"])
    answer = await app.upstream(call.id, frame(), kind, code=sent)
    assert_refused(answer, 401, "unauthorized")
    assert await app.stored(call.id) == before


@pytest.mark.parametrize("bad", [{"aud": "another"}, {"exp": 1}])
async def test_acss_own_token_counts_where_web_pubsub_passes_it_on(
    app: Surface, bad: dict[str, Any]
) -> None:
    call = await app.ring()

    async def dialled(token: str) -> int:
        body = json.dumps({"headers": {"Authorization": [f"Bearer {token}"]}}).encode()
        return (await app.upstream(call.id, body, "sys.connect")).status

    before = await app.stored(call.id)
    assert await dialled(app.acs.token(**bad)) == 401
    assert await app.stored(call.id) == before
    assert await dialled(app.acs.token()) == 204
    assert (await app.row(call.id, "c"))["Proof"] == "token+acs"


async def test_the_connections_state_proves_nothing(app: Surface, call: Call) -> None:
    opened = await app.upstream(call.id, b"{}", "sys.connect")
    state = {"ce-connectionState": opened.headers["ce-connectionState"]}
    before = await app.stored(call.id)
    for headers, code in (({"ce-signature": ""}, None), ({}, "wrong")):
        answer = await app.upstream(call.id, frame(), headers=state | headers, code=code)
        assert_refused(answer, 401, "unauthorized")
    assert await app.stored(call.id) == before


async def _captured(app: Surface, call: Call) -> dict[str, str]:
    """Have a stream opened and something said; return the headers of what was said."""
    opened = app.event_headers(call.id, "sys.connect")
    headers = app.next_headers(opened, await app.upstream(call.id, b"{}", headers=opened))
    assert (await app.upstream(call.id, frame(), headers=headers)).status == 204
    return headers


@pytest.mark.parametrize("kind", ["user.message", "sys.disconnected"])
async def test_a_captured_event_is_none_of_another_call(app: Surface, kind: str) -> None:
    call, other = await app.ring(), await app.ring()
    captured = await _captured(app, call)
    before = await app.stored(call.id), await app.stored(other.id)
    changed = {"ce-userId": other.id, "ce-type": f"azure.webpubsub.{kind}", "ce-id": "7"}
    answer = await app.upstream(call.id, frame(), headers=captured | changed)
    assert_refused(answer, 404, "notFound")
    assert (await app.stored(call.id), await app.stored(other.id)) == before


async def test_a_captured_event_replaces_nothing_that_was_said(app: Surface) -> None:
    call = await app.ring()
    captured = await _captured(app, call)
    said = await app.row(call.id, "s")
    answer = await app.upstream(call.id, frame(text="Never said."), headers=captured)
    assert answer.status == 204
    assert await app.row(call.id, "s") == said
    assert said["Text"] == SPOKEN
    assert (await app.row(call.id, "q"))["Body"] == frame(text="Never said.")
    assert (await app.upstream(call.id, frame(), headers=captured)).status == 204
    assert (len(await app.rows(call.id, "s")), len(await app.rows(call.id, "q"))) == (1, 1)


def _forged(state: str) -> str:
    """Return another connection's state as that of a stream whose row is written."""
    known = json.loads(base64.b64decode(state))
    return base64.b64encode(json.dumps(known | {"written": True, "last": 1}).encode()).decode()


@pytest.mark.parametrize("state", ["none", "forged", "another call's", "another call's mark"])
@pytest.mark.parametrize("kind", ["user.message", "sys.disconnected"])
async def test_of_a_call_that_never_was_nothing_is_stored(
    app: Surface, call: Call, state: str, kind: str
) -> None:
    unknown = new_call_id(SystemClock().now(), f"nobody rang {state} {kind}")
    captured = await _captured(app, call)
    known = captured["ce-connectionState"]
    without = json.loads(base64.b64decode(known))
    del without["mark"]
    states = {
        "none": "",
        "forged": base64.b64encode(json.dumps(without).encode()).decode(),
        "another call's": known,
        "another call's mark": _forged(known),
    }
    changed = {
        "ce-userId": unknown,
        "ce-type": f"azure.webpubsub.{kind}",
        "ce-connectionState": states[state],
    }
    answer = await app.upstream(unknown, frame(), headers=captured | changed)
    assert_refused(answer, 404, "notFound")
    assert await app.stored(unknown) == (None, [])
