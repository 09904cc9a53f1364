"""The API's doors: who gets in, and by which method."""

import pytest

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from tests.handlers.surface import KEY, Surface
from tests.handlers.wire import assert_refused

pytestmark = pytest.mark.asyncio(loop_scope="session")
UNKNOWN = new_call_id(Ms(1_795_373_643_000), "nobody rang")
GUARDED = [
    ("GET", "/api/calls"),
    ("POST", "/api/calls"),
    ("GET", f"/api/calls/{UNKNOWN}"),
    ("POST", f"/api/calls/{UNKNOWN}/hangup"),
    ("POST", f"/api/calls/{UNKNOWN}/transcription/start"),
    ("GET", f"/api/calls/{UNKNOWN}/transcript"),
    ("POST", f"/api/calls/{UNKNOWN}/live"),
    ("PUT", f"/api/calls/{UNKNOWN}/labels"),
    ("GET", "/api/routes"),
    ("GET", "/api/routes/*"),
    ("PUT", "/api/routes/*"),
    ("DELETE", "/api/routes/*"),
    ("POST", f"/api/calls/{UNKNOWN}/end"),
    ("POST", f"/api/calls/{UNKNOWN}/stream"),
]
OF_A_CALL = [
    ("GET", ""),
    ("GET", "/transcript"),
    ("POST", "/live"),
    ("POST", "/hangup"),
    ("POST", "/transcription/start"),
    ("POST", "/end"),
    ("POST", "/stream"),
]
IDS = [UNKNOWN, "x", "%27%20or%20PartitionKey%20ne%20%27", "..%2f..", "a" * 2_000, "%ff", "%01"]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("headers", [{}, {"x-functions-key": "wrong"}], ids=["none", "wrong"])
async def test_without_the_key_the_door_stays_shut(
    app: Surface, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await app.request(method, path, headers=headers)
    assert (answer.status, answer.body) == (401, b"")


async def test_health_is_for_everybody_and_says_nothing_else(app: Surface) -> None:
    answer = await app.request("GET", "/api/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "rest"), OF_A_CALL)
@pytest.mark.parametrize("call_id", IDS, ids=lambda call_id: call_id[:30])
async def test_a_call_that_is_not_there_is_not_found_whatever_it_is_called(
    app: Surface, method: str, rest: str, call_id: str
) -> None:
    answer = await app.api(f"/api/calls/{call_id}{rest}", method)
    assert assert_refused(answer, 404, "notFound") == "no such call"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_find_nothing(app: Surface, method: str) -> None:
    """The host's router: a known path with another method is as good as unknown."""
    for path in ("/api/calls", f"/api/calls/{UNKNOWN}", f"/api/callbacks/{UNKNOWN}"):
        answer = await app.api(path, method)
        assert (answer.status, answer.body) == (404, b"")


async def test_other_sites_are_given_no_leave_to_read(app: Surface) -> None:
    headers = {"Origin": "https://evil.example", "x-functions-key": KEY}
    answer = await app.request("GET", "/api/calls", headers=headers)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


async def test_an_id_that_is_none_is_kept_out_of_the_log(app: Surface) -> None:
    assert (await app.api("/api/calls/+14255550123")).status == 404
    assert app.logged("refused")[-1] == {
        "event": "refused",
        "function": "show_call",
        "status": 404,
        "why": "no such call",
    }
