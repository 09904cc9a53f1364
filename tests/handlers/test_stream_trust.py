"""Who may post a stream's events: Web PubSub alone, by its signature and the shared code."""

import pytest
import pytest_asyncio
from multidict import CIMultiDict

from tests.handlers.surface import OLD_ACCESS_KEY, Headers, Surface
from tests.handlers.wire import Call, assert_refused, frame

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


async def test_the_connections_state_proves_nothing(app: Surface, call: Call) -> None:
    opened = await app.upstream(call.id, b"{}", "sys.connect")
    state = {"ce-connectionState": opened.headers["ce-connectionState"]}
    before = await app.stored(call.id)
    for headers, code in (({"ce-signature": ""}, None), ({}, "wrong")):
        answer = await app.upstream(call.id, frame(), headers=state | headers, code=code)
        assert_refused(answer, 401, "unauthorized")
    assert await app.stored(call.id) == before
