"""A row is made for a connection that was let in, at one read, and never over another row."""

from copy import replace
from typing import Any

import pytest

from callscribe.calls.call import EndedBy, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.errors import NotFoundError, StorageUnavailableError
from callscribe.foundation.identifiers import lost_stream_id, new_call_id, new_stream_id
from callscribe.foundation.moments import Seconds, later
from callscribe.stream.state import encode, opened, restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.wire import STREAM_ID, connected, metadata, speech
from tests.fakes.world import CALL_ID, LOST, STREAM, World, outcome

OTHER = new_call_id(START, "another call")
ENTRA = settings(
    WEBPUBSUB_UPSTREAM_CODE="",
    **{
        f"WEBPUBSUB_UPSTREAM_{name}": "01234567-89ab-cdef-0123-456789abcdef"
        for name in ("AUDIENCE", "TENANT", "OBJECT_ID")
    },
)
NO_MARK = encode(opened(START, STREAM, written=True))
STATES = pytest.mark.parametrize("state", ["", "not ours", NO_MARK], ids=["lost", "odd", "no mark"])


def everything(world: World) -> dict[str, dict[str, Columns]]:
    """Return all rows of all transcripts."""
    return {call: dict(rows) for call, rows in world.transcripts.calls.items() if rows}


async def unseen(world: World) -> str:
    """Open a stream while storage is out, and return its state."""
    world.calls.fail("read", LOST)
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    assert state is not None
    assert world.transcripts.log == []
    world.calls.log.clear()
    return state


def final(world: World, number: int, state: str | None, **headers: str) -> UpstreamEvent:
    return world.upstream(Kind.MESSAGE, number, speech(f"line {number}"), state, **headers)


class TestWithoutAMark:
    @STATES
    @pytest.mark.parametrize("body", [speech(), speech(final=False), metadata(), b"no frame"])
    async def test_nothing_is_stored_or_shown_of_a_call_that_never_was(
        self, world: World, state: str, body: Any
    ) -> None:
        work = world.receive(world.upstream(Kind.MESSAGE, 2, body, state))
        assert isinstance(await outcome(work), NotFoundError)
        assert everything(world) == {}
        assert world.feed.of(CALL_ID) == []

    async def test_nor_of_its_end(self, world: World) -> None:
        work = world.receive(world.upstream(Kind.DISCONNECTED, 2, {}))
        assert isinstance(await outcome(work), NotFoundError)
        assert everything(world) == {}

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": State.ERASED},
            {
                "state": State.ENDED,
                "ended_by": EndedBy.CALLBACK,
                "ended_at": later(START, Seconds(-601)),
            },
        ],
        ids=["erased", "long over"],
    )
    async def test_nor_of_one_that_gets_no_stream(
        self, world: World, changes: dict[str, Any]
    ) -> None:
        world.given(**changes)
        assert isinstance(await outcome(world.receive(final(world, 2, ""))), NotFoundError)
        assert everything(world) == {}

    @STATES
    async def test_a_call_is_read_once_for_its_connection(self, world: World, state: str) -> None:
        world.given()
        after = await world.receive(final(world, 2, state))
        assert [method for method, *_ in world.calls.log] == ["read"]
        assert [method for method, *_ in world.transcripts.log] == ["insert", "merge"]
        world.calls.log.clear()
        world.transcripts.log.clear()
        await world.receive(final(world, 3, after))
        assert world.calls.log == []
        assert [method for method, *_ in world.transcripts.log] == ["insert"]

    @STATES
    async def test_a_state_that_proves_nothing_counts_as_lost(
        self, world: World, state: str
    ) -> None:
        """Its stream id could be another connection's, whose row would be written."""
        world.given()
        await world.receive(final(world, 2, state))
        assert world.transcripts.keys(CALL_ID, "c") == [f"c-{lost_stream_id(STREAM)}"]

    async def test_storage_that_is_out_is_outlasted(self, world: World) -> None:
        world.given()
        world.calls.fail("read", LOST, times=5)
        await world.receive(final(world, 2, ""))
        assert len(world.transcripts.keys(CALL_ID, "s")) == 1

    async def test_storage_that_stays_out_is_unavailable(self, world: World) -> None:
        world.given()
        world.calls.fail("read", LOST, times=1_000)
        work = world.receive(final(world, 2, ""))
        assert isinstance(await outcome(work), StorageUnavailableError)
        assert START + 19_000 <= world.clock.now() <= START + 21_000
        assert everything(world) == {}


class TestLetInUnseen:
    async def test_the_call_is_read_once_and_the_stream_keeps_its_id(self, world: World) -> None:
        world.given()
        state = await unseen(world)
        state = await world.message(final(world, 2, state))
        assert world.calls.count("read") == 1
        await world.receive(final(world, 3, state))
        assert world.calls.count("read") == 1
        assert world.transcripts.keys(CALL_ID, "c") == [f"c-{STREAM_ID}"]
        assert len(world.transcripts.keys(CALL_ID, "s")) == 2

    async def test_one_of_no_call_is_found_out_before_its_first_row(self, world: World) -> None:
        state = await unseen(world)
        for event in (final(world, 2, state), world.upstream(Kind.DISCONNECTED, 3, {}, state)):
            assert isinstance(await outcome(world.receive(event)), NotFoundError)
        assert everything(world) == {}


