"""The row of a frame that is no segment: why not, and as much of it as storage takes.

Column names are a public contract: docs/querying.md.
"""

import hashlib

from callscribe.foundation.columns import BUDGET, Columns, entity_size, split_binary
from callscribe.foundation.identifiers import quarantine_key
from callscribe.foundation.moments import Ms
from callscribe.stream.segments import Row, origin
from callscribe.stream.state import StreamState
from callscribe.stream.upstream import UpstreamEvent

# More than storage counts for the names and types of all columns that a body is split into.
_COLUMN_HEADS = 1024


def quarantine(event: UpstreamEvent, reason: str, state: StreamState, received: Ms) -> Row:
    """Make the row of a frame that is no segment: why, and as many of its bytes as have room."""
    columns = origin(event, state, received)
    columns |= {
        "Why": reason,
        "Length": len(event.body),
        "Sha256": hashlib.sha256(event.body).hexdigest(),
    }
    # On the wire bytes are base64, a third longer, and Azurite counts what is on the wire.
    room = (BUDGET - entity_size(columns) - _COLUMN_HEADS) * 3 // 4
    key = quarantine_key(event.at, state.stream_id, event.sequence)
    return Row(key, columns | split_binary("Body", event.body[: max(0, room)]))


def without_bytes(row: Row) -> Row:
    """Return a quarantined row without the frame's bytes, which storage may refuse as well."""
    columns: Columns = {
        name: value for name, value in row.columns.items() if not isinstance(value, bytes)
    }
    return Row(row.key, columns, row.whole)
