"""Whether there is a call of an id: asked of senders for whom something is to be fetched.

Who was never told of a call cannot name one: its id is made of ids that ACS alone knows.
"""

from callscribe.calls.ports import CallStore
from callscribe.foundation.deadline import Deadline, within
from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.identifiers import is_call_id
from callscribe.foundation.moments import Seconds

# Storage answers in milliseconds, a new instance under load in seconds. Nobody may be held for long
# who has proved nothing.
LOOK = Seconds(5)


async def is_known(calls: CallStore, call_id: str) -> bool:
    """Tell whether there is such a call; yes too where storage does not tell, or its row is odd.

    An outage of storage must cost no call its stream, and no stranger can cause one.
    """
    if not is_call_id(call_id):
        return False
    try:
        with within(Deadline.after(LOOK)):
            return await calls.read(call_id) is not None
    except CallscribeError:
        return True
