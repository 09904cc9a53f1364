"""What is wished for of a transcription: as requests say it, and how it then begins."""

import pytest

from callscribe.calls.beginnings import Beginning, Start
from callscribe.calls.transcription_request import (
    PLAIN,
    TranscriptionWish,
    beginning_of,
    parse_flag,
    parse_locale,
    parse_model,
    parse_transcription,
    wish_json,
)
from callscribe.calls.wish import Language
from callscribe.foundation.errors import BadInputError

USUAL = Beginning(Language("en-US", "usual"), Start.SETUP)
TOLD = {"start": "connected", "locale": "de-DE", "speechModelEndpointId": "m", "intermediate": True}
WISH = TranscriptionWish(Start.CONNECTED, "de-DE", "m", intermediate=True)


def test_everything_is_read_and_said_again() -> None:
    assert parse_transcription(TOLD) == WISH
    assert wish_json(WISH) == TOLD
    assert (parse_transcription(None), parse_transcription({})) == (PLAIN, PLAIN)
    assert wish_json(PLAIN) == {}


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ("now", "transcription"),
        ({"start": "soon"}, "transcription.start"),
        ({"start": "consent"}, "transcription.start"),
        ({"start": 1}, "transcription.start"),
        ({"locale": "en"}, "transcription.locale"),
        ({"speechModelEndpointId": ""}, "transcription.speechModelEndpointId"),
        ({"intermediate": "no"}, "transcription.intermediate"),
        ({"model": "m"}, "transcription.model"),
    ],
)
def test_what_is_wrong_is_named(told: object, target: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        parse_transcription(told)
    assert refusal.value.target == target


def test_what_is_not_said_is_none() -> None:
    assert (parse_locale(None, "locale"), parse_flag(None, "f"), parse_model({})) == (None,) * 3


def test_what_is_not_wished_for_is_as_usual() -> None:
    assert beginning_of(PLAIN, USUAL, "route") == USUAL
    hypotheses = TranscriptionWish(intermediate=False)
    assert beginning_of(hypotheses, USUAL, "route") == USUAL


def test_what_is_wished_for_is_theirs_who_wish() -> None:
    begun = beginning_of(WISH, USUAL, "route")
    assert begun == Beginning(Language("de-DE", "m"), Start.CONNECTED, by="route")
    assert beginning_of(TranscriptionWish(start=Start.MANUAL), USUAL, "key").by == "key"
