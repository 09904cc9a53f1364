"""A missed call whose end shows that it was up is reported on, whatever is lost on the way."""

from callscribe.calls.call import State
from callscribe.foundation.errors import StorageUnavailableError
from tests.fakes.world import CALL_ID, World


async def test_an_end_whose_reply_was_lost_is_closed_within_the_next_minute(world: World) -> None:
    """The call was no longer active: it must be so again before its end is saved."""
    world.given(state=State.MISSED, connection_id=None)
    world.calls.checked.clear()
    world.calls.fail("save", StorageUnavailableError("reply lost"), after=True)
    await world.follow(world.event("CallDisconnected"))
    assert world.call.state is State.ENDED
    assert world.jobs.of("finish") == []
    await world.passing(60)
    await world.watch.reconcile()
    assert world.jobs.of("finish") == [60, 600]
    assert CALL_ID not in world.calls.checked
