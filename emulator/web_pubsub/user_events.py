"""A client's own events: raised upstream one at a time, the reply's body sent back."""

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import Reply
from emulator.web_pubsub.messages import Message, data_type_of
from emulator.web_pubsub.outbox import INTERNAL_ERROR
from emulator.web_pubsub.upstream import Upstream


async def raise_event(
    upstream: Upstream, connection: Connection, name: str, body: bytes, content_type: str
) -> Reply:
    """Deliver an event and do what the reply says; anything but a 2xx ends the connection."""
    event = upstream.event(connection, name, body, content_type)
    reply = await upstream.deliver(connection, event)
    if reply.ok and reply.state is not None:
        connection.upstream_state = reply.state
    if reply.ok and reply.body:
        send_back(connection, reply)
    return reply


def send_back(connection: Connection, reply: Reply) -> None:
    """Send the body of a reply to the client, as text unless its type says otherwise."""
    message = Message(data_type_of(reply.content_type) or "text", reply.body)
    try:
        connection.send(message)
    except ValueError as error:
        connection.close(INTERNAL_ERROR, f"the event handler's reply is not what it says: {error}")


def drop(connection: Connection, reply: Reply) -> None:
    """End the connection because an event of it failed."""
    connection.close(INTERNAL_ERROR, reply.error or f"the event handler answered {reply.status}")
