"""What is said is a row before it is acknowledged: one write a frame, whatever storage does."""

import asyncio
import json
from dataclasses import replace

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.stream.state import restore
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.wire import STREAM_ID, connected, speech
from tests.fakes.world import CALL_ID, CALLER, LOST, STREAM, World, outcome


async def test_a_final_is_one_write_and_no_read(world: World) -> None:
    state = await connected(world)
    await world.receive(world.upstream(Kind.MESSAGE, 3, speech("hello"), state))
    key = f"s-{START // 1000:010d}-{STREAM_ID}-0000000003"
    assert world.transcripts.log == [("insert", key)]
    assert world.calls.log == []
    row = world.transcripts.calls[CALL_ID][key]
    assert (row["Text"], row["SpeakerId"], row["Locale"]) == ("hello", CALLER, "en-US")
    assert (row["ConnectionId"], row["Sequence"], row["WireOffset"]) == (STREAM, 3, 10_000_000)


async def test_an_intermediate_is_only_forwarded(world: World) -> None:
    state = await connected(world)
    frame = speech("hel", final=False)
    await world.receive(world.upstream(Kind.MESSAGE, 3, frame, state))
    assert world.transcripts.log == []
    [message] = world.feed.of(CALL_ID)
    assert (message["type"], message["text"]) == ("intermediate", "hel")


async def test_watchers_see_a_segment_with_its_key_and_nobodys_number(world: World) -> None:
    state = await connected(world)
    await world.receive(world.upstream(Kind.MESSAGE, 3, speech(), state))
    [message] = world.feed.of(CALL_ID, "segment")
    assert message["rowKey"] == world.transcripts.keys(CALL_ID, "s")[0]
    assert message["speaker"] == "+•••0123"


async def test_a_broken_feed_costs_no_row(world: World) -> None:
    world.feed.broken = True
    state = await connected(world)
    await world.receive(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_a_redelivered_frame_lands_on_the_same_row(world: World) -> None:
    state = await connected(world)
    event = world.upstream(Kind.MESSAGE, 3, speech(), state)
    after = await world.message(event)
    await world.passing(5)
    assert await world.message(replace(event, state=restore(after, STREAM))) == after
    assert await world.message(event) == after
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_the_same_words_as_another_event_are_another_row(world: World) -> None:
    state = await connected(world)
    state = await world.message(world.upstream(Kind.MESSAGE, 3, speech(), state))
    await world.receive(world.upstream(Kind.MESSAGE, 4, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


@pytest.mark.parametrize("after", [False, True])
async def test_an_outage_is_outlasted_inside_the_request(world: World, *, after: bool) -> None:
    state = await connected(world)
    world.transcripts.fail("insert", LOST, times=10, after=after)
    await world.receive(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_an_outage_longer_than_the_deadline_is_unavailable(world: World) -> None:
    state = await connected(world)
    world.transcripts.fail("insert", LOST, times=1_000)
    work = world.receive(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert START + 19_000 <= world.clock.now() <= START + 21_000


async def test_storage_that_hangs_is_unavailable_at_the_deadline(world: World) -> None:
    state = await connected(world)
    world.transcripts.hang("insert", 300)
    work = world.receive(world.upstream(Kind.MESSAGE, 3, speech(), state))
    assert isinstance(await outcome(work), StorageUnavailableError)
    assert world.clock.now() == START + 21_000


async def test_long_text_and_odd_characters_are_stored(world: World) -> None:
    state = await connected(world)
    text = "\U0001f600" * 20_000 + "<script>\x00\u202e"
    await world.receive(world.upstream(Kind.MESSAGE, 3, speech(text), state))
    document = await world.reading.transcript(CALL_ID, {})
    [segment] = json.loads(document.body)["segments"]
    assert segment["text"] == text


async def test_a_lost_state_costs_a_count_and_never_a_row(world: World) -> None:
    await connected(world)
    state = await world.receive(world.upstream(Kind.MESSAGE, 7, speech(), "not ours"))
    [key] = world.transcripts.keys(CALL_ID, "s")
    assert key.split("-")[2].startswith("9")
    assert f"c-{key.split('-')[2]}" in world.transcripts.keys(CALL_ID, "c")
    await world.receive(world.upstream(Kind.MESSAGE, 8, speech("more"), state))
    assert len(world.transcripts.keys(CALL_ID, "c")) == 2
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


async def test_a_frame_before_any_metadata_is_stored_without_a_language(world: World) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.receive(world.upstream(Kind.MESSAGE, 2, speech(), state))
    [row] = world.transcripts.of_kind(CALL_ID, "s")
    assert "Locale" not in row


async def test_a_late_frame_after_the_end_is_stored(world: World) -> None:
    state = await connected(world)
    late = world.upstream(Kind.MESSAGE, 3, speech(), state)
    await world.receive(world.upstream(Kind.DISCONNECTED, 4, {}, state))
    world.calls.put(replace(world.call, state=State.ENDED, ended_at=world.clock.now()))
    await world.receive(late)
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_frames_in_any_order_give_the_same_rows(world: World) -> None:
    state = await connected(world)
    events = [
        world.upstream(Kind.MESSAGE, 3 + number, speech(f"line {number}"), state)
        for number in range(4)
    ]
    await asyncio.gather(*(world.receive(event) for event in reversed(events)))
    rows = world.transcripts.of_kind(CALL_ID, "s")
    assert [row["Text"] for row in rows] == [f"line {number}" for number in range(4)]
