"""A call, and lists of who is on it."""

from callscribe.calls.call import Call, Direction, State
from callscribe.calls.participants import Participant, Roster
from callscribe.foundation.identifiers import is_hidden, new_call_id
from tests.fakes.clock import START
from tests.fakes.wishes import ON

CALLER, CALLEE = "4:+14255550123", "4:+18005550199"
CALL = Call(
    new_call_id(START, "event"),
    Direction.INBOUND,
    State.CONNECTED,
    CALLER,
    CALLEE,
    START,
    ON,
    caller_name="Anna",
)


def listed(number: int | None, *people: str | Participant) -> Roster:
    """Return a list of these people."""
    return Roster(
        number,
        tuple(
            Participant(each, is_hidden(each)) if isinstance(each, str) else each for each in people
        ),
    )
