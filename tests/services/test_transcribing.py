"""What is said is a row before it is acknowledged: one write a frame, whatever storage does."""

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest

from callscribe.domain.call import State
from callscribe.domain.errors import NotFoundError, StorageRefusedError, StorageUnavailableError
from callscribe.domain.stream import restore
from callscribe.domain.upstream import Kind
from tests.fakes.clock import START
from tests.services.world import (
    CALL_ID,
    CALLER,
    STREAM,
    World,
    metadata,
    outcome,
    speech,
)

LOST = StorageUnavailableError("no reply")
REFUSED = StorageRefusedError("PropertyValueTooLarge")
TAG = f"{START:013d}"


async def connected(world: World) -> str:
    """Open a stream of a known call, send its metadata, and return its state."""
    world.given()
    state = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    state = await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    world.transcripts.log.clear()
    world.calls.log.clear()
    return state


async def test_a_final_is_one_write_and_no_read(world: World) -> None:
    state = await connected(world)
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech("hello"), state))
    key = f"s-{START // 1000:010d}-{TAG}-0000000003"
    assert world.transcripts.log == [("put", key)]
    assert world.calls.log == []
    row = world.transcripts.calls[CALL_ID][key]
    assert (row["Text"], row["SpeakerId"], row["Locale"]) == ("hello", CALLER, "en-US")
    assert (row["ConnectionId"], row["Sequence"], row["WireOffset"]) == (STREAM, 3, 10_000_000)


async def test_an_intermediate_is_only_forwarded(world: World) -> None:
    state = await connected(world)
    frame = speech("hel", final=False)
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, frame, state))
    assert world.transcripts.log == []
    [message] = world.feed.of(CALL_ID)
    assert (message["type"], message["text"]) == ("intermediate", "hel")


async def test_watchers_see_a_segment_with_its_key_and_nobodys_number(world: World) -> None:
    state = await connected(world)
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    [message] = world.feed.of(CALL_ID, "segment")
    assert message["rowKey"] == world.transcripts.keys(CALL_ID, "s")[0]
    assert message["speaker"] == "+•••0123"


async def test_a_broken_feed_costs_no_row(world: World) -> None:
    world.feed.broken = True
    state = await connected(world)
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_a_redelivered_frame_lands_on_the_same_row(world: World) -> None:
    state = await connected(world)
    event = world.upstream(Kind.MESSAGE, 3, speech(), state)
    after = await world.transcribing.message(event)
    await world.passing(5)
    assert await world.transcribing.message(replace(event, state=after)) == after
    assert await world.transcribing.message(event) == after
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_the_same_words_as_another_event_are_another_row(world: World) -> None:
    state = await connected(world)
    state = await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 4, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


@pytest.mark.parametrize("after", [False, True])
async def test_an_outage_is_outlasted_inside_the_request(world: World, *, after: bool) -> None:
    state = await connected(world)
    world.transcripts.fail("put", LOST, times=15, after=after)
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_an_outage_longer_than_the_patience_is_unavailable(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("put", LOST, times=1_000)
    work = world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert START + 43_000 <= world.clock.now() <= START + 45_000


async def test_storage_that_hangs_is_unavailable_after_the_patience(world: World) -> None:
    state = await connected(world)
    world.transcripts.hang("put", 300)
    work = world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert world.clock.now() == START + 45_000


async def test_a_segment_that_storage_refuses_is_quarantined_whole(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("put", REFUSED)
    event = world.upstream(Kind.MESSAGE, 3, speech(), state)
    after = await world.transcribing.message(event)
    assert world.transcripts.keys(CALL_ID, "s") == []
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert (row["Why"], row["Body"]) == ("refused by storage", event.body)
    assert restore(after, STREAM).quarantined == 1
    assert restore(after, STREAM).finals == 0


async def test_a_frame_whose_bytes_storage_refuses_leaves_its_length_and_hash(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("put", REFUSED)
    event = world.upstream(Kind.MESSAGE, 3, b"no frame", state)
    await world.transcribing.message(event)
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert "Body" not in row
    assert (row["Why"], row["Length"]) == ("not JSON", 8)
    assert row["Sha256"] == hashlib.sha256(event.body).hexdigest()


async def test_metadata_that_storage_refuses_is_quarantined(world: World) -> None:
    state = await connected(world)
    event = world.upstream(Kind.MESSAGE, 3, metadata("x" * 40_000), state)
    await world.transcribing.message(event)
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert row["Length"] == len(event.body)


async def test_a_frame_too_large_for_an_entity_is_quarantined_up_to_the_budget(
    world: World,
) -> None:
    state = await connected(world)
    event = world.upstream(Kind.MESSAGE, 3, speech("x" * 1_000_000), state)
    await world.transcribing.message(event)
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
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, body, state))
    [row] = world.transcripts.of_kind(CALL_ID, "q")
    assert row["Body"] == body
    assert world.feed.of(CALL_ID) == []


async def test_long_text_and_odd_characters_are_stored(world: World) -> None:
    state = await connected(world)
    text = "\U0001f600" * 20_000 + "<script>\x00\u202e"
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 3, speech(text), state))
    document = await world.reading.transcript(CALL_ID, {})
    [segment] = json.loads(document.body)["segments"]
    assert segment["text"] == text


