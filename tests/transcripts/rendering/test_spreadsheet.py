"""Checked by the csv module."""

import csv
import re
from dataclasses import replace
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.call import Call
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import is_visible
from callscribe.transcripts.rendering.spreadsheet import COLUMNS, transcript_csv
from tests.transcripts.said import BARE, CALL, CALLER, HELLO, HOSTILE, OTHER, SCRIPTS, VISIBLE, of

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "\uff1d1"]
FORMULAS += ["\uff0b1", "\uff0d1", "\uff201", '=HYPERLINK("http://evil.example")']
FORMULAS += [" =1", "\xa0=1", "\u3000=1", " \t=1", "\n\n =1"]
SIGNS = tuple("=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−")
# What a spreadsheet, or what reads for it, may drop before it looks for a formula.
UNSEEN = ["", " ", "\u200b", "\ufeff", "\u00ad", "\u2060", "\u200e", "\u061c", "\u180e", "\u034f"]
UNSEEN += ["\u3164", "\u2800", "\ufe0f", "\U000e0020", "\xa0\u200b \ufeff", '"', '\u200b" ']
SEPARATORS = [";", "\t", "\n", "|", "\u037e", "\r\n", "\u2028", "x;", "x; ;"]


def read(call: Call, *segments: Segment) -> list[dict[str, str]]:
    document = transcript_csv(of(call, segments))
    return list(csv.DictReader(StringIO(document, newline=""), strict=True))


def test_has_a_header_and_a_row_a_segment() -> None:
    hello = '"2026-11-22T18:54:03.000Z","2026-11-22T18:54:03.500Z","caller","Hello.","500","0.9",'
    assert transcript_csv(of(CALL, [BARE, HELLO])).splitlines() == [
        ",".join(f'"{name}"' for name in COLUMNS),
        f'{hello}"en-US","{CALLER}","s-1"',
        '"2026-11-22T18:54:04.000Z","","unknown","Hi.","","","","","s-2"',
    ]


def test_lines_end_as_the_standard_says() -> None:
    assert transcript_csv(of(CALL, [])) == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_would_be_a_formula_is_text(text: str) -> None:
    call = replace(CALL, caller=text)
    [row] = read(replace(call, caller_name=text), replace(HELLO, text=text, speaker_id=text))
    for cell in (row["text"], row["speakerId"]):
        assert cell.lstrip().startswith("'")
        assert cell.replace("'", "").strip() == text.strip("\x00").strip()
    assert row["speaker"][0] not in SIGNS


@pytest.mark.parametrize(
    "text", ["a;=1", "a; =1", "a;-1;b", "a\t@x", "a\n+1", "a;\uff1d1", "a\r\n =1"]
)
def test_neither_is_the_rest_of_a_cell_that_is_split(text: str) -> None:
    """Excel ends cells at `;`, whatever is quoted, where the decimal sign is a comma."""
    [row] = read(replace(CALL, caller_name=text), replace(HELLO, text=text))
    for cell in (row["text"], row["speaker"]):
        pieces = [piece.lstrip() for piece in re.split("[;\t\n]", cell)]
        assert not any(piece.startswith(SIGNS) for piece in pieces)
    assert row["text"].replace("'", "") == text.replace("\r\n", "\n")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("unseen", UNSEEN)
def test_nothing_unseen_hides_a_formula(unseen: str, sign: str) -> None:
    text = f"{unseen}{sign}1+cmd"
    [row] = read(replace(CALL, caller_name=text), replace(HELLO, text=text))
    assert row["text"] == f"'{text}"
    assert row["speaker"][0] not in SIGNS


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_separator_of_a_reader_makes_a_formula(separator: str, unseen: str) -> None:
    [row] = read(CALL, replace(HELLO, text=f"a{separator}{unseen}=1;b"))
    assert row["text"].endswith(f"{unseen}'=1;b")
    assert row["text"].count("'") == 1


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@given(text=st.text(st.sampled_from("=+-@;\t|\"' \n\u200b\xada,"), max_size=12))
def test_whatever_a_reader_splits_at_no_part_is_a_formula(separator: str, text: str) -> None:
    document = transcript_csv(of(CALL, [replace(HELLO, text=f"x{text}")]))
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for line in csv.reader(
            StringIO(document, newline=""), delimiter=separator, quoting=quoting
        ):
            for cell in line[1:]:
                bare = "".join(one for one in cell if is_visible(one) and one != '"')
                assert not bare.startswith(SIGNS), (cell, document)


@pytest.mark.parametrize(
    "text", ["1 + 1 = 2, -3", "e-mail@example.com", "well; I'd say so", "a\tb\nc"]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    [row] = read(CALL, replace(HELLO, text=text))
    assert row["text"] == text


@pytest.mark.parametrize("blank", ["\t", ";", "; ", " ", "\n", "\t "])
def test_a_long_stretch_of_nothing_takes_no_longer(blank: str) -> None:
    [row] = read(CALL, replace(HELLO, text=f"x{blank * 50_000}y"))
    assert row["text"].endswith("y")


def test_a_masked_number_is_no_formula_either() -> None:
    [row] = read(CALL, replace(HELLO, speaker_id=OTHER))
    assert row["speaker"] == "'+•••3456"


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_one_cell_and_intact(text: str) -> None:
    first, second = read(CALL, replace(HELLO, text=text), BARE)
    assert first["text"].replace("'", "") == text.replace("'", "")
    assert second["text"] == "Hi."


@given(VISIBLE)
def test_any_text_is_one_cell(text: str) -> None:
    first, second = read(CALL, replace(HELLO, text=text), BARE)
    assert list(first) == list(COLUMNS)
    assert not first["text"].startswith(("\t", "\r", "\n"))
    assert not first["text"].lstrip().startswith(SIGNS)
    assert second["rowKey"] == "s-2"


def test_times_are_those_of_the_readers_zone() -> None:
    odd = replace(BARE, start_time="=odd")
    document = transcript_csv(of(CALL, [HELLO, odd], zone=ZoneInfo("Asia/Kathmandu")))
    rows = list(csv.DictReader(StringIO(document, newline=""), strict=True))
    assert [row["startTime"] for row in rows] == ["2026-11-23T00:39:03.000+05:45", "'=odd"]
    assert [row["endTime"] for row in rows] == ["2026-11-23T00:39:03.500+05:45", ""]
