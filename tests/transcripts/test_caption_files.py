"""Random transcripts: every reader of captions shows what was said; `make storms` has more."""

import pytest

from tests.transcripts.caption_files import Captions, read
from tests.transcripts.readers import FORMS, by_ffmpeg

HOW_MANY, STEP = 100, 50


@pytest.mark.parametrize("first", range(0, HOW_MANY, STEP))
def test_every_reader_shows_what_was_said(first: int) -> None:
    many = [Captions(seed) for seed in range(first, first + STEP)]
    for captions in many:
        assert list(captions.faults()) == [], f"seed {captions.seed}"
    readers = set[tuple[str, str]]()
    for captions, reader, form, shown in read(many):
        readers.add((reader, form))
        assert list(captions.misread(form, shown)) == [], f"seed {captions.seed}: {reader}, {form}"
    assert len(readers) == 9  # five, of which srt reads one form


def test_a_seed_says_all_of_a_transcript() -> None:
    assert Captions(7).files == Captions(7).files
    assert Captions(7).files != Captions(8).files


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_shows_something_else_is_found(form: str) -> None:
    captions = next(each for each in map(Captions, range(9)) if len(each.cues[form]) > 1)
    [shown] = by_ffmpeg([captions.files[form]], form)
    assert list(captions.misread(form, shown)) == []
    assert list(captions.misread(form, shown[1:]))
    assert list(captions.misread(form, [shown[0]._replace(text="&amp;"), *shown[1:]]))
    assert list(captions.misread(form, [shown[0]._replace(start=-60_000), *shown[1:]]))


def test_captions_that_are_not_as_promised_are_found() -> None:
    captions = next(each for each in map(Captions, range(9)) if len(each.cues["vtt"]) > 1)
    captions.cues["vtt"].pop()
    assert any("for" in fault for fault in captions.faults())
