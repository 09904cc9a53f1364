"""A transcript does not depend on the order in which its frames come, nor on how often."""

import json
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callscribe.calls.call import State
from callscribe.foundation.moments import Seconds
from callscribe.stream.state import encode
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.fakes.clock import play
from tests.fakes.wire import metadata, speech
from tests.fakes.world import CALL_ID, World

LINES = st.lists(
    st.tuples(
        # What shows nothing would be in no transcript.
        st.text(max_size=8).map(lambda text: f"said {text}"),
        st.booleans(),
        st.none() | st.integers(0, 10**9),
        st.none() | st.integers(0, 10**8),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)
"""What is said, whether it is final, its offset and duration, and the pause before it."""


async def spoken(world: World, connection: str, lines: list[Any]) -> list[UpstreamEvent]:
    """Speak lines on a connection of its own; return its events with the states they came with."""
    own = {"ce-connectionid": connection}
    state = await world.receive(world.upstream(Kind.CONNECT, 0, **own))
    bodies: list[Any] = [metadata()]
    bodies += [
        speech(text, final=final, offset=offset, duration=duration)
        for text, final, offset, duration, _ in lines
    ]
    events = []
    for number, (body, pause) in enumerate(zip(bodies, [0, *(x[-1] for x in lines)], strict=True)):
        await world.passing(pause)
        events.append(world.upstream(Kind.MESSAGE, number + 2, body, state, **own))
        state = await world.receive(events[-1])
    await world.passing(0.01)
    return events


def said_once(lines: list[Any]) -> int:
    """Count the finals: what has the same place on the stream's scale is the same."""
    finals = [line for line in lines if line[1]]
    nowhere = [line for line in finals if line[2] is None]
    places = {
        (text, offset, None if duration is None else duration // 10_000)
        for text, _, offset, duration, _ in finals
        if offset is not None
    }
    return len(nowhere) + len(places)


async def transcript(world: World) -> Any:
    """Finish, and return what was said and what it adds up to."""
    world.calls.put(replace(world.call, state=State.ENDED, ended_at=world.clock.now()))
    assert await world.finishing.finish(CALL_ID)
    segments = json.loads((await world.reading.transcript(CALL_ID, {})).body)["segments"]
    report = world.call.report
    assert report
    return segments, replace(report, seconds_without_stream=Seconds(0))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(LINES, LINES, st.randoms(use_true_random=False), st.data())
def test_the_transcript_is_the_same_in_any_order_and_with_repetitions(
    first: list[Any], second: list[Any], random: Random, data: st.DataObject
) -> None:
    """Two connections; the second one also says lines of the first again."""
    replayed = data.draw(st.lists(st.sampled_from(first), max_size=3), label="said again")

    async def compared() -> None:
        straight = World()
        straight.given()
        events = await spoken(straight, "one", first)
        events += await spoken(straight, "two", [*replayed, *second])

        mixed = World()
        mixed.given()
        repeated = [*events, *random.choices(events, k=random.randint(0, 6))]
        random.shuffle(repeated)
        for event in repeated:
            await mixed.receive(event)
        segments, report = await transcript(mixed)
        assert (segments, report) == await transcript(straight)
        starts = [segment["startTime"] for segment in segments]
        assert starts == sorted(starts)
        assert len(segments) == said_once([*first, *replayed, *second])

    play(compared())


async def test_a_hypothesis_that_comes_after_its_final_leaves_the_final(world: World) -> None:
    world.given()
    first = [("hello", True, 0, 10_000_000, 1)]
    events = await spoken(world, "one", first)
    rows = world.transcripts.of_kind(CALL_ID, "s")
    state = encode(events[-1].state)
    own = {"ce-connectionid": "one"}
    late = world.upstream(Kind.MESSAGE, 4, speech("hel", final=False, offset=0), state, **own)
    await world.receive(late)
    assert world.transcripts.of_kind(CALL_ID, "s") == rows


async def test_two_connections_at_once_are_one_transcript_and_one_live_view(world: World) -> None:
    world.given()
    await spoken(world, "one", [("hello", True, 0, 10_000_000, 1)])
    await spoken(world, "two", [("you", True, 20_000_000, 10_000_000, 1)])
    segments, _ = await transcript(world)
    assert [segment["text"] for segment in segments] == ["hello", "you"]
    live = world.feed.of(CALL_ID, "segment")
    assert [message["rowKey"] for message in live] == [segment["rowKey"] for segment in segments]
