"""A stream is let in if its call is known or storage is out; its end is written and counted."""

from dataclasses import replace

import pytest

from callscribe.calls.call import EndedBy, Machine, State, Transcription
from callscribe.calls.transcription import OperationKind, at_setup
from callscribe.foundation.errors import NotFoundError
from callscribe.foundation.moments import Seconds, iso, later
from callscribe.stream.upstream import Kind
from tests.fakes.clock import START
from tests.fakes.transcribing import STARTING
from tests.fakes.wire import STREAM_ID, connected, metadata, speech
from tests.fakes.wishes import ENGLISH, OFF
from tests.fakes.world import CALL_ID, LOST, World, minutes, outcome, seconds


async def test_connect_writes_who_dials_and_never_a_token(world: World) -> None:
    world.given()
    headers = {
        "X-Ms-Call-Connection-Id": ["connection"],
        "x-ms-call-correlation-id": ["correlation"],
        "Authorization": ["Bearer secret"],
    }
    await world.receive(world.upstream(Kind.CONNECT, 0, {"headers": headers}))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["CallConnectionId"] == "connection"
    assert row["CorrelationId"] == "correlation"
    assert row["OpenedAt"] == "2026-11-22T18:54:03.000Z"
    assert "secret" not in repr(row)


async def test_a_clock_that_is_wrong_does_not_say_when_a_stream_was_opened(world: World) -> None:
    world.given()
    at = iso(later(START, Seconds(3_600)))
    await world.receive(world.upstream(Kind.CONNECT, 0, **{"ce-time": at}))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["OpenedAt"] == at


async def test_an_unknown_call_is_not_let_in(world: World) -> None:
    work = world.receive(world.upstream(Kind.CONNECT, 0))
    assert isinstance(await outcome(work), NotFoundError)
    assert world.transcripts.log == []


@pytest.mark.parametrize(
    ("ago", "by", "let_in"),
    [
        (1, EndedBy.CALLBACK, True),
        (599, EndedBy.CALLBACK, True),
        (601, EndedBy.CALLBACK, False),
        (601, EndedBy.HANGUP, False),
        (601, EndedBy.INFERRED, True),
    ],
)
@pytest.mark.parametrize("state", [State.ENDED, State.FAILED])
async def test_a_call_is_let_in_until_ten_minutes_after_its_end_and_longer_if_that_was_inferred(
    world: World, state: State, ago: int, by: EndedBy, *, let_in: bool
) -> None:
    world.given(state=state, ended_at=later(START, Seconds(-ago)), ended_by=by)
    failure = await outcome(world.receive(world.upstream(Kind.CONNECT, 0)))
    assert (failure is None) is let_in


async def test_a_call_that_counts_as_missed_is_let_in_and_is_up(world: World) -> None:
    world.given(state=State.MISSED, ended_at=later(START, Seconds(-3_600)))
    await world.receive(world.upstream(Kind.CONNECT, 0))
    assert world.call.state is State.CONNECTED
    assert CALL_ID in world.calls.rows


async def test_a_call_that_was_erased_is_not_let_in(world: World) -> None:
    world.given(state=State.ERASED)
    failure = await outcome(world.receive(world.upstream(Kind.CONNECT, 0)))
    assert isinstance(failure, NotFoundError)


async def test_a_stream_that_is_opened_shows_that_the_call_is_up_and_transcribed(
    world: World,
) -> None:
    world.given(
        state=State.CONNECTING,
        connected_at=None,
        machine=Machine(transcribing=at_setup(ENGLISH)),
    )
    await world.passing(2)
    await world.receive(world.upstream(Kind.CONNECT, 0))
    assert (world.call.state, world.call.transcription) == (State.CONNECTED, Transcription.ACTIVE)
    assert world.call.connected_at == world.clock.now()


async def test_a_stream_is_not_held_up_by_what_acs_is_asked(world: World) -> None:
    """ACS waits for the answer to its dial: what is said before is lost."""
    world.given(machine=STARTING, wish=OFF)
    for method in ("stop", "poll"):
        world.telephony.hang(method, 60, times=10)
    await world.receive(world.upstream(Kind.CONNECT, 0))
    assert world.clock.now() == START
    world.telephony.heal()
    await seconds(world, 2)
    assert [each.kind for each in world.telephony.operations] == [OperationKind.STOP]


