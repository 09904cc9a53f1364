"""Who watches can put the live feed's messages in order: they may overtake each other."""

from callscribe.stream.upstream import Kind
from tests.fakes.wire import metadata, speech
from tests.fakes.world import CALL_ID, World


async def spoken(world: World, connection: str, said: list[tuple[str, bool]]) -> None:
    """Say something on a connection of its own, hypotheses and finals."""
    own = {"ce-connectionid": connection}
    state = await world.receive(world.upstream(Kind.CONNECT, 0, **own))
    bodies = [metadata(), *(speech(text, final=final) for text, final in said)]
    for number, body in enumerate(bodies):
        event = world.upstream(Kind.MESSAGE, number + 2, body, state, **own)
        state = await world.receive(event)


async def test_row_keys_give_the_order_in_which_messages_were_said(world: World) -> None:
    """Within a second, over ten of them on a stream, and over a stream that is opened again."""
    world.given()
    await spoken(world, "one", [("a", False), *([("b", False)] * 9), ("c", True), ("d", False)])
    await world.passing(1)
    await spoken(world, "two", [("e", False), ("f", True)])
    messages = world.feed.of(CALL_ID)
    keys = [str(message["rowKey"]) for message in messages]
    assert len(set(keys)) == 14
    assert keys == sorted(keys)
    [first, last] = world.feed.of(CALL_ID, "segment")
    assert [first["rowKey"], last["rowKey"]] == world.transcripts.keys(CALL_ID, "s")
