"""Whatever a frame is, and whatever is remembered of its stream, there is a step."""

import json

from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.columns import BUDGET, entity_size
from callscribe.foundation.identifiers import new_call_id, segment_key
from callscribe.foundation.moments import LATEST, Ms, iso
from callscribe.stream.advance import Step, advance, displaced, refused
from callscribe.stream.state import StreamState, encode, restore
from callscribe.stream.upstream import UpstreamEvent, parse_upstream
from tests.stream.streaming import CLOCKS, NOW
from tests.wire_strategies import ANY_TEXT, FRAMES

COUNTS = st.integers(0, 2**31 - 1)
MOMENTS = st.integers(0, LATEST).map(Ms)
STATES = st.builds(
    StreamState,
    stream_id=st.from_regex("[0-9]{19}", fullmatch=True),
    written=st.booleans(),
    last=COUNTS,
    seen=COUNTS,
    missing=COUNTS,
    metadata=COUNTS,
    heard=st.none() | MOMENTS,
    intermediates=COUNTS,
    finals=COUNTS,
    quarantined=COUNTS,
    locale=st.none() | st.text(min_size=1, max_size=100),
    media=COUNTS,
    clock=CLOCKS,
    held=st.none() | st.tuples(MOMENTS, MOMENTS),
    mark=st.none() | st.text(min_size=1, max_size=31),
)
BODIES = st.binary() | FRAMES.map(lambda document: json.dumps(document).encode())


@st.composite
def events(draw: st.DrawFn) -> UpstreamEvent:
    """Return a frame's event, with any body and any number, at any time."""
    headers = {
        "ce-type": "azure.webpubsub.user.message",
        "ce-userid": new_call_id(NOW, "call"),
        "ce-connectionid": draw(ANY_TEXT),
        "ce-id": draw(COUNTS.map(str) | ANY_TEXT),
        "ce-time": iso(draw(MOMENTS)),
    }
    return parse_upstream(headers, draw(BODIES), NOW)


def holds(step: Step, before: StreamState) -> None:
    """Hold a step to what is true of any."""
    assert restore(encode(step.state), "connection") == step.state
    assert step.state.stream_id == before.stream_id
    kinds = {row.key[0] for row in step.rows}
    assert kinds <= {"s", "q", "c"}
    assert step.state.written == (before.written or "c" in kinds) == (step.note is None)
    assert all(
        entity_size(row.columns) <= BUDGET for row in (*step.rows, *filter(None, [step.note]))
    )
    assert (step.quarantined is not None) == any(row.key[0] == "q" for row in step.rows)
    json.dumps(step.live, ensure_ascii=False).encode()


@given(STATES, events(), MOMENTS)
def test_any_bytes_in_any_state_are_a_step_whose_state_survives_its_header(
    state: StreamState, event: UpstreamEvent, now: Ms
) -> None:
    holds(advance(state, event, now), state)
    holds(refused(state, event, now), state)
    holds(displaced(state, event, now), state)


@given(STATES, events(), MOMENTS, MOMENTS)
def test_when_a_frame_is_received_changes_neither_its_state_nor_its_keys(
    state: StreamState, event: UpstreamEvent, one: Ms, other: Ms
) -> None:
    first, second = advance(state, event, one), advance(state, event, other)
    assert first.state == second.state
    assert [row.key for row in first.rows] == [row.key for row in second.rows]
    assert (first.live, first.quarantined) == (second.live, second.quarantined)


@given(STATES, events(), MOMENTS)
def test_a_segment_is_shown_under_the_key_of_its_row(
    state: StreamState, event: UpstreamEvent, now: Ms
) -> None:
    step = advance(state, event, now)
    if not event.body.lstrip().startswith(b"["):
        key = segment_key(event.at, state.stream_id, event.sequence)
        assert {message["rowKey"] for message in step.live} <= {key}
    for row in step.rows:
        if row.key.startswith("s"):
            assert row.key in {message["rowKey"] for message in step.live}
