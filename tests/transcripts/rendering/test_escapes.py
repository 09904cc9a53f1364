import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.transcripts.rendering.escapes import srt_escaped, voice, vtt_escaped

PLAIN = [
    "R&D at AT&T: 5 < 6.",
    "and 5 < 6 but 7 > 3",
    "&amp; &lt;b&gt; &copy",
    "<3",
    "a<b",
    "x -> y",
]
PLAIN += ["{", "}", "a } b {", "C:\\Users", "at 12:30.", "12:30", "1.5", "--", "> quote"]


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_read_as_text_is_as_it_was_said_in_subrip(text: str) -> None:
    assert srt_escaped(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MyValue<String> x", "MyValue<\u200bString> x"),
        ("<b>x</b>", "<\u200bb>x<\u200b/b>"),
        ("< b>", "<\u200b b>"),
        ("< / i >", "<\u200b / i >"),
        ("<1> <!-- <é>", "<\u200b1> <\u200b!-- <\u200bé>"),
        ("a\n<b\nc>", "a\n<\u200bb\nc>"),
        ("-->", "--\u200b>"),
        ("{\\b1}", "｛\\b1}"),
        ("{abc} {", "｛abc} {"),
        ("C:\\New \\h \\{", "C:\\\u200bNew \\\u200bh \\\u200b{"),
        ("00:00:05,000", "00:00:05\u200b,000"),
        ("1:2:3.5", "1:2:3\u200b.5"),
    ],
)
def test_what_would_be_read_as_more_is_broken_in_subrip(text: str, written: str) -> None:
    assert srt_escaped(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a --> <b> &lt;", "a --&gt; &lt;b&gt; &amp;lt;"),
        ("{abc}", "｛abc}"),
        ("\\N", "\\\u200bN"),
        ("12:30.25", "12:30\u200b.25"),
    ],
)
def test_webvtt_has_escapes(text: str, written: str) -> None:
    assert vtt_escaped(text) == written


@given(st.text())
def test_no_text_has_an_arrow_or_a_tag(text: str) -> None:
    assert "-->" not in srt_escaped(text)
    assert not {"<", ">"} & set(vtt_escaped(text))


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Front desk", "<v Front desk>"),
        ("Q&A <b> {x}\\", "<v Q＆A ＜b＞ ｛x｝＼>"),
        ("a--", "<v a-- >"),
        ("a-->", "<v a--＞>"),
    ],
)
def test_a_voice_is_a_tag_without_escapes(name: str, tag: str) -> None:
    assert voice(name) == tag