async def test_a_stream_that_waited_to_be_let_in_says_until_when(world: World) -> None:
    """The host was busy or had to start: until then nothing is heard."""
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.passing(6)
    await world.receive(world.upstream(Kind.CONNECTED, 1, {}, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert (row["OpenedAt"], row["LetInAt"]) == (iso(START), iso(later(START, Seconds(6))))


async def test_that_a_stream_is_let_in_costs_nothing(world: World) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    world.calls.log.clear()
    world.transcripts.log.clear()
    await world.receive(world.upstream(Kind.CONNECTED, 1, {}, state))
    assert (world.calls.log, world.transcripts.log) == ([], [])


async def test_frames_wait_two_seconds_at_most_until_that_is_written(world: World) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.passing(6)
    world.transcripts.hang("merge", 60)
    await world.receive(world.upstream(Kind.CONNECTED, 1, {}, state))
    assert world.clock.now() == START + 8_000


async def test_nobody_says_so_of_a_call_that_is_not_known(world: World) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.passing(6)
    strange = world.upstream(Kind.CONNECTED, 1, {}, state, **{"ce-connectionid": "another"})
    world.calls.saved.clear()
    await outcome(world.receive(strange))
    assert len(world.transcripts.of_kind(CALL_ID, "c")) == 1
    assert "LetInAt" not in world.transcripts.of_kind(CALL_ID, "c")[0]


async def test_a_stream_is_open_although_its_call_could_not_be_told(world: World) -> None:
    world.given(state=State.CONNECTING, connected_at=None)
    world.calls.fail("save", LOST, times=1_000)
    assert await world.receive(world.upstream(Kind.CONNECT, 0), 10)
    assert world.clock.now() <= START + 10_000
    world.calls.heal()
    await minutes(world, 1)
    assert world.call.state is State.CONNECTED


@pytest.mark.parametrize("method", ["read", "merge"])
async def test_connect_lets_in_when_storage_hangs(world: World, method: str) -> None:
    """Refusing would lose the whole call; the first event writes the connection's row."""
    world.given()
    target = world.calls if method == "read" else world.transcripts
    target.hang(method, 60)
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    assert world.clock.now() == START + 2_000
    assert world.transcripts.keys(CALL_ID, "c") == []
    await world.receive(world.upstream(Kind.MESSAGE, 2, speech(), state))
    assert world.transcripts.keys(CALL_ID, "c") == [f"c-{STREAM_ID}"]
    assert len(world.transcripts.keys(CALL_ID, "s")) == 1


async def test_connect_lets_in_when_storage_is_out(world: World) -> None:
    world.given()
    world.transcripts.fail("merge", LOST)
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
    assert world.transcripts.keys(CALL_ID, "c") == [f"c-{STREAM_ID}"]


async def test_two_connections_of_a_call_have_rows_of_their_own(world: World) -> None:
    world.given()
    first = await world.receive(world.upstream(Kind.CONNECT, 0))
    await world.passing(0.01)
    second = await world.receive(world.upstream(Kind.CONNECT, 0))
    for state in (first, second):
        await world.receive(world.upstream(Kind.MESSAGE, 2, speech(), state))
    assert len(world.transcripts.keys(CALL_ID, "c")) == 2
    assert len(world.transcripts.keys(CALL_ID, "s")) == 2


@pytest.mark.parametrize("count", [2, 41])
async def test_connections_of_one_millisecond_keep_every_word(world: World, count: int) -> None:
    """Their events have the same numbers and the same times: only the connection differs."""
    world.given()
    names = [f"connection-{number}" for number in range(count)]
    states = [
        await world.receive(world.upstream(Kind.CONNECT, 0, **{"ce-connectionid": name}))
        for name in names
    ]
    for name, state in zip(names, states, strict=True):
        own = {"ce-connectionid": name}
        first = world.upstream(Kind.MESSAGE, 2, metadata(), state, **own)
        said = speech(f"words of {name}")
        after = await world.receive(first)
        await world.receive(world.upstream(Kind.MESSAGE, 3, said, after, **own))
    assert len(world.transcripts.keys(CALL_ID, "c")) == count
    texts = {row["Text"] for row in world.transcripts.of_kind(CALL_ID, "s")}
    assert texts == {f"words of {name}" for name in names}


async def test_the_end_of_a_stream_is_written_and_acs_is_asked_a_moment_later(world: World) -> None:
    state = await connected(world)
    await world.passing(10)
    body = {"reason": "bye"}
    await world.receive(world.upstream(Kind.DISCONNECTED, 3, body, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert (row["CloseReason"], row["ClosedAt"]) == ("bye", "2026-11-22T18:54:13.000Z")
    assert (row["Seen"], row["Missing"], row["Locale"]) == (1, 0, "en-US")
    assert world.jobs.of("finish") == []
    assert world.jobs.of("wake") == [3]


async def test_a_jump_before_the_end_is_suspected_missing(world: World) -> None:
    state = await connected(world)
    await world.receive(world.upstream(Kind.DISCONNECTED, 6, {}, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert row["Missing"] == 3


@pytest.mark.parametrize("after", [False, True])
async def test_the_end_of_a_stream_outlasts_an_outage(world: World, *, after: bool) -> None:
    state = await connected(world)
    world.transcripts.fail("merge", LOST, times=5, after=after)
    world.jobs.fail("put", LOST, times=5)
    await world.receive(world.upstream(Kind.DISCONNECTED, 3, {}, state))
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert "ClosedAt" in row
    assert len(world.jobs.of("wake")) == 1


async def test_a_call_that_ended_before_its_stream_did_is_only_written_down(world: World) -> None:
    state = await connected(world)
    over = world.calls.put(replace(world.call, state=State.ENDED, ended_at=world.clock.now()))
    await world.receive(world.upstream(Kind.DISCONNECTED, 3, {}, state))
    assert world.call == over
    assert world.jobs.queued == []


async def test_a_hundred_cuts_are_reported_on_twice(world: World) -> None:
    """Each report reads all rows of the call: one for every cut would read half a million."""
    state: str | None = await connected(world)
    own: dict[str, str] = {}
    for number in range(100):
        await world.receive(world.upstream(Kind.DISCONNECTED, 3, {}, state, **own))
        await world.passing(5)
        own = {"ce-connectionid": f"stream {number}"}
        state = await world.receive(world.upstream(Kind.CONNECT, 0, **own))
    await world.follow(world.event("CallDisconnected"))
    assert world.jobs.of("finish") == [60, 600]
