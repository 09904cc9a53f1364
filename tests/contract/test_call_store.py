"""What a CallStore promises, held by the fake and by the tables alike."""

from dataclasses import replace

import pytest

from callscribe.calls.call import Call, Direction, State
from callscribe.calls.ports import Active, CallStore
from callscribe.foundation.errors import ConflictError
from callscribe.foundation.identifiers import call_keys, new_call_id, participant_id
from callscribe.foundation.moments import Ms, day
from tests.fakes.calls import FakeCallStore
from tests.fakes.clock import START
from tests.storage.storage import Storage

DAY = day(START)


def call(number: int = 0, **changes: object) -> Call:
    """Return a call; higher numbers rang later."""
    rang_at = Ms(START + number)
    usual = Call(
        id=new_call_id(rang_at, f"event {number}"),
        direction=Direction.INBOUND,
        state=State.ANSWERING,
        caller="4:+14255550123",
        callee="4:+18005550199",
        rang_at=rang_at,
    )
    return replace(usual, **changes)  # type: ignore[arg-type] # named by the test


class CallStoreContract:
    """The promise; a subclass brings the store."""

    async def test_what_was_created_is_read_back(self, store: CallStore) -> None:
        created = await store.create(call())
        assert created.call == call()
        assert await store.read(call().id) == created

    async def test_an_unknown_call_is_none(self, store: CallStore) -> None:
        assert await store.read(call().id) is None

    async def test_a_call_is_created_once(self, store: CallStore) -> None:
        created = await store.create(call())
        with pytest.raises(ConflictError):
            await store.create(call(drives=2))
        assert await store.read(call().id) == created

    async def test_the_same_call_created_again_is_a_conflict_too(self, store: CallStore) -> None:
        await store.create(call())
        with pytest.raises(ConflictError):
            await store.create(call())

    async def test_a_save_at_the_latest_version_is_read_back(self, store: CallStore) -> None:
        created = await store.create(call())
        saved = await store.save(call(state=State.CONNECTED), created.etag)
        assert saved.call.state is State.CONNECTED
        assert await store.read(call().id) == saved
        again = await store.save(call(state=State.ENDED), saved.etag)
        assert await store.read(call().id) == again

    async def test_a_save_takes_away_what_is_no_longer_known(self, store: CallStore) -> None:
        created = await store.create(call(connection_id="c", ended_at=START))
        await store.save(call(), created.etag)
        stored = await store.read(call().id)
        assert stored
        assert stored.call == call()

    async def test_a_save_at_an_older_version_is_a_conflict(self, store: CallStore) -> None:
        created = await store.create(call())
        saved = await store.save(call(drives=2), created.etag)
        with pytest.raises(ConflictError):
            await store.save(call(drives=3), created.etag)
        assert await store.read(call().id) == saved

    async def test_a_save_of_the_same_values_is_a_new_version(self, store: CallStore) -> None:
        created = await store.create(call())
        await store.save(call(), created.etag)
        with pytest.raises(ConflictError):
            await store.save(call(), created.etag)

    async def test_a_save_of_a_call_that_is_gone_is_a_conflict(self, store: CallStore) -> None:
        created = await store.create(call())
        with pytest.raises(ConflictError):
            await store.save(call(1), created.etag)

    async def test_a_created_call_is_active_and_was_never_asked_about(
        self, store: CallStore
    ) -> None:
        await store.create(call())
        assert await store.active() == [Active(call().id, START)]

    async def test_remembers_when_acs_was_asked(self, store: CallStore) -> None:
        await store.remember(call().id, Ms(START + 1))
        await store.remember(call().id, Ms(START + 2))
        assert await store.active() == [Active(call().id, Ms(START + 2))]

    async def test_forgets_a_call_and_does_not_mind_to_be_told_twice(
        self, store: CallStore
    ) -> None:
        await store.create(call())
        await store.create(call(1))
        await store.forget(call().id)
        await store.forget(call().id)
        assert [active.call_id for active in await store.active()] == [call(1).id]
        assert await store.read(call().id)

    async def test_nothing_is_active_at_first(self, store: CallStore) -> None:
        assert await store.active() == []
        await store.forget(call().id)

    async def test_lists_a_day_newest_first(self, store: CallStore) -> None:
        for number in (1, 0, 2):
            await store.create(call(number))
        await store.create(call(-86_400_000))
        assert await store.of_day(DAY, None, 10) == [call(2), call(1), call(0)]

    async def test_a_list_goes_on_behind_a_key(self, store: CallStore) -> None:
        for number in range(4):
            await store.create(call(number))
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
            await store.create(call(number, state=(State.ENDED, State.FAILED)[number % 2]))
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
    def store(self) -> CallStore:
        return FakeCallStore()


class TestTableCallStore(CallStoreContract):
    @pytest.fixture
    def store(self, storage: Storage) -> CallStore:
        return storage.calls
