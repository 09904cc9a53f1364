"""Whether there is a call: soon told, and never no because of an outage."""

import pytest

from callscribe.calls.known import LOOK, is_known
from callscribe.foundation.deadline import current
from callscribe.foundation.errors import CallscribeError, StorageUnavailableError
from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import LATEST, Ms, Seconds
from tests.fakes.calls import FakeCallStore
from tests.fakes.world import World

UNKNOWN = new_call_id(Ms(1_795_373_643_000), "nobody rang")


async def a_call(calls: FakeCallStore) -> str:
    call = World().usual()
    await calls.create(call, LATEST)
    return call.id


async def test_a_call_is_known_by_its_id_alone() -> None:
    calls = FakeCallStore()
    assert await is_known(calls, await a_call(calls))
    assert not await is_known(calls, UNKNOWN)


@pytest.mark.parametrize("text", ["", "x", "+14255550123", "../Calls", UNKNOWN.lower()])
async def test_for_what_is_no_id_storage_is_not_asked(text: str) -> None:
    calls = FakeCallStore()
    assert not await is_known(calls, text)
    assert calls.log == []


@pytest.mark.parametrize("error", [StorageUnavailableError("503"), CallscribeError("odd row")])
async def test_what_storage_does_not_tell_costs_no_call_its_stream(error: CallscribeError) -> None:
    calls = FakeCallStore()
    calls.fail("read", error)
    assert await is_known(calls, UNKNOWN)


async def test_storage_has_five_seconds_to_tell() -> None:
    calls, left = FakeCallStore(), list[float]()

    async def note(_: str) -> None:
        left.append(current().left)

    calls.gate = note
    await is_known(calls, UNKNOWN)
    assert Seconds(5) == LOOK
    assert 0 < left[0] <= LOOK
