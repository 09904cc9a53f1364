"""Sizes first: what is too long is refused before its proof is looked at, and kept nowhere."""

import io
import json

import pytest
import pytest_asyncio

from callscribe.foundation.bounds import (
    LONGEST_HEADER,
    LONGEST_MESSAGE_BODY,
    LONGEST_REQUEST_BODY,
)
from emulator.ports import Ports
from emulator.wiring import stack_settings
from tests.handlers.surface import KEY, Surface
from tests.handlers.test_doors import GUARDED
from tests.handlers.wire import Call, assert_refused, callback

pytestmark = pytest.mark.asyncio(loop_scope="session")
LIMIT = int(stack_settings(Ports())["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(app: Surface) -> Call:
    return await app.ring()


def _body(size: int) -> io.BytesIO:
    return io.BytesIO(b" " * size)


@pytest.mark.parametrize("path", ["/api/stream", "/api/callbacks/{call}"])
async def test_a_stranger_hears_of_the_size_and_not_of_the_proof(
    app: Surface, call: Call, path: str
) -> None:
    fetches = app.acs.key_fetches
    where = path.format(call=call.id)
    answer = await app.request("POST", where, data=_body(LONGEST_MESSAGE_BODY + 1))
    message = assert_refused(answer, 413, "tooLarge")
    assert message == f"the body: expected {LONGEST_MESSAGE_BODY} bytes at most"
    assert (await app.request("POST", where, data=_body(LONGEST_MESSAGE_BODY))).status == 401
    assert app.acs.key_fetches == fetches
    assert app.logged("refused", status=413)[-1]["why"] == message


async def test_a_good_proof_makes_nothing_longer(app: Surface, call: Call) -> None:
    before = await app.stored(call.id)
    code = app.stack.settings["WEBPUBSUB_UPSTREAM_CODE"]
    proofs = {
        f"/api/callbacks/{call.id}": {"Authorization": f"Bearer {app.acs.token()}"},
        f"/api/stream?code={code}": app.event_headers(call.id, "user.message"),
    }
    said = json.dumps([callback(call, "CallDisconnected")]).encode()
    for path, headers in proofs.items():
        body = io.BytesIO(said + b" " * LONGEST_MESSAGE_BODY)
        answer = await app.request("POST", path, data=body, headers=headers)
        assert_refused(answer, 413, "tooLarge")
    assert await app.stored(call.id) == before


async def test_the_longest_frame_of_web_pubsub_is_taken(app: Surface) -> None:
    call = await app.ring()
    answer = await app.upstream(call.id, b"x" * LONGEST_MESSAGE_BODY)
    assert answer.status == 204
    assert await app.rows(call.id, "q")


@pytest.mark.parametrize("name", ["Authorization", "ce-signature", "ce-connectionState", "X-Odd"])
@pytest.mark.parametrize("path", ["/api/stream", "/api/callbacks/{call}"])
async def test_a_header_that_is_absurdly_long_is_refused_before_any_proof(
    app: Surface, call: Call, path: str, name: str
) -> None:
    headers = {name: "Bearer " + "x" * LONGEST_HEADER}
    answer = await app.request("POST", path.format(call=call.id), data=b"{}", headers=headers)
    assert_refused(answer, 413, "tooLarge")


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_a_validation_is_short_too(app: Surface, method: str) -> None:
    answer = await app.request(method, "/api/stream", data=_body(LONGEST_MESSAGE_BODY + 1))
    assert_refused(answer, 413, "tooLarge")


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_the_api_takes_short_bodies_only_and_the_key_comes_first(
    app: Surface, method: str, path: str
) -> None:
    long = {"data": b" " * (LONGEST_REQUEST_BODY + 1)}
    assert (await app.request(method, path, **long)).status == 401
    answer = await app.request(method, path, headers={"x-functions-key": KEY}, **long)
    assert_refused(answer, 413, "tooLarge")


async def test_health_reads_nothing_of_what_is_sent(app: Surface) -> None:
    headers = {"Authorization": "Bearer " + "x" * LONGEST_HEADER}
    sent = {"data": _body(LONGEST_MESSAGE_BODY + 1), "headers": headers}
    answer = await app.request("GET", "/api/health", **sent)
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/stream"), ("POST", "/api/callbacks/{call}"), ("GET", "/api/health"), *GUARDED],
)
async def test_what_is_longer_than_anything_can_be_is_refused_by_the_host(
    app: Surface, call: Call, method: str, path: str
) -> None:
    refused = len(app.logged("refused"))
    answer = await app.request(method, path.format(call=call.id), data=_body(LIMIT + 1))
    assert (answer.status, answer.body) == (413, b"")
    assert len(app.logged("refused")) == refused


async def test_the_hosts_limit_leaves_room_for_the_longest_of_ours() -> None:
    assert LIMIT >= 2 * LONGEST_MESSAGE_BODY
