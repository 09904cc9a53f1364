"""What is there already under a frame's key: the same, as its event came again, or another row."""

from collections.abc import Mapping

from callscribe.foundation.columns import Value
from callscribe.foundation.errors import ConflictError, StorageUnavailableError
from callscribe.foundation.ports import TranscriptStore
from callscribe.stream.segments import Row

# What was said, by whom and when, and the whole of a frame that could not be read. All other
# columns tell how the event came, or were added by the report.
_SAID = frozenset({"SpeakerId", "WireOffset", "DurationMs", "Sha256"})
_TEXT = "Text"


async def expect_the_same(transcripts: TranscriptStore, call_id: str, row: Row) -> None:
    """Accept that a row could not be inserted, if the one that is there says the same.

    Raises ConflictError where that says something else.
    """
    # No key that the app makes lies between these two.
    rows = transcripts.rows(call_id, row.key, f"{row.key}~")
    there = {key: columns async for key, columns in rows}.get(row.key)
    if there is None:
        raise StorageUnavailableError("the row that was in the way is gone")
    if not says_the_same(there, row.columns):
        raise ConflictError("another row has the key")


def says_the_same(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Tell whether two rows say the same, however often and with whatever counts they came."""
    return _said(one) == _said(other)


def _said(columns: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: value
        for name, value in columns.items()
        if name in _SAID or name.partition("_")[0] == _TEXT
    }
