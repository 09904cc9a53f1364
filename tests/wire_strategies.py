"""What JSON can say in the place of a frame of speech, for Hypothesis."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.wire_samples import sample

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from(["TranscriptionData", "TranscriptionMetadata", "Final", "Intermediate"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_SPEECH: dict[str, Any] = json.loads(sample("frames", "final"))["transcriptionData"]
_TICKS = st.integers(-1, 2**63) | st.integers(0, 10**9) | JSON
_WORDS = st.lists(
    st.fixed_dictionaries(
        {"text": ANY_TEXT | JSON}, optional={"offset": _TICKS, "duration": _TICKS}
    ),
    max_size=3,
)
_CHANGED = st.fixed_dictionaries(
    {},
    optional={
        "text": ANY_TEXT | JSON,
        "offset": _TICKS,
        "duration": _TICKS,
        "confidence": st.floats() | JSON,
        "participantRawID": ANY_TEXT | JSON,
        "resultStatus": st.sampled_from(["Final", "Intermediate"]) | JSON,
        "words": _WORDS | JSON,
    },
)


def _speech(changes: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    fields = {name: value for name, value in (_SPEECH | changes).items() if name not in left_out}
    return {"kind": "TranscriptionData", "transcriptionData": fields}


SPEECH_FRAMES = st.builds(_speech, _CHANGED, st.sets(st.sampled_from(sorted(_SPEECH)), max_size=3))
"""The documented frame with some fields changed to anything at all, and some left out."""

METADATA_FRAMES = st.fixed_dictionaries(
    {"kind": st.just("TranscriptionMetadata")},
    optional={
        "transcriptionMetadata": JSON
        | st.fixed_dictionaries({}, optional={"locale": JSON, "subscriptionId": JSON})
    },
)
FRAMES = SPEECH_FRAMES | METADATA_FRAMES | JSON
