"""Finishing counts what is stored and can run any number of times."""

from dataclasses import replace
from typing import Any

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import ConflictError, NotFoundError
from callscribe.foundation.moments import Seconds
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.wire import metadata, speech
from tests.fakes.world import CALL_ID, CALLEE, CALLER, LOST, World, outcome


async def talked(world: World, *lines: dict[str, Any]) -> None:
    """Have a stream with these lines, a second apart, open since the answer."""
    world.given(answered_at=START)
    state = await world.receiver.receive(world.upstream(Kind.CONNECT, 0))
    state = await world.receiver.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    for number, line in enumerate(lines, start=3):
        await world.passing(1)
        state = await world.receiver.receive(world.upstream(Kind.MESSAGE, number, line, state))
    await world.passing(1)
    end = world.upstream(Kind.DISCONNECTED, len(lines) + 3, {}, state)
    await world.receiver.receive(end)


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


async def test_a_call_that_is_not_over_is_only_reported_on(world: World) -> None:
    await talked(world, speech())
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.finished_at is None
    assert world.call.state is State.CONNECTED


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
    assert {entry[0] for entry in world.transcripts.log} == {"rows"}
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
    await world.finishing.finish(CALL_ID)
    assert len(world.transcripts.keys(CALL_ID, "g")) == 1
    await world.receiver.receive(world.upstream(Kind.CONNECT, 0, **{"ce-connectionid": "2"}))
    await world.passing(10)
    await world.finishing.finish(CALL_ID)
    [gap] = world.transcripts.of_kind(CALL_ID, "g")
    assert gap["Seconds"] == 10
    await world.transcripts.put(CALL_ID, "g-0000000000001-0000000000000", {"Seconds": 1.0})
    await world.finishing.finish(CALL_ID)
    assert len(world.transcripts.keys(CALL_ID, "g")) == 1


async def test_everybody_who_took_part_can_be_found(world: World) -> None:
    await talked(world, speech(), speech(participantRawID="8:acs:third"))
    await world.finishing.finish(CALL_ID)
    people = (CALLER, CALLEE, "8:acs:third")
    assert world.calls.links == {(person, CALL_ID) for person in people}


async def test_nobody_is_linked_to_a_withheld_number(world: World) -> None:
    await talked(world)
    world.calls.put(replace(world.call, caller="unknown"))
    await world.finishing.finish(CALL_ID)
    assert world.calls.links == {(CALLEE, CALL_ID)}


async def test_watchers_are_told(world: World) -> None:
    await talked(world)
    await ended(world)
    await world.finishing.finish(CALL_ID)
    assert world.feed.of(CALL_ID, "state")[-1]["state"] == "ended"


async def test_an_unknown_call_is_not_found(world: World) -> None:
    assert isinstance(await outcome(world.finishing.finish(CALL_ID)), NotFoundError)


async def test_a_call_that_changes_meanwhile_keeps_the_change(world: World) -> None:
    await talked(world, speech())
    world.calls.fail("save", ConflictError("changed"), times=2)
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
    await world.receiver.receive(late)
    await world.finishing.finish(CALL_ID)
    assert world.call.report
    assert world.call.report.finals == 2
