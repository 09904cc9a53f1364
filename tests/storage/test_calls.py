"""Calls in tables: one's own writes are known again, and every field survives."""

from dataclasses import fields, replace

import msgspec
import pytest

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.errors import ConflictError, StorageUnavailableError
from callscribe.foundation.identifiers import call_keys, new_call_id, participant_id
from callscribe.foundation.moments import Ms
from tests.calls.full import FULL
from tests.fakes.clock import START
from tests.fakes.wishes import ON
from tests.storage.proxy import Order, Proxy, denied, lost
from tests.storage.storage import Storage

BARE = Call(FULL.id, Direction.INBOUND, State.ANSWERING, "4:+1", "4:+2", START, ON)
OTHER = replace(BARE, id=new_call_id(Ms(START + 1), "other"))


def test_the_full_call_has_no_field_left_at_its_default() -> None:
    """So that a new field cannot be forgotten in the tests below."""
    for one in fields(Call):
        assert getattr(FULL, one.name) != getattr(BARE, one.name) or one.name in ("id", "begun_at")


@pytest.mark.parametrize("call", [FULL, BARE])
async def test_every_field_survives_the_table(storage: Storage, call: Call) -> None:
    await storage.calls.create(call, START)
    stored = await storage.calls.read(call.id)
    assert stored
    assert stored.call == call


COLUMNS = {
    "CallId": FULL.id,
    "Direction": "outbound",
    "State": "connected",
    "Transcription": "stopped",
    "From": "4:+14255550123",
    "FromName": "Ann O'Neill \U0001f600",
    "To": "8:acs:resource_user",
    "BegunAt": "2026-11-22T18:54:03.000Z",
    "AnsweredAt": "2026-11-22T18:54:03.002Z",
    "ConnectedAt": "2026-11-22T18:54:03.003Z",
    "EndedAt": "2026-11-22T18:54:03.004Z",
    "EndedBy": "hangup",
    "FinishedAt": "2026-11-22T18:54:03.005Z",
    "Locale": "en-GB",
    "TranscriptionNextAt": "2026-11-22T18:54:03.013Z",
    "HangUp": "everyone",
    "Consent": "given",
    "ConsentAt": "2026-11-22T18:54:03.007Z",
    "ConsentBy": "4:+14255550123",
    "ConsentWhat": "https://example.com/prompt.wav",
    "PeopleNow": 2,
    "Labels": "|order-4711|vip|",
    "CallConnectionId": "connection",
    "ServerCallId": "server",
    "CorrelationId": "correlation",
    "Locator": "roomId:99410012345678901",
    "Deployment": "0123456789abcdef",
    "Route": "{}",
    "Machine": msgspec.json.encode(FULL.machine).decode(),
    "Tickets": "[]",
    "RequestKey": "request",
    "ClosedAt": "2026-11-22T18:54:03.008Z",
    "ClaimId": "lease",
    "ClaimUntil": "2026-11-22T18:54:03.006Z",
    "Drives": 2,
    "Reason": "why",
    "ReasonCode": 500,
    "ReasonSubCode": 8578,
    "Remedy": "do this",
    "WantedOn": True,
    "WantedRevision": 3,
    "WantedWhy": "paused",
    "WantedAt": "2026-11-22T18:54:03.001Z",
    "WantedBy": "key",
    "WantedLocale": "de-DE",
    "WantedModel": "model",
    "TranscriptionReason": "no such locale",
    "TranscriptionCode": 400,
    "TranscriptionSubCode": 8565,
    "TranscriptionRemedy": "mend it",
    "Frames": 8,
    "Metadata": 1,
    "Intermediates": 3,
    "Finals": 2,
    "Quarantined": 2,
    "Duplicates": 1,
    "SuspectedMissing": 7,
    "SecondsWithoutStream": 1.0,
    "SecondsNotWanted": 2.0,
}


