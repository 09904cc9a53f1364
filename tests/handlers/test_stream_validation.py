"""Web PubSub asks whether it may post here: our own may, nobody else."""

import pytest

from tests.handlers.surface import Surface

pytestmark = pytest.mark.asyncio(loop_scope="session")
ALLOWED = "WebHook-Allowed-Origin"


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize("form", ["localhost:{port}", "localhost", "LocalHost", "http://localhost"])
async def test_our_own_web_pubsub_is_allowed_without_any_proof(
    app: Surface, method: str, form: str
) -> None:
    origin = form.format(port=app.stack.ports.web_pubsub)
    headers = {"WebHook-Request-Origin": origin}
    answer = await app.request(method, "/api/stream", headers=headers)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers.getall(ALLOWED) == [origin]


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize(
    "origins",
    [
        ["localhost, localhost-replica"],
        ["stream.example.com,localhost"],
        ["stream.example.com", "localhost"],
    ],
    ids=str,
)
async def test_of_several_our_own_is_allowed(app: Surface, method: str, origins: list[str]) -> None:
    """A Web PubSub with a replica or a custom domain names them all."""
    headers = [("WebHook-Request-Origin", origin) for origin in origins]
    answer = await app.request(method, "/api/stream", headers=headers)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers.getall(ALLOWED) == ["localhost"]


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize(
    "origins",
    [
        [],
        [""],
        ["*"],
        ["evil.example"],
        ["localhost.evil.example"],
        ["evil.example/localhost"],
        ["evillocalhost"],
        ["localhost@evil.example"],
        ["http://localhost:8080:evil.example"],
        ["localhost evil.example"],
        ["evil.example, other.example"],
        ["loc\u0430lhost"],
    ],
    ids=str,
)
async def test_nobody_else_is_allowed(app: Surface, method: str, origins: list[str]) -> None:
    headers = [("WebHook-Request-Origin", origin) for origin in origins]
    answer = await app.request(method, "/api/stream", headers=headers)
    assert (answer.status, answer.body) == (200, b"")
    assert ALLOWED not in answer.headers
