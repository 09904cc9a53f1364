"""The rows of a stream's connection: how it opened and closed, and what its language is.

Web PubSub tells of both ends of a connection in the bodies of their events:
https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events

Column names are a public contract: docs/querying.md.
"""

from callscribe.foundation.bounds import id_of, message_of, name_of
from callscribe.foundation.columns import Columns, known
from callscribe.foundation.identifiers import connection_key
from callscribe.foundation.json_input import parse_object
from callscribe.foundation.moments import Ms, Seconds, elapsed, iso
from callscribe.stream.dialled import Dial
from callscribe.stream.frames import Frame, Metadata
from callscribe.stream.segments import Row
from callscribe.stream.state import StreamState, count_gap, jump_to, knows_no_event, opened_at
from callscribe.stream.upstream import UpstreamEvent, happened_at

# The time of an event has whole seconds, and a stream takes a moment to open.
LATE = Seconds(1)


def connected(state: StreamState, event: UpstreamEvent, dial: Dial, proof: str, now: Ms) -> Row:
    """Make the row of a connection that opens, with the ids of the call that ACS dials for.

    `proof` says what proves that it is the call's own. Ticket and token are never stored.
    """
    # ACS's documentation calls these headers optional:
    # https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
    columns = known(
        Proof=proof,
        CallConnectionId=id_of(dial.connection_id),
        CorrelationId=id_of(dial.correlation_id),
    )
    return connection(state, event, now, columns)


def let_in_late(state: StreamState, event: UpstreamEvent, now: Ms) -> Row | None:
    """Make the row of a connection that waited until it was let in; None where it did not.

    Nothing is heard before. Only that is written: the event may come again, behind frames.
    """
    opening, moment = opened_at(state), happened_at(event, now)
    if opening is None or elapsed(opening, moment) < LATE:
        return None
    columns: Columns = {"ConnectionId": event.connection_id, "LetInAt": iso(moment)}
    return Row(connection_key(state.stream_id), columns, whole=False)


def heard(state: StreamState, event: UpstreamEvent, frame: Frame, now: Ms) -> Row:
    """Make the row of a connection that has brought a frame; metadata tells its language."""
    if not isinstance(frame, Metadata):
        return connection(state, event, now)
    columns: Columns = {
        "Locale": name_of(frame.locale) or "",
        "SubscriptionId": id_of(frame.subscription_id) or "",
    }
    return connection(state, event, now, columns)


def closed(state: StreamState, event: UpstreamEvent, now: Ms) -> Row:
    """Make the row of a connection that has closed.

    `MissingAtEnd` is how many events are suspected missing right before the end, left out where
    that cannot be told. Only where there are none the stream ended as it should, whatever reason
    is given.
    """
    missing = None if knows_no_event(state) else jump_to(state, event.number)
    columns: Columns = {
        "ClosedAt": iso(happened_at(event, now)),
        "CloseReason": close_reason(event.body) or "",
    }
    counted = count_gap(state, event.number)
    return connection(counted, event, now, columns | known(MissingAtEnd=missing))


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
        "Media": state.media,
    }
    row |= known(
        OpenedAt=None if opening is None else iso(opening),
        HeardUntil=None if state.heard is None else iso(state.heard),
    )
    return Row(connection_key(state.stream_id), row | (columns or {}), whole=False)


def close_reason(body: bytes) -> str | None:
    """Return why a connection was closed; None where the `disconnected` event does not say."""
    return message_of(parse_object(body).get("reason"))