async def test_the_columns_are_those_of_the_contract(storage: Storage) -> None:
    await storage.calls.create(FULL, START)
    found = await storage.table("Calls").read(*call_keys(FULL.id))
    assert found
    columns = found[0]
    columns.pop("WriteId")
    assert columns == COLUMNS


async def test_a_person_is_found_without_a_number_in_any_key(storage: Storage) -> None:
    await storage.calls.link("4:14255550123", FULL)
    await storage.calls.link("4:+14255550123_7", FULL)
    person = participant_id("4:+14255550123")
    [(key, columns)] = [row async for row in storage.table("Participants").scan(person)]
    assert key == call_keys(FULL.id)[1]
    assert columns == {
        "RawId": "4:+14255550123",
        "CallId": FULL.id,
        "BegunAt": "2026-11-22T18:54:03.000Z",
    }


async def test_a_call_is_active_before_it_has_a_record(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    """A worker that dies in between leaves an orphan, never a call that the watch does not see."""
    await disturbed.calls.create(OTHER, START)
    proxy.requests.clear()
    await disturbed.calls.create(BARE, START)
    assert [method for method, _ in proxy.requests] == ["PUT", "POST"]
    assert "Active" in proxy.requests[0][1]
    assert len(await storage.calls.due(START, 10)) == 2


@pytest.mark.parametrize("order", [lost("POST"), denied("POST")])
async def test_a_creation_that_was_repeated_is_ones_own(
    proxy: Proxy, disturbed: Storage, storage: Storage, order: Order
) -> None:
    """A POST without a reply is repeated: then 409 comes from one's own row."""
    await storage.calls.create(OTHER, START)
    proxy.order(order)
    created = await disturbed.calls.create(BARE, START)
    assert await storage.calls.read(BARE.id) == created
    assert proxy.count("POST") == 2


async def test_a_creation_that_is_never_answered_is_unavailable_and_may_have_happened(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    await storage.calls.create(OTHER, START)
    proxy.order(*[lost("POST")] * 4)
    with pytest.raises(StorageUnavailableError):
        await disturbed.calls.create(BARE, START)
    stored = await disturbed.calls.read(BARE.id)
    assert stored
    assert stored.call == BARE


async def test_a_creation_that_somebody_else_was_faster_with_is_a_conflict(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    other = await storage.calls.create(replace(BARE, lease_id="other"), START)
    proxy.order(denied("POST"))
    with pytest.raises(ConflictError):
        await disturbed.calls.create(BARE, START)
    assert await storage.calls.read(BARE.id) == other


@pytest.mark.parametrize("order", [lost("PUT"), denied("PUT")])
async def test_a_save_whose_reply_was_lost_is_ones_own(
    proxy: Proxy, disturbed: Storage, storage: Storage, order: Order
) -> None:
    """The PUT is repeated: then 412 comes from one's own write."""
    created = await storage.calls.create(BARE, START)
    proxy.order(order)
    saved = await disturbed.calls.save(replace(BARE, drives=2), created.etag)
    assert await storage.calls.read(BARE.id) == saved
    assert proxy.count("PUT") == 2


async def test_a_save_whose_reply_was_lost_and_that_was_written_over_is_a_conflict(
    proxy: Proxy, disturbed: Storage, storage: Storage
) -> None:
    created = await storage.calls.create(BARE, START)

    async def overwrite() -> None:
        stored = await storage.calls.read(BARE.id)
        assert stored
        await storage.calls.save(replace(stored.call, state=State.ENDED), stored.etag)

    proxy.order(lost("PUT", then=overwrite))
    with pytest.raises(ConflictError):
        await disturbed.calls.save(replace(BARE, drives=2), created.etag)


async def test_a_save_of_a_row_that_was_erased_is_a_conflict(storage: Storage) -> None:
    created = await storage.calls.create(BARE, START)
    await storage.table("Calls").delete(*call_keys(BARE.id))
    with pytest.raises(ConflictError):
        await storage.calls.save(BARE, created.etag)
