"""What is no segment is kept, as whole as there is room for it."""

import hashlib
from copy import replace

from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.columns import BUDGET, Columns
from callscribe.foundation.identifiers import new_call_id
from callscribe.stream.quarantine import quarantine, without_bytes
from callscribe.stream.segments import Row, fits
from callscribe.stream.state import StreamState, opened
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.stream.streaming import NOW, STREAM_ID, at

EVENT = UpstreamEvent(
    kind=Kind.MESSAGE,
    call_id=new_call_id(NOW, "call"),
    connection_id="connection",
    number=7,
    sequence="0000000007",
    at=at(0),
    state=opened(NOW, "connection", written=True),
    body=b"frame",
)
STATE = StreamState(stream_id=STREAM_ID, seen=5, missing=1, finals=2, quarantined=1)
WITHOUT_BYTES: Columns = {
    "ConnectionId": "connection",
    "Sequence": 7,
    "ReceivedAt": "2026-11-22T18:54:03.123Z",
    "Seen": 5,
    "Missing": 1,
    "Kept": 3,
    "Why": "not JSON",
    "Length": 5,
    "Sha256": hashlib.sha256(b"frame").hexdigest(),
}


def test_its_columns_are_the_contract() -> None:
    key = f"q-{at(0) // 1000}-{STREAM_ID}-0000000007"
    row = quarantine(EVENT, "not JSON", STATE, NOW)
    assert row == Row(key, WITHOUT_BYTES | {"Body": b"frame"})


def test_a_body_beyond_the_budget_is_cut_and_its_length_and_hash_are_not() -> None:
    body = bytes(range(256)) * 4096
    columns = quarantine(replace(EVENT, body=body), "too large", STATE, NOW).columns
    kept = b"".join(value for value in columns.values() if isinstance(value, bytes))
    assert fits(columns)
    assert body.startswith(kept)
    assert len(kept) > BUDGET * 3 // 4 - 4096
    assert columns["Length"] == len(body)
    assert columns["Sha256"] == hashlib.sha256(body).hexdigest()


@given(st.integers(0, 1_100_000), st.integers(0, 16_000))
def test_any_frame_fits_its_row(length: int, identifier: int) -> None:
    event = replace(EVENT, body=bytes(length), connection_id="x" * identifier)
    assert fits(quarantine(event, "too large", STATE, NOW).columns)


def test_without_its_bytes_a_row_keeps_their_length_and_hash() -> None:
    row = quarantine(EVENT, "not JSON", STATE, NOW)
    assert without_bytes(row) == Row(row.key, WITHOUT_BYTES)


def test_a_row_without_bytes_stays_as_it_is() -> None:
    row = Row("key", WITHOUT_BYTES, whole=False)
    assert without_bytes(row) == row
