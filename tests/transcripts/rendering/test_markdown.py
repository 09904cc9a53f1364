"""Checked by markdown-it-py, a CommonMark parser, with tables and strikethrough as well."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from callscribe.transcripts.rendering.markdown import transcript_markdown
from callscribe.transcripts.rendering.plain import on_one_line
from tests.transcripts.said import BARE, CALL, HELLO, HOSTILE, SCRIPTS, VISIBLE, of

PARSERS = [MarkdownIt("commonmark"), MarkdownIt("commonmark").enable(["table", "strikethrough"])]
ITEM = [
    "list_item_open",
    "paragraph_open",
    "inline",
    "paragraph_close",
    "list_item_close",
]
HEAD = ["heading_open", "inline", "heading_close", "bullet_list_open", *ITEM * 5]
HEAD += ["bullet_list_close"]
ONE = [
    "paragraph_open",
    "inline",
    "paragraph_close",
    "blockquote_open",
    "paragraph_open",
    "inline",
    "paragraph_close",
    "blockquote_close",
]


def plain(token: Token) -> str:
    """Return an inline token's text, which must hold nothing but text and bold."""
    children = token.children or []
    assert {child.type for child in children} <= {"text", "strong_open", "strong_close"}
    return "".join(child.content for child in children)


def as_read(document: str) -> list[tuple[str, str]]:
    """Read a document with every parser; return who said what."""
    found = []
    for parser in PARSERS:
        tokens = parser.parse(document)
        kinds = [token.type for token in tokens]
        count = (len(kinds) - len(HEAD)) // len(ONE)
        assert kinds == HEAD + ONE * count
        texts = [plain(token) for token in tokens if token.type == "inline"][6:]
        found.append(list(zip(texts[::2], texts[1::2], strict=True)))
    assert found[0] == found[1]
    return found[0]


def test_tells_who_when_and_what() -> None:
    again = replace(HELLO, row_key="s-3", text="It is me.")
    assert transcript_markdown(of(CALL, [BARE, HELLO, again])) == (
        "# Transcript of call 01KB5Z\n\n"
        "- **Call:** 01KB5Z, inbound, ended\n"
        "- **Date:** 2026-11-22, 18:54:00, not ended yet\n"
        "- **Time zone:** UTC\n"
        "- **Participants:** caller\n"
        "- **Report:** not made yet\n"
        "\n**caller** 18:54:03\n\n> Hello.\n>\n> It is me.\n"
        "\n**unknown** 18:54:04\n\n> Hi.\n"
    )


def test_times_and_days_are_those_of_the_readers_zone() -> None:
    zone = ZoneInfo("America/New_York")
    night = replace(HELLO, row_key="s-3", start_time="2026-11-23T05:00:01.000Z")
    shown = transcript_markdown(of(CALL, [HELLO, night], zone=zone))
    assert "- **Time zone:** America/New\\_York (UTC-05:00)\n" in shown
    assert "\n**caller** 13:54:03\n" in shown
    assert "\n## 2026-11-23\n\n**caller** 00:00:01\n" in shown


@pytest.mark.parametrize("text", [*HOSTILE, *SCRIPTS.values()])
def test_what_was_said_is_read_as_text_alone(text: str) -> None:
    shown = on_one_line(text).strip()
    call = replace(CALL, caller_name=text)
    said = as_read(transcript_markdown(of(call, [replace(HELLO, text=text), BARE])))
    assert said == [(f"{shown} 18:54:03", shown), ("unknown 18:54:04", "Hi.")]


@given(VISIBLE)
def test_any_text_is_read_as_it_was_said(text: str) -> None:
    document = transcript_markdown(of(CALL, [replace(HELLO, text=text)]))
    assert as_read(document) == [("caller 18:54:03", on_one_line(text).strip())]


def test_where_nothing_was_said_there_is_the_head_alone() -> None:
    assert as_read(transcript_markdown(of(CALL, []))) == []
