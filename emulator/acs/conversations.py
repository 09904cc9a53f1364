"""All conversations, those of calls and those that run without the app: who comes, goes, ends them.

Apps hear a conversation through their connections, and are told of all that happens in it.
"""

import asyncio

from emulator.acs.bodies import CallLocator
from emulator.acs.call_options import ConversationRequest
from emulator.acs.calls import CallState
from emulator.acs.connection import Connection
from emulator.acs.conversation import Conversation
from emulator.acs.errors import ServiceError
from emulator.acs.identifiers import is_phone, raw_id
from emulator.acs.performance import Performance
from emulator.acs.results import ENDED_BY_PHONE, ENDED_BY_USER, Result
from emulator.acs.tasks import Tasks


class Conversations:
    """The conversations since the start or the last reset, and the apps' connections to them."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self.all: dict[str, Conversation] = {}
        self.connections: dict[str, Connection] = {}

    def open(self, request: ConversationRequest) -> Conversation:
        """Let people talk without the app, or wait with that until it has joined them."""
        people = tuple(raw_id(who) for who in request.people)
        conversation = Conversation(request, people)
        conversation.arrive((*people, *conversation.roles.present))
        conversation.ends_when_empty = request.when_empty == "ends"
        for name in ("server_call_id", "group_call_id", "room_id"):
            if given := getattr(request, name):
                setattr(conversation, name, given)
        self.all[conversation.id] = conversation
        if not request.wait_for_app:
            self.talk(conversation)
        return conversation

    def at(self, locator: CallLocator) -> Conversation | None:
        """Return the conversation that can be joined there."""
        there = (one for one in self.all.values() if one.is_there)
        return next((one for one in there if locator.place in one.places), None)

    def talk(self, conversation: Conversation) -> None:
        """Let the people of a conversation talk until all is said, unless they do already."""
        if conversation.task is None:
            conversation.task = self._tasks.spawn(self._talk(conversation))

    def arrive(self, conversation: Conversation, who: str) -> None:
        """Let somebody come in."""
        conversation.come_in(who)
        self.post_rosters(conversation)

    def leave(self, conversation: Conversation, who: str) -> None:
        """Let somebody leave; the last one ends the conversation, unless it goes on without.

        Raises ServiceError when they are not there.
        """
        if not conversation.leave(who):
            raise ServiceError(409, "Conflict", f"{who} is not there")
        connections = self._connections_of(conversation)
        others = (
            any(each.call.others for each in connections) if connections else conversation.people
        )
        if conversation.ends_when_empty and not others:
            self.end(conversation)
        else:
            self.post_rosters(conversation)

    def post_rosters(self, conversation: Conversation) -> None:
        """Tell the apps in a conversation who is there."""
        for connection in self._connections_of(conversation):
            if connection.call.state is CallState.CONNECTED:
                connection.post_roster()

    def end(self, conversation: Conversation, result: Result | None = None) -> None:
        """End a conversation for all; without a result the other party has hung up."""
        conversation.over = True
        for connection in self._connections_of(conversation):
            connection.end(result or _hung_up_by(connection.call.other_party))
        # A conversation in which all is said ends from within its own task.
        if conversation.task and conversation.task is not asyncio.current_task():
            conversation.task.cancel()

    def forget(self) -> None:
        """Forget every conversation; their tasks must have been cancelled before."""
        self.all.clear()
        self.connections.clear()

    def _connections_of(self, conversation: Conversation) -> list[Connection]:
        up = (each for each in self.connections.values() if each.call.is_up)
        return [each for each in up if each.call.conversation is conversation]

    async def _talk(self, conversation: Conversation) -> None:
        await Performance(conversation, self.arrive, self.leave).run()
        if conversation.ends_when_empty:
            self.end(conversation)
            return
        for who in tuple(conversation.people):
            self.leave(conversation, who)


def _hung_up_by(who: str) -> Result:
    return ENDED_BY_PHONE if is_phone(who) else ENDED_BY_USER
