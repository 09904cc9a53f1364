"""Who is on a call is written down and linked as soon as it is told."""

from dataclasses import replace

import pytest

from callscribe.calls.call import State
from callscribe.foundation.errors import StorageUnavailableError
from callscribe.foundation.identifiers import participant_id, person_key
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.people.attendance import Attendance
from callscribe.people.roster import Interval, presence
from tests.fakes.calls import FakeCallStore
from tests.fakes.clock import START
from tests.fakes.transcripts import FakeTranscriptStore
from tests.people.there import CALL, CALLER, listed

LISTENER = "4:+14255550188"
LOST = StorageUnavailableError("no reply")
CROWD = [f"8:acs:resource_{number}" for number in range(100)]


def at(seconds: float) -> Ms:
    return later(START, Seconds(seconds))


@pytest.fixture
def attendance() -> Attendance:
    return Attendance(FakeCallStore(), FakeTranscriptStore())


def stores(attendance: Attendance) -> tuple[FakeCallStore, FakeTranscriptStore]:
    calls, transcripts = attendance.calls, attendance.transcripts
    assert isinstance(calls, FakeCallStore)
    assert isinstance(transcripts, FakeTranscriptStore)
    return calls, transcripts


async def found(attendance: Attendance, raw_id: str) -> list[str]:
    return await attendance.calls.of_person(participant_id(raw_id), None, "~", 10)


async def test_who_only_listens_is_found_at_once(attendance: Attendance) -> None:
    await attendance.note(CALL, listed(1, CALLER, LISTENER), START)
    for raw_id in (LISTENER, LISTENER.replace("+", ""), CALLER):
        assert await found(attendance, raw_id) == [CALL.id]
    _, transcripts = stores(attendance)
    assert transcripts.keys(CALL.id) == sorted([person_key(CALLER), person_key(LISTENER)])


async def test_a_list_without_news_costs_one_write_and_a_repeated_one_none(
    attendance: Attendance,
) -> None:
    calls, transcripts = stores(attendance)
    await attendance.note(CALL, listed(1, CALLER, LISTENER), START)
    calls.log.clear()
    transcripts.log.clear()
    await attendance.note(CALL, listed(2, CALLER, LISTENER), at(5))
    await attendance.note(CALL, listed(2, CALLER, LISTENER), at(5))
    assert (calls.log, transcripts.count("merge"), transcripts.count("rows")) == ([], 1, 2)


@pytest.mark.parametrize("lost", ["link", "merge", "rows"])
async def test_what_an_outage_kept_from_being_written_is_written_when_repeated(
    attendance: Attendance, lost: str
) -> None:
    calls, transcripts = stores(attendance)
    (calls if lost == "link" else transcripts).fail(lost, LOST)
    with pytest.raises(StorageUnavailableError):
        await attendance.note(CALL, listed(1, *CROWD), START)
    await attendance.note(CALL, listed(1, *CROWD), START)
    assert transcripts.keys(CALL.id) == sorted(map(person_key, CROWD))
    assert calls.links == {(raw_id, CALL.id) for raw_id in CROWD}


async def test_at_the_end_nobody_is_there(attendance: Attendance) -> None:
    _, transcripts = stores(attendance)
    await attendance.note(CALL, listed(1, CALLER), START)
    await attendance.note_end(CALL)
    assert "LeftAt" not in transcripts.calls[CALL.id][person_key(CALLER)]
    await attendance.note_end(replace(CALL, state=State.ENDED, ended_at=at(30)))
    assert transcripts.calls[CALL.id][person_key(CALLER)]["LeftAt"] == iso(at(30))


async def test_a_list_that_comes_after_the_end_opens_nothing(attendance: Attendance) -> None:
    """ACS has been seen to send one that is stamped after CallDisconnected."""
    _, transcripts = stores(attendance)
    over = replace(CALL, state=State.ENDED, ended_at=at(30))
    await attendance.note(CALL, listed(1, CALLER), START)
    await attendance.note_end(over)
    await attendance.note(over, listed(2, CALLER, LISTENER), at(31))
    row = transcripts.calls[CALL.id][person_key(CALLER)]
    assert presence(row) == [Interval(START, at(30))]
    row = transcripts.calls[CALL.id][person_key(LISTENER)]
    assert presence(row) == [Interval(at(30), at(30))]
    assert await found(attendance, LISTENER) == [CALL.id]


async def test_who_was_heard_has_a_row(attendance: Attendance) -> None:
    _, transcripts = stores(attendance)
    await attendance.note(CALL, listed(1, CALLER), START)
    await attendance.note_speakers(CALL, [CALLER, LISTENER])
    assert transcripts.calls[CALL.id][person_key(LISTENER)] == {
        "RawId": LISTENER,
        "Kind": "phoneNumber",
    }
