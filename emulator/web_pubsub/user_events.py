"""Events of clients: delivered to the upstream, whose response goes back to the client."""

from emulator.web_pubsub.connections import Connection
from emulator.web_pubsub.events import Reply
from emulator.web_pubsub.messages import Message, data_type_of
from emulator.web_pubsub.outbox import INTERNAL_ERROR
from emulator.web_pubsub.upstream import Upstream


async def raise_event(
    upstream: Upstream, connection: Connection, name: str, body: bytes, content_type: str
) -> Reply:
    """Deliver an event, apply the state and send the body of a successful reply; return it."""
    event = upstream.event(connection, name, body, content_type)
    reply = await upstream.deliver(connection, event)
    if reply.ok and reply.state is not None:
        connection.upstream_state = reply.state
    if reply.ok and reply.body:
        send_back(connection, reply)
    return reply


def send_back(connection: Connection, reply: Reply) -> None:
    """Send the body of a reply to the client; its Content-Type decides the kind of frame."""
    message = Message(data_type_of(reply.content_type) or "text", reply.body)
    try:
        connection.send(message)
    except ValueError as error:
        connection.close(
            INTERNAL_ERROR, f"the reply does not have the type of its Content-Type: {error}"
        )


def drop(connection: Connection, reply: Reply) -> None:
    """End the connection because one of its events has failed."""
    # "The connection would be dropped if the message response status code isn't success":
    # https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events
    connection.close(INTERNAL_ERROR, reply.error or f"the event handler answered {reply.status}")