async def test_a_lost_state_costs_a_count_and_never_a_row(world: World) -> None:
    await connected(world)
    state = await world.transcribing.message(world.upstream(Kind.MESSAGE, 7, speech(), "not ours"))
    [key] = world.transcripts.keys(CALL_ID, "s")
    assert key.split("-")[2].startswith("9")
    assert f"c-{key.split('-')[2]}" in world.transcripts.keys(CALL_ID, "c")
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 8, speech("more"), state))
    assert len(world.transcripts.keys(CALL_ID, "c")) == 2
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


async def test_a_frame_before_any_metadata_is_stored_without_a_language(world: World) -> None:
    world.given()
    state = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, speech(), state))
    [row] = world.transcripts.of_kind(CALL_ID, "s")
    assert "Locale" not in row


async def test_connect_writes_who_dials_and_never_a_token(world: World) -> None:
    world.given()
    headers = {
        "X-Ms-Call-Connection-Id": ["connection"],
        "x-ms-call-correlation-id": ["correlation"],
        "Authorization": ["Bearer secret"],
    }
    await world.transcribing.connect(world.upstream(Kind.CONNECT, 0, {"headers": headers}))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["CallConnectionId"] == "connection"
    assert row["CorrelationId"] == "correlation"
    assert row["OpenedAt"] == "2026-11-22T18:54:03.000Z"
    assert "secret" not in repr(row)


async def test_an_unknown_call_is_not_let_in(world: World) -> None:
    work = world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    assert isinstance(await outcome(work), NotFoundError)
    assert world.transcripts.log == []


@pytest.mark.parametrize(("ago", "let_in"), [(1, True), (599, True), (601, False)])
@pytest.mark.parametrize("state", [State.ENDED, State.FAILED, State.MISSED])
async def test_a_call_is_let_in_until_ten_minutes_after_its_end(
    world: World, state: State, ago: int, *, let_in: bool
) -> None:
    world.given(state=state, ended_at=START - ago * 1000)
    failure = await outcome(world.transcribing.connect(world.upstream(Kind.CONNECT, 0)))
    assert (failure is None) is let_in


@pytest.mark.parametrize("method", ["read", "merge"])
async def test_connect_lets_in_when_storage_hangs(world: World, method: str) -> None:
    """Refusing would lose the whole call; the first event writes the connection's row."""
    world.given()
    target = world.calls if method == "read" else world.transcripts
    target.hang(method, 60)
    state = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    assert world.clock.now() == START + 2_000
    assert world.transcripts.keys(CALL_ID, "c") == []
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, speech(), state))
    assert world.transcripts.keys(CALL_ID, "c") == [f"c-{TAG}"]
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_connect_lets_in_when_storage_is_out(world: World) -> None:
    world.given()
    world.transcripts.fail("merge", LOST)
    state = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    assert world.transcripts.keys(CALL_ID, "c") == [f"c-{TAG}"]


async def test_two_connections_of_a_call_have_rows_of_their_own(world: World) -> None:
    world.given()
    first = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    await world.passing(0.01)
    second = await world.transcribing.connect(world.upstream(Kind.CONNECT, 0))
    for state in (first, second):
        await world.transcribing.message(world.upstream(Kind.MESSAGE, 2, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "c")) == 2
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


async def test_the_end_of_a_stream_is_written_and_a_report_queued(world: World) -> None:
    state = await connected(world)
    await world.passing(10)
    body = {"reason": "bye"}
    await world.transcribing.disconnected(world.upstream(Kind.DISCONNECTED, 3, body, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert (row["CloseReason"], row["ClosedAt"]) == ("bye", "2026-11-22T18:54:13.000Z")
    assert (row["Seen"], row["Missing"], row["Locale"]) == (1, 0, "en-US")
    assert world.jobs.of("finish") == [60]


async def test_a_jump_before_the_end_is_suspected_missing(world: World) -> None:
    state = await connected(world)
    await world.transcribing.disconnected(world.upstream(Kind.DISCONNECTED, 6, {}, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["Missing"] == 3


@pytest.mark.parametrize("after", [False, True])
async def test_the_end_of_a_stream_outlasts_an_outage(world: World, *, after: bool) -> None:
    state = await connected(world)
    world.transcripts.fail("merge", LOST, times=5, after=after)
    world.jobs.fail("put", LOST, times=5)
    await world.transcribing.disconnected(world.upstream(Kind.DISCONNECTED, 3, {}, state))
    assert world.jobs.of("finish") == [60]


async def test_a_late_frame_after_the_end_is_stored(world: World) -> None:
    state = await connected(world)
    late = world.upstream(Kind.MESSAGE, 3, speech(), state)
    await world.transcribing.disconnected(world.upstream(Kind.DISCONNECTED, 4, {}, state))
    world.calls.put(replace(world.call, state=State.ENDED, ended_at=world.clock.now()))
    await world.transcribing.message(late)
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_frames_in_any_order_give_the_same_rows(world: World) -> None:
    state = await connected(world)
    events = [
        world.upstream(Kind.MESSAGE, 3 + number, speech(f"line {number}"), state)
        for number in range(4)
    ]
    await asyncio.gather(*(world.transcribing.message(event) for event in reversed(events)))
    rows = world.transcripts.of_kind(CALL_ID, "s")
    assert [row["Text"] for row in rows] == [f"line {number}" for number in range(4)]
