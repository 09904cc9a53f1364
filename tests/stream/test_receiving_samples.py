"""Every sample, and whatever else JSON can say: stored, kept aside or only forwarded."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscribe.calls.call_events import parse_callbacks
from callscribe.stream.state import restore
from callscribe.stream.upstream import Kind, UpstreamEvent
from callscribe.transcripts.rendering.plain import is_visible
from tests.fakes.clock import play
from tests.fakes.world import CALL_ID, STREAM, World
from tests.wire_samples import names, sample
from tests.wire_strategies import ANY_TEXT, FRAMES

FRAME_SAMPLES = [
    pytest.param(kind, name, id=f"{kind}/{name}")
    for kind in ("frames", "odd-frames")
    for name in sorted(names(kind))
]
KEPT_ASIDE = {
    *(
        "empty",
        "no-json",
        "binary",
        "utf-16",
        "cut-short",
        "nested",
        "nested-field",
        "null",
    ),
    *("unknown-kind", "no-kind", "no-data", "data-text", "no-text", "text-number"),
}
MEDIA = {"audio-data", "audio-metadata", "dtmf-data", "mark-data"}
HYPOTHESES = {
    "intermediate",
    "intermediate-lower-case",
    "intermediate-without-words",
    "result-state",
}
SAMPLED = "00001680-11ce-493a-99f7-e236dda68715"
"""The connection that the samples of callbacks are of."""


def becomes(name: str) -> str:
    """Say what a sample of a frame has to become."""
    if name.startswith("metadata"):
        return "metadata"
    if name in MEDIA:
        return "media"
    if name in KEPT_ASIDE:
        return "quarantined"
    return "intermediates" if name in HYPOTHESES else "finals"


async def taken(world: World, event: UpstreamEvent) -> str:
    """Deliver one frame; return what became of it, once all that shows it agrees."""
    before = event.state
    after = restore(await world.message(event), STREAM)
    counted = [
        kind
        for kind in ("metadata", "intermediates", "finals", "quarantined", "media")
        if getattr(after, kind) == getattr(before, kind) + 1
    ]
    assert len(counted) == 1
    rows = [row for row in world.transcripts.keys(CALL_ID) if row[0] in "sq"]
    shown = {
        "finals": (["s"], ["segment"]),
        "quarantined": (["q"], []),
        "intermediates": ([], ["intermediate"]),
        "metadata": ([], []),
        "media": ([], []),
    }
    published = [message["type"] for message in world.feed.of(CALL_ID)]
    assert ([key[0] for key in rows], published) == shown[counted[0]]
    return counted[0]


@pytest.mark.parametrize(("kind", "name"), FRAME_SAMPLES)
async def test_every_sample_of_a_frame_becomes_what_it_is(
    world: World, kind: str, name: str
) -> None:
    world.given()
    state = await world.receive(world.upstream(Kind.CONNECT, 0))
    event = world.upstream(Kind.MESSAGE, 2, sample(kind, name), state)
    assert await taken(world, event) == becomes(name)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(FRAMES, st.sampled_from(["", "opened", "not ours"]), st.integers(0, 2**31 - 1) | ANY_TEXT)
def test_whatever_json_says_is_stored_kept_aside_or_forwarded(
    document: object, state: str, ce_id: int | str
) -> None:
    async def delivered() -> None:
        world = World()
        world.given()
        opened = await world.receive(world.upstream(Kind.CONNECT, 0))
        body = json.dumps(document).encode()
        given_back = opened if state == "opened" else state
        event = world.upstream(Kind.MESSAGE, 2, body, given_back, **{"ce-id": str(ce_id)})
        kind = await taken(world, event)
        again = await world.message(event)
        assert restore(again, STREAM).seen == (kind != "media")
        assert kind != "finals" or len(world.transcripts.keys(CALL_ID, "s")) == 1
        await world.finishing.finish(CALL_ID)
        shown = json.loads((await world.reading.transcript(CALL_ID, {})).body)["segments"]
        said = world.transcripts.of_kind(CALL_ID, "s")
        assert len(shown) == sum(is_visible(str(row["Text"])) for row in said)

    play(delivered())


@pytest.mark.parametrize("name", sorted(names("callbacks")))
async def test_every_sample_of_a_callback_is_written_down_once(world: World, name: str) -> None:
    world.given(connection_id=SAMPLED)
    callbacks = parse_callbacks(sample("callbacks", name))
    await world.call_back(callbacks)
    [row] = world.transcripts.of_kind(CALL_ID, "e")
    assert row["Type"] == callbacks.events[0].type
    before = world.call
    await world.passing(5)
    await world.call_back(callbacks)
    assert world.transcripts.of_kind(CALL_ID, "e") == [row]
    assert world.call == before


@pytest.mark.parametrize(
    "name", ["transcription-call-summary-updated", "transcription-call-summary-success"]
)
async def test_a_summary_changes_nothing_about_the_call(world: World, name: str) -> None:
    """The preview's recording has it twice, and its failure is none of the transcription's."""
    before = world.given(connection_id=SAMPLED)
    for _ in range(2):
        await world.call_back(parse_callbacks(sample("callbacks", name)))
    ids = {"server_call_id", "correlation_id"}
    after = {field: getattr(world.call, field) for field in before.__slots__ if field not in ids}
    assert after == {field: getattr(before, field) for field in after}
