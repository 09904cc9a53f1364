"""A worker that places a call dies between any two of its steps: at most one call is dialled."""

from dataclasses import dataclass, field

import pytest

from callscribe.calls.call import State
from callscribe.calls.placing import Placed
from tests.calls.placing import a_world, place
from tests.fakes.telephony import connection_of
from tests.fakes.world import World, outcome, seconds

# More than a request has; a kill behind its last step is none.
STEPS = 24
LEASE = 26


class Killed(BaseException):
    """The worker is gone: nothing that it would have done is done."""


@dataclass
class Executioner:
    """Kills the worker before the step of that number; its fakes note what is done."""

    step: int
    after: bool = False
    done: list[str] = field(default_factory=list)

    async def gate(self, method: str) -> None:
        """Count a step, and kill before it; from then on, the worker does nothing."""
        self.done.append(method)
        if len(self.done) >= self.step:
            raise Killed

    def watch(self, world: World) -> None:
        """Stand at every gate of a world."""
        for each in (world.requests, world.calls, world.telephony, world.stream, world.transcripts):
            each.gate = self.gate

    def leave(self, world: World) -> None:
        """Leave the world to the workers that follow."""
        for each in (world.requests, world.calls, world.telephony, world.stream, world.transcripts):
            each.gate = None


async def killed_at(step: int) -> tuple[World, bool]:
    """Return a world in which the request was killed there, and whether it was."""
    world, executioner = a_world(), Executioner(step)
    executioner.watch(world)
    found = await outcome(place(world, "k"))
    executioner.leave(world)
    return world, isinstance(found, Killed)


async def test_there_are_fewer_steps_than_are_tried() -> None:
    _, killed = await killed_at(STEPS)
    assert not killed


@pytest.mark.parametrize("step", range(1, STEPS))
async def test_a_request_that_is_sent_again_dials_once_at_most(step: int) -> None:
    world, killed = await killed_at(step)
    await world.passing(LEASE)
    again: Placed = await place(world, "k")
    assert len(world.telephony.dials) <= 1
    assert len(world.calls.saved) == 1
    call = world.calls.call(again.call.id)
    dialled = [each.call_id for each in world.telephony.dials]
    assert dialled in ([], [call.id])
    # Whoever finds that a drive was counted does not dial.
    assert call.drives == 1
    assert killed or call.connection_id is not None


@pytest.mark.parametrize("step", range(1, STEPS))
async def test_a_call_that_was_dialled_is_never_lost_sight_of(step: int) -> None:
    """Its callbacks find it; where none comes, it has failed as far as we can tell."""
    world, _ = await killed_at(step)
    for dialled in world.telephony.dials:
        assert dialled.call_id in world.calls.saved
        assert dialled.call_id in world.calls.rows
    known = set(world.calls.saved)
    assert set(world.calls.rows) >= known
    await seconds(world, 200)
    for call_id in known:
        call = world.calls.call(call_id)
        up = connection_of(call_id) in world.telephony.up and call.connection_id is not None
        assert up or call.state is State.FAILED, call
