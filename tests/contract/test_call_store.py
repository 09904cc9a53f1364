"""What a CallStore promises, held by the fake and by the tables alike."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from callscribe.calls.call import Call, Direction, Machine, State
from callscribe.calls.ports import Active, CallStore
from callscribe.calls.transcription import Running, Transcribing
from callscribe.foundation.errors import ConflictError
from callscribe.foundation.identifiers import call_keys, new_call_id, participant_id
from callscribe.foundation.moments import Ms, Seconds, day, later
from callscribe.storage.active import active_keys
from tests.fakes.calls import FakeCallStore
from tests.fakes.clock import START
from tests.fakes.wishes import ENGLISH, OFF, ON
from tests.storage.storage import Storage

DAY = day(START)
DUE = later(START, Seconds(15))


def partition(call_id: str) -> str:
    """Return the partition in which a call is listed as active."""
    return active_keys(call_id)[0]


def call(number: int = 0, **changes: object) -> Call:
    """Return a call; higher numbers rang later."""
    begun_at = Ms(START + number)
    usual = Call(
        id=new_call_id(begun_at, f"event {number}"),
        direction=Direction.INBOUND,
        state=State.ANSWERING,
        caller="4:+14255550123",
        callee="4:+18005550199",
        begun_at=begun_at,
        wish=OFF,
    )
    return replace(usual, **changes)  # type: ignore[arg-type] # named by the test


class CallStoreContract:
    """The promise; a subclass brings the store."""

    async def test_what_was_created_is_read_back(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        assert created.call == call()
        assert await store.read(call().id) == created

    async def test_an_unknown_call_is_none(self, store: CallStore) -> None:
        assert await store.read(call().id) is None

    async def test_a_call_is_created_once(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        with pytest.raises(ConflictError):
            await store.create(call(drives=2), DUE)
        assert await store.read(call().id) == created

    async def test_the_same_call_created_again_is_a_conflict_too(self, store: CallStore) -> None:
        await store.create(call(), DUE)
        with pytest.raises(ConflictError):
            await store.create(call(), DUE)

    async def test_a_save_at_the_latest_version_is_read_back(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        saved = await store.save(call(state=State.CONNECTED), created.etag)
        assert saved.call.state is State.CONNECTED
        assert await store.read(call().id) == saved
        again = await store.save(call(state=State.ENDED), saved.etag)
        assert await store.read(call().id) == again

    async def test_a_save_takes_away_what_is_no_longer_known(self, store: CallStore) -> None:
        created = await store.create(call(connection_id="c", ended_at=START), DUE)
        await store.save(call(), created.etag)
        stored = await store.read(call().id)
        assert stored
        assert stored.call == call()

    async def test_a_save_at_an_older_version_is_a_conflict(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        saved = await store.save(call(drives=2), created.etag)
        with pytest.raises(ConflictError):
            await store.save(call(drives=3), created.etag)
        assert await store.read(call().id) == saved

    async def test_a_save_of_the_same_values_is_a_new_version(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        await store.save(call(), created.etag)
        with pytest.raises(ConflictError):
            await store.save(call(), created.etag)

    async def test_a_save_of_a_call_that_is_gone_is_a_conflict(self, store: CallStore) -> None:
        created = await store.create(call(), DUE)
        with pytest.raises(ConflictError):
            await store.save(call(1), created.etag)

    async def test_a_created_call_is_active_and_due_when_it_says(self, store: CallStore) -> None:
        await store.create(call(), DUE)
        assert await store.due(Ms(DUE - 1), 10) == []
        [active] = await store.due(DUE, 10)
        assert active == Active(call().id, active.etag, DUE)

    async def test_what_is_listed_of_a_call_is_what_a_poll_is_compared_with(
        self, store: CallStore
    ) -> None:
        part = Transcribing(runs=Running(ENGLISH, START, by=2), number=3)
        up = call(
            state=State.CONNECTED,
            wish=ON,
            machine=Machine(transcribing=part),
            connection_id="connection",
        )
        await store.open(up, DUE, Ms(DUE + 1))
        [active] = await store.due(DUE, 10)
        assert active == Active(
            call_id=up.id,
            etag=active.etag,
            next_at=DUE,
            try_at=Ms(DUE + 1),
            connection_id="connection",
            connected=True,
            wanted=True,
            runs="en-US",
            number=3,
        )

    async def test_a_call_is_listed_as_it_was_noted_last(self, store: CallStore) -> None:
        await store.open(call(connection_id="connection"), DUE, DUE)
        listed = await store.listed(call().id)
        await store.track(call(), Ms(DUE + 1), None)
        [active] = await store.due(Ms(DUE + 1), 10)
        assert (active.next_at, active.try_at, active.connection_id) == (DUE + 1, None, None)
        assert await store.listed(call().id) == active.etag != listed

    async def test_a_call_that_is_not_listed_is_not_listed_by_noting_it(
        self, store: CallStore
    ) -> None:
        await store.open(call(1), DUE, None)
        await store.track(call(), DUE, None)
        assert await store.listed(call().id) is None
        assert [active.call_id for active in await store.due(DUE, 10)] == [call(1).id]

    async def test_only_so_many_are_returned_and_those_that_are_due_longest_first(
        self, store: CallStore
    ) -> None:
        for number in range(6):
            await store.open(call(number), Ms(DUE - number), None)
        found = [active.call_id for active in await store.due(DUE, 4)]
        assert found == [call(number).id for number in (5, 4, 3, 2)]

    async def test_a_moment_that_lies_too_far_ahead_was_made_by_another_clock(
        self, store: CallStore
    ) -> None:
        await store.open(call(), later(DUE, Seconds(3_600)), None)
        assert [active.call_id for active in await store.due(DUE, 10)] == [call().id]

    async def test_a_call_is_taken_off_the_list_at_the_version_that_was_read(
        self, store: CallStore
    ) -> None:
        await store.create(call(), DUE)
        await store.create(call(1), DUE)
        listed = await store.listed(call().id)
        assert listed
        await store.close(call().id, listed)
        await store.close(call().id, listed)
        assert [active.call_id for active in await store.due(DUE, 10)] == [call(1).id]
        assert await store.read(call().id)

    @pytest.mark.parametrize("change", ["open", "track", "put_off"])
    async def test_a_call_that_was_noted_in_the_meantime_stays_listed(
        self, store: CallStore, change: str
    ) -> None:
        await store.open(call(), DUE, None)
        [active] = await store.due(DUE, 10)
        if change == "put_off":
            await store.put_off([(active, Ms(DUE + 1))])
        else:
            await getattr(store, change)(call(), DUE, None)
        with pytest.raises(ConflictError):
            await store.close(call().id, active.etag)
        assert await store.listed(call().id)

    async def test_calls_are_put_off_and_keep_what_else_was_noted(self, store: CallStore) -> None:
        for number in range(40):
            await store.open(call(number, connection_id=f"c{number}"), DUE, Ms(DUE + 5))
        found = await store.due(DUE, 40)
        await store.put_off([(active, Ms(DUE + 1)) for active in found[:39]])
        assert await store.due(DUE, 40) == found[39:]
        put_off = {active.call_id: active for active in await store.due(Ms(DUE + 1), 40)}
        for before in found[:39]:
            after = put_off[before.call_id]
            assert after == replace(before, next_at=Ms(DUE + 1), etag=after.etag)
            assert after.etag != before.etag

    async def test_a_row_that_was_changed_or_is_gone_keeps_no_other_from_being_put_off(
        self, store: CallStore
    ) -> None:
        """All lie in one partition, so that they go as one transaction."""
        calls = [each for each in map(call, range(120)) if partition(each.id) == "7"][:6]
        assert len(calls) == 6
        for each in calls:
            await store.open(each, DUE, None)
        found = await store.due(DUE, 10)
        await store.track(calls[1], Ms(DUE - 1), None)
        await store.close(calls[4].id, {each.call_id: each.etag for each in found}[calls[4].id])
        await store.put_off([(active, Ms(DUE + 1)) for active in found])
        assert [active.call_id for active in await store.due(DUE, 10)] == [calls[1].id]
        later_on = {active.call_id for active in await store.due(Ms(DUE + 1), 10)}
        assert later_on == {each.id for each in calls} - {calls[4].id}

    async def test_nothing_is_active_at_first(self, store: CallStore) -> None:
        assert await store.due(DUE, 10) == []
        assert await store.listed(call().id) is None
        await store.put_off([])

    async def test_calls_of_another_deployment_are_left_alone(
        self, of: Callable[[str | None], CallStore]
    ) -> None:
        """Two apps may share a storage account: neither ends what the other one looks after."""
        ours, theirs, everybody = of("ours"), of("theirs"), of(None)
        await ours.create(call(deployment="ours"), DUE)
        await theirs.create(call(1, deployment="theirs"), DUE)
        assert [active.call_id for active in await ours.due(DUE, 10)] == [call().id]
        assert [active.call_id for active in await theirs.due(DUE, 10)] == [call(1).id]
        assert len(await everybody.due(DUE, 10)) == 2

    async def test_lists_a_day_newest_first(self, store: CallStore) -> None:
        for number in (1, 0, 2):
            await store.create(call(number), DUE)
        await store.create(call(-86_400_000), DUE)
        assert await store.of_day(DAY, None, 10) == [call(2), call(1), call(0)]

    async def test_a_list_goes_on_behind_a_key(self, store: CallStore) -> None:
        for number in range(4):
            await store.create(call(number), DUE)
        assert await store.of_day(DAY, None, 2) == [call(3), call(2)]
        _, reached = call_keys(call(2).id)
        assert await store.of_day(DAY, reached, 2) == [call(1), call(0)]
        assert await store.of_day(DAY, reached, 1) == [call(1)]
        _, last = call_keys(call(0).id)
        assert await store.of_day(DAY, last, 2) == []

    async def test_a_day_without_calls_is_empty(self, store: CallStore) -> None:
        assert await store.of_day("2026-01-01", None, 10) == []

    async def test_lists_the_calls_of_a_day_in_one_state(self, store: CallStore) -> None:
        for number in range(6):
            await store.create(call(number, state=(State.ENDED, State.FAILED)[number % 2]), DUE)
        failed = [call(number, state=State.FAILED) for number in (5, 3, 1)]
        assert await store.of_day(DAY, None, 10, State.FAILED) == failed
        assert await store.of_day(DAY, None, 2, State.FAILED) == failed[:2]
        assert await store.of_day(DAY, call_keys(failed[0].id)[1], 2, State.FAILED) == failed[1:]
        assert await store.of_day(DAY, None, 10, State.MISSED) == []

    async def test_the_calls_of_a_person_are_found_newest_first(self, store: CallStore) -> None:
        for number in range(5):
            await store.link(("4:+1", "4:+2")[number == 1], call(number))
        await store.link("4:+1", call(-86_400_000))
        person, everything = participant_id("4:+1"), (None, "~")
        ids = [call(number).id for number in (4, 3, 2, 0, -86_400_000)]
        assert await store.of_person(person, *everything, 10) == ids
        assert await store.of_person(person, *everything, 2) == ids[:2]
        _, second = call_keys(ids[1])
        assert await store.of_person(person, second, "~", 2) == ids[2:4]
        assert await store.of_person(person, second, call_keys(ids[4])[1], 9) == ids[2:4]

    async def test_nobody_has_no_calls(self, store: CallStore) -> None:
        await store.link("4:+1", call())
        for nobody in (participant_id("4:+2"), "' or PartitionKey ne '", ""):
            assert await store.of_person(nobody, None, "~", 10) == []

    async def test_a_person_is_one_with_and_without_a_plus(self, store: CallStore) -> None:
        for number, raw_id in enumerate(("4:14255550123", "4:+14255550123", "4:+14255550123_7")):
            await store.link(raw_id, call(number))
        ids = [call(number).id for number in (2, 1, 0)]
        for raw_id in ("4:14255550123", "4:+14255550123"):
            assert await store.of_person(participant_id(raw_id), None, "~", 10) == ids

    @pytest.mark.parametrize("hidden", ["", "unknown", "4:anonymous", "8:teamsvisitor:guid"])
    async def test_nobody_is_linked_who_is_hidden(self, store: CallStore, hidden: str) -> None:
        await store.link(hidden, call())
        assert await store.of_person(participant_id(hidden), None, "~", 10) == []

    async def test_a_person_may_be_linked_again(self, store: CallStore) -> None:
        await store.link("4:+14255550123", call())
        await store.link("4:+14255550123", call())


class TestFakeCallStore(CallStoreContract):
    @pytest.fixture
    def of(self) -> Callable[[str | None], CallStore]:
        shared = FakeCallStore()

        def of(deployment: str | None) -> CallStore:
            store = FakeCallStore(deployment)
            store.saved, store.rows, store.owners = shared.saved, shared.rows, shared.owners
            return store

        return of

    @pytest.fixture
    def store(self) -> CallStore:
        return FakeCallStore()


class TestTableCallStore(CallStoreContract):
    @pytest.fixture
    def of(self, storage: Storage) -> Callable[[str | None], CallStore]:
        return storage.calls_of

    @pytest.fixture
    def store(self, storage: Storage) -> CallStore:
        return storage.calls