@pytest.mark.parametrize("mode", [settings(), ENTRA], ids=["signing", "Entra"])
class TestForeign:
    """What a connection was let in for is written in its mark."""

    @pytest.mark.parametrize("headers", [{"ce-userid": OTHER}, {"ce-connectionid": "another"}])
    @pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.DISCONNECTED])
    async def test_the_state_of_another_call_or_connection_is_refused(
        self, mode: Any, kind: Kind, headers: dict[str, str]
    ) -> None:
        world = World(mode)
        state = await connected(world)
        world.calls.put(replace(world.usual(), id=OTHER))
        before = everything(world)
        work = world.receive(world.upstream(kind, 3, speech(), state, **headers))
        assert isinstance(await outcome(work), NotFoundError)
        assert everything(world) == before
        assert world.calls.log == []

    async def test_its_own_costs_no_read(self, mode: Any) -> None:
        world = World(mode)
        state = await connected(world)
        await world.receive(final(world, 3, state))
        assert world.calls.log == []
        assert [method for method, *_ in world.transcripts.log] == ["insert"]


async def test_a_stream_id_that_was_changed_is_not_believed(world: World) -> None:
    state = restore(await connected(world), STREAM)
    victim = new_stream_id(START, "another connection")
    forged = encode(replace(state, stream_id=victim))
    await world.receive(world.upstream(Kind.DISCONNECTED, 3, {}, forged))
    assert f"c-{victim}" not in world.transcripts.keys(CALL_ID)


class TestNothingIsReplaced:
    async def test_another_text_under_the_same_numbers_is_put_aside(self, world: World) -> None:
        state = await connected(world)
        await world.receive(world.upstream(Kind.MESSAGE, 3, speech("said"), state))
        before = everything(world)[CALL_ID]
        forged = world.upstream(Kind.MESSAGE, 3, speech("never said"), state)
        for _ in range(2):
            after = restore(await world.message(forged), STREAM)
        assert (after.finals, after.quarantined) == (0, 1)
        rows = everything(world)[CALL_ID]
        assert {key: rows[key] for key in before} == before
        (key,) = rows.keys() - before.keys()
        assert key.startswith("q-")
        assert rows[key]["Body"] == forged.body

    async def test_nor_is_a_frame_that_could_not_be_read(self, world: World) -> None:
        state = await connected(world)
        for body in (b"one", b"two", b"one", b"two"):
            await world.receive(world.upstream(Kind.MESSAGE, 3, body, state))
        rows = world.transcripts.of_kind(CALL_ID, "q")
        assert {row["Body"] for row in rows} == {b"one", b"two"}
        assert len(rows) == 2

    @pytest.mark.parametrize("given_back", ["old", "new"])
    async def test_a_redelivery_is_no_second_row_and_changes_none(
        self, world: World, given_back: str
    ) -> None:
        state = await connected(world)
        event = world.upstream(Kind.MESSAGE, 3, speech("said"), state)
        after = await world.message(event)
        (key,) = world.transcripts.keys(CALL_ID, "s")
        await world.transcripts.merge(CALL_ID, key, {"DuplicateOf": "an earlier one"})
        before = everything(world)
        await world.passing(5)
        again = event if given_back == "old" else replace(event, state=restore(after, STREAM))
        assert await world.message(again) == after
        assert everything(world) == before

    async def test_a_reply_that_was_lost_is_no_second_row(self, world: World) -> None:
        state = await connected(world)
        world.transcripts.fail("insert", LOST, times=3, after=True)
        await world.receive(world.upstream(Kind.MESSAGE, 3, speech("said"), state))
        assert len(world.transcripts.keys(CALL_ID, "s")) == 1
        assert world.transcripts.keys(CALL_ID, "q") == []


class TestTheConnectionsOwnRow:
    """What is stored of a frame is acknowledged, whatever becomes of it."""

    @pytest.mark.parametrize("final_", [True, False])
    async def test_a_frame_is_acknowledged_where_only_that_row_fails(
        self, world: World, *, final_: bool
    ) -> None:
        world.given()
        state = await unseen(world)
        world.transcripts.fail("merge", LOST, times=1_000)
        body = speech(final=final_)
        after = await world.message(world.upstream(Kind.MESSAGE, 2, body, state))
        assert world.clock.now() <= START + 2_000
        assert len(world.transcripts.keys(CALL_ID, "s")) == final_
        assert not restore(after, STREAM).written
        assert world.transcripts.keys(CALL_ID, "c") == []
        world.transcripts.heal()
        after = await world.message(final(world, 3, after))
        assert restore(after, STREAM).written
        assert world.transcripts.of_kind(CALL_ID, "c")[0]["Seen"] == 2
        assert world.calls.count("read") == 1

    async def test_metadata_is_that_row_and_is_outlasted(self, world: World) -> None:
        world.given()
        state = await unseen(world)
        world.transcripts.fail("merge", LOST, times=1_000)
        work = world.receive(world.upstream(Kind.MESSAGE, 2, metadata(), state))
        assert isinstance(await outcome(work), StorageUnavailableError)
