"""What cannot be stored as speech is kept aside, as whole as storage takes it."""

import hashlib

import pytest

from callscribe.foundation.bounds import LONGEST_NAME
from callscribe.foundation.errors import StorageRefusedError
from callscribe.stream.state import restore
from callscribe.stream.upstream import Kind
from tests.fakes.wire import connected, metadata, speech
from tests.fakes.world import CALL_ID, STREAM, World

REFUSED = StorageRefusedError("PropertyValueTooLarge")


async def test_a_segment_that_storage_refuses_is_quarantined_whole(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("insert", REFUSED)
    event = world.upstream(Kind.MESSAGE, 3, speech(), state)
    after = restore(await world.message(event), STREAM)
    assert world.transcripts.keys(CALL_ID, "s") == []
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert (row["Why"], row["Body"]) == ("refused by storage", event.body)
    assert after.quarantined == 1
    assert after.finals == 0


async def test_a_frame_whose_bytes_storage_refuses_leaves_its_length_and_hash(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("insert", REFUSED)
    event = world.upstream(Kind.MESSAGE, 3, b"no frame", state)
    await world.receive(event)
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert "Body" not in row
    assert (row["Why"], row["Length"]) == ("not JSON", 8)
    assert row["Sha256"] == hashlib.sha256(event.body).hexdigest()


async def test_metadata_that_storage_refuses_is_quarantined(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("merge", REFUSED)
    event = world.upstream(Kind.MESSAGE, 3, metadata(), state)
    await world.receive(event)
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert row["Length"] == len(event.body)


async def test_metadata_of_any_length_is_none_that_storage_refuses(world: World) -> None:
    state = await connected(world)
    await world.receive(world.upstream(Kind.MESSAGE, 3, metadata("x" * 40_000), state))
    assert world.transcripts.keys(CALL_ID, "q") == []
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["Locale"] == "x" * LONGEST_NAME


async def test_a_frame_too_large_for_an_entity_is_quarantined_up_to_the_budget(
    world: World,
) -> None:
    state = await connected(world)
    event = world.upstream(Kind.MESSAGE, 3, speech("x" * 1_000_000), state)
    await world.receive(event)
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert row["Why"] == "too large for an entity"
    assert row["Sha256"] == hashlib.sha256(event.body).hexdigest()
    kept = sum(len(value) for value in row.values() if isinstance(value, bytes))
    assert 650 * 1024 < kept < 675 * 1024


@pytest.mark.parametrize(
    "body", [b"not JSON", b'{"kind":"Surprise"}', b'{"kind":"TranscriptionData"}', b"", b"\xff\x00"]
)
async def test_a_frame_without_readable_text_is_quarantined(world: World, body: bytes) -> None:
    state = await connected(world)
    await world.receive(world.upstream(Kind.MESSAGE, 3, body, state))
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert row["Body"] == body
    assert world.feed.of(CALL_ID) == []
