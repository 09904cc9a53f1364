"""The rows of a stream's connection: how it opened and closed, and what its language is.

Column names are a public contract: docs/querying.md.
"""

from callscribe.foundation.columns import Columns, known
from callscribe.foundation.identifiers import connection_key
from callscribe.foundation.moments import Ms, iso
from callscribe.stream.frames import Frame, Metadata
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, opened_at
from callscribe.stream.upstream import UpstreamEvent, close_reason, connect_headers, happened_at


def connected(state: StreamState, event: UpstreamEvent, now: Ms) -> Row:
    """Make the row of a connection that opens, with whom ACS says it dials for.

    The token that comes with it is never kept.
    """
    headers = connect_headers(event.body)
    columns = known(
        CallConnectionId=headers.get("x-ms-call-connection-id") or None,
        CorrelationId=headers.get("x-ms-call-correlation-id") or None,
    )
    return connection(state, event, now, columns)


def heard(state: StreamState, event: UpstreamEvent, frame: Frame, now: Ms) -> Row:
    """Make the row of a connection over which a frame came; metadata says what its language is."""
    if not isinstance(frame, Metadata):
        return connection(state, event, now)
    columns: Columns = {
        "Locale": frame.locale or "",
        "SubscriptionId": frame.subscription_id or "",
    }
    return connection(state, event, now, columns)


def closed(state: StreamState, event: UpstreamEvent, now: Ms, missing: int | None) -> Row:
    """Make the row of a connection that has closed.

    `missing` events are suspected missing right before the end, None where that cannot be told.
    Only where there are none the stream ended as it should, whatever reason is given.
    """
    columns: Columns = {
        "ClosedAt": iso(happened_at(event, now)),
        "CloseReason": close_reason(event.body) or "",
    }
    return connection(state, event, now, columns | known(MissingAtEnd=missing))


def connection(
    state: StreamState, event: UpstreamEvent, now: Ms, columns: Columns | None = None
) -> Row:
    """Make the row of a connection as it stands; it is merged into what is there."""
    opening = opened_at(state)
    row: Columns = {
        "ConnectionId": event.connection_id,
        "ReceivedAt": iso(now),
        "Seen": state.seen,
        "Missing": state.missing,
        "Metadata": state.metadata,
        "Intermediates": state.intermediates,
        "Finals": state.finals,
        "Quarantined": state.quarantined,
    }
    row |= known(
        OpenedAt=None if opening is None else iso(opening),
        HeardUntil=None if state.heard is None else iso(state.heard),
    )
    return Row(connection_key(state.stream_id), row | (columns or {}), whole=False)
