"""Finishing counts what is stored and can run any number of times."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import State
from callscribe.foundation.columns import Columns
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import ConflictError, NotFoundError, StorageUnavailableError
from callscribe.foundation.moments import Seconds, iso, later
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.wire import metadata, speech
from tests.fakes.world import CALL_ID, CALLEE, CALLER, LOST, World, outcome


async def talked(world: World, *lines: dict[str, Any]) -> None:
    """Have a stream with these lines, a second apart, open since the answer."""
    world.given(answered_at=START)
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    state = await world.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    for number, line in enumerate(lines, start=3):
        await world.passing(1)
        state = await world.receive(world.upstream(Kind.MESSAGE, number, line, state))
    await world.passing(1)
    end = world.upstream(Kind.DISCONNECTED, len(lines) + 3, {}, state)
    await world.receive(end)


async def ended(world: World) -> None:
    world.calls.put(replace(world.call, state=State.ENDED, ended_at=world.clock.now()))


async def test_reports_what_was_stored_and_when(world: World) -> None:
    await talked(world, speech("he", final=False), speech("hello"), {"kind": "?"})
    await ended(world)
    await world.finishing.finish(CALL_ID)
    report = world.call.report
    assert report
    assert (report.frames, report.metadata, report.intermediates) == (4, 1, 1)
    assert (report.finals, report.quarantined, report.duplicates) == (1, 1, 0)
    assert (report.suspected_missing, report.seconds_without_stream) == (0, Seconds(0))
    assert world.call.finished_at == world.clock.now()


async def test_a_call_that_is_up_is_not_reported_on(world: World) -> None:
    await talked(world, speech())
    world.transcripts.log.clear()
    before = world.calls.saved[CALL_ID]
    assert not await world.finishing.finish(CALL_ID)
    assert world.calls.saved[CALL_ID] == before
    assert world.transcripts.log == []
    await ended(world)
    assert await world.finishing.finish(CALL_ID)


async def test_a_call_that_turns_out_to_be_up_meanwhile_is_left_as_it_is(world: World) -> None:
    await talked(world, speech())
    await ended(world)
    up = replace(world.call, state=State.CONNECTED, ended_at=None)
    world.transcripts.hang("rows", 5)
    finishing = asyncio.create_task(world.finishing.finish(CALL_ID))
    await world.passing(1)
    world.calls.put(up)
    assert not await finishing
    assert world.call == up


async def test_what_was_said_again_is_marked_and_skipped_by_readers(world: World) -> None:
    await talked(world, speech("hello"), speech("hello"), speech("hello", offset=1))
    await ended(world)
    await world.finishing.finish(CALL_ID)
    first, second, third = world.transcripts.keys(CALL_ID, "s")
    rows = world.transcripts.calls[CALL_ID]
    assert rows[second]["DuplicateOf"] == first
    assert "DuplicateOf" not in rows[first] | rows[third]
    document = await world.reading.transcript(CALL_ID, {"format": "text"})
    assert document.body.count(b"hello") == 2


async def test_finishing_again_writes_no_row_again(world: World) -> None:
    await talked(world, speech(), speech())
    await ended(world)
    await world.finishing.finish(CALL_ID)
    before = world.transcripts.calls[CALL_ID]
    world.transcripts.log.clear()
    await world.passing(600)
    await world.finishing.finish(CALL_ID)
    assert world.transcripts.calls[CALL_ID] == before
    assert {entry[0] for entry in world.transcripts.log} == {"insert", "rows"}
    assert world.call.finished_at == world.clock.now()


async def test_time_without_a_stream_is_rows_of_its_own(world: World) -> None:
    await talked(world, speech())
    await world.passing(10)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    [gap] = world.transcripts.of_kind(CALL_ID, "g")
    assert gap["Seconds"] == 10
    assert world.call.report
    assert world.call.report.seconds_without_stream == Seconds(10)


async def test_a_gap_that_turns_out_to_be_none_is_taken_back(world: World) -> None:
    await talked(world, speech())
    await world.passing(10)
    await world.receive(world.upstream(Kind.CONNECT, 0, **{"ce-connectionid": "2"}))
    await ended(world)
    await world.finishing.finish(CALL_ID)
    gaps = world.transcripts.of_kind(CALL_ID, "g")
    assert [(gap["Seconds"], gap["Kind"]) for gap in gaps] == [(10, "lost"), (0, "lost")]
    await world.transcripts.put(CALL_ID, "g-0000000000001-0000000000000", {"Seconds": 1.0})
    await world.finishing.finish(CALL_ID)
    assert world.transcripts.of_kind(CALL_ID, "g") == gaps


async def test_time_in_which_nothing_was_wanted_is_told_apart(world: World) -> None:
    await talked(world, speech())
    for number, since in ((1, START), (2, world.clock.now())):
        wish: Columns = {"On": number == 1, "Why": "asked", "From": iso(since)}
        await world.transcripts.put(CALL_ID, f"w-{number:06d}", wish)
    await world.passing(10)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    [gap] = world.transcripts.of_kind(CALL_ID, "g")
    assert gap["Kind"] == "notWanted"
    report = world.call.report
    assert report
    assert report.seconds_without_stream == Seconds(0)
    assert report.seconds_not_wanted == Seconds(10)


@pytest.mark.parametrize("reason", ["the event handler answered 503", ""])
async def test_what_web_pubsub_held_when_we_answered_503_is_within_the_gap(
    world: World, reason: str
) -> None:
    """Storage is out for a minute while people talk: only the first of their words are stored."""
    world.given(answered_at=START)
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    state = await world.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    await world.passing(2)
    said = world.upstream(Kind.MESSAGE, 3, speech("stored"), state)
    state = await world.receive(said)
    await world.passing(1)
    world.transcripts.fail("insert", LOST, times=1_000)
    refused = world.receive(world.upstream(Kind.MESSAGE, 4, speech("lost"), state))
    assert isinstance(await outcome(refused), StorageUnavailableError)
    world.transcripts.heal()
    end = world.upstream(Kind.DISCONNECTED, 5, {"reason": reason}, state)
    await world.receive(end)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    [gap] = world.transcripts.of_kind(CALL_ID, "g")
    assert gap["From"] == iso(later(START, Seconds(1.5)))
    assert later(START, Seconds(1.5 + float(gap["Seconds"]))) == world.clock.now()
    report = world.call.report
    assert report
    assert (report.finals, report.suspected_missing) == (1, 1)


async def test_rows_that_vanished_are_missing(world: World) -> None:
    await talked(world, speech("one"), speech("two", offset=1), speech("three", offset=2))
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.report.suspected_missing == 0
    await world.transcripts.delete(CALL_ID, world.transcripts.keys(CALL_ID, "s")[1])
    await world.finishing.finish(CALL_ID)
    report = world.call.report
    assert (report.finals, report.suspected_missing, report.frames) == (2, 1, 3)


async def test_event_numbers_that_start_high_do_not_keep_a_call_from_being_finished(
    world: World,
) -> None:
    """On two connections the sums of what is missing would be larger than a column takes."""
    world.given(answered_at=START)
    for name in ("one", "two"):
        own = {"ce-connectionid": name}
        state = await world.receive(world.upstream(Kind.CONNECT, 0, **own))
        first = world.upstream(Kind.MESSAGE, 2**31 - 3, metadata(), state, **own)
        state = await world.receive(first)
        last = world.upstream(Kind.DISCONNECTED, 2**31 - 1, {}, state, **own)
        await world.receive(last)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.report.suspected_missing == 2


async def test_everybody_who_took_part_can_be_found(world: World) -> None:
    await talked(world, speech(), speech(participantRawID="8:acs:third"))
    await ended(world)
    await world.finishing.finish(CALL_ID)
    people = (CALLER, CALLEE, "8:acs:third")
    assert world.calls.links == {(person, CALL_ID) for person in people}


async def test_nobody_is_linked_to_a_withheld_number(world: World) -> None:
    await talked(world)
    world.calls.put(replace(world.call, caller="unknown"))
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.calls.links == {(CALLEE, CALL_ID)}


async def test_what_was_wanted_last_has_its_row_at_the_latest_now(world: World) -> None:
    """The worker that saved that revision died before it wrote the row."""
    await talked(world)
    await ended(world)
    assert world.transcripts.keys(CALL_ID, "w") == []
    await world.finishing.finish(CALL_ID)
    await world.finishing.finish(CALL_ID)
    assert world.transcripts.keys(CALL_ID, "w") == ["w-000001"]


async def test_storage_that_is_out_for_good_ends_at_the_deadline(world: World) -> None:
    await talked(world)
    await ended(world)
    world.calls.fail("save", LOST, times=1_000)
    begun = world.clock.now()
    work = world.finishing.finish(CALL_ID, Deadline.after(Seconds(20)))
    assert await outcome(work) is LOST
    assert world.clock.now() <= later(begun, Seconds(20))


async def test_watchers_are_told(world: World) -> None:
    await talked(world)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.feed.of(CALL_ID, "state")[-1]["state"] == "ended"


async def test_an_unknown_call_is_not_found(world: World) -> None:
    assert isinstance(await outcome(world.finishing.finish(CALL_ID)), NotFoundError)


async def test_a_call_that_changes_meanwhile_keeps_the_change(world: World) -> None:
    await talked(world, speech())
    await ended(world)
    world.calls.fail("save", ConflictError("changed"), times=2)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.call.report


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", ["rows", "merge", "link"])
async def test_a_failure_half_way_is_made_good_by_the_next_run(
    world: World, method: str, *, after: bool
) -> None:
    await talked(world, speech(), speech())
    await ended(world)
    target = world.calls if method == "link" else world.transcripts
    target.fail(method, LOST, after=after)
    assert await outcome(world.finishing.finish(CALL_ID)) is LOST
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.report.duplicates == 1
    assert sum("DuplicateOf" in row for row in world.transcripts.of_kind(CALL_ID, "s")) == 1


async def test_late_frames_are_in_the_second_report(world: World) -> None:
    await talked(world, speech())
    await ended(world)
    await world.finishing.finish(CALL_ID)
    late = world.upstream(Kind.MESSAGE, 4, speech("late", offset=2), "lost")
    await world.receive(late)
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.report.finals == 2
