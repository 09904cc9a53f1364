"""Every sample through the real runtime: none hangs up a stream, none is an error of ours."""

import pytest

from tests.handlers.surface import Surface
from tests.handlers.wire import assert_refused
from tests.wire_samples import names, sample

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The connection that the samples of callbacks are of.
SAMPLED = b"00001680-11ce-493a-99f7-e236dda68715"
NO_EVENT = {
    *("data-text", "data-null", "no-connection", "no-id", "null", "empty", "no-json"),
    *("binary", "numbers", "nested", "cut-short"),
}


async def test_every_sample_of_a_frame_is_acknowledged_and_none_is_lost(app: Surface) -> None:
    call = await app.ring()
    for kind in ("frames", "odd-frames"):
        for name in sorted(names(kind)):
            answer = await app.upstream(call.id, sample(kind, name))
            assert (answer.status, answer.body) == (204, b""), name
    assert len(await app.rows(call.id, "s")) == 46
    assert len(await app.rows(call.id, "q")) == 14


async def test_every_sample_of_a_callback_is_taken_and_written_down(app: Surface) -> None:
    call = await app.ring()
    for name in sorted(names("callbacks")):
        body = sample("callbacks", name).replace(SAMPLED, call.connection_id.encode())
        answer = await app.call_back(call.id, body.replace(b"Sanitized", name.encode()))
        assert (answer.status, answer.body) == (200, b""), name
    ids = {row["EventId"] for row in await app.rows(call.id, "e") if row["Type"] != "IncomingCall"}
    assert ids == names("callbacks")


@pytest.mark.parametrize("name", sorted(names("odd-callbacks")))
async def test_an_odd_callback_is_taken_as_far_as_it_can_be_read(app: Surface, name: str) -> None:
    call = await app.ring()
    body = sample("odd-callbacks", name).replace(SAMPLED, call.connection_id.encode())
    answer = await app.call_back(call.id, body)
    if name in NO_EVENT:
        assert_refused(answer, 400, "badInput")
    else:
        assert (answer.status, answer.body) == (200, b"")
