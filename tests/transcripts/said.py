"""A call and what was said on it, to be rendered in each form."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.moments import parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.plain import is_visible
from callscribe.transcripts.transcript import Transcript, transcript_of
from tests.fakes.wishes import OFF

RANG = parse_iso("2026-11-22T18:54:00Z")
CALLER, CALLEE, OTHER = "4:+14255550111", "8:acs:resource_user", "4:+4930123456"
CALL = Call("01KB5Z", Direction.INBOUND, State.ENDED, CALLER, CALLEE, RANG, OFF)
HELLO = Segment(
    row_key="s-1",
    text="Hello.",
    speaker_id=CALLER,
    start_time="2026-11-22T18:54:03.000Z",
    end_time="2026-11-22T18:54:03.500Z",
    duration_ms=500,
    confidence=0.9,
    locale="en-US",
    words=(("hello", 0, 500), ("you", None, None)),
    duplicate_of=None,
)
BARE = Segment("s-2", "Hi.", None, "2026-11-22T18:54:04.000Z", None, None, None, None, (), None)


def of(call: Call, segments: Iterable[Segment], **shown: Any) -> Transcript:
    """Return what is shown of a call; `people` are rows, `zone` and `sought` as a reader asks."""
    return transcript_of(call, shown.pop("people", {}), segments, **shown)


# Words of 32 scripts, and emoji that are one only together.
SCRIPTS = {
    "Latin": "Crème brûlée für Zoë",
    "Greek": "Καλημέρα σας",
    "Cyrillic": "Доброе утро",
    "Hebrew": "שָׁלוֹם עולם",
    "Arabic": "مرحبا، كيف حالك؟",
    "Syriac": "ܫܠܡܐ ܥܠܟܘܢ",
    "Thaana": "އައްސަލާމު ޢަލައިކުމް",
    "NKo": "ߌ ߣߌ ߗߍ߫",
    "Devanagari": "नमस्ते दुनिया",
    "Bengali": "আপনি কেমন আছেন",
    "Gurmukhi": "ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ",
    "Gujarati": "કેમ છો",
    "Odia": "ନମସ୍କାର",
    "Tamil": "வணக்கம் உலகம்",
    "Telugu": "నమస్కారం",
    "Kannada": "ನಮಸ್ಕಾರ",
    "Malayalam": "നമസ്കാരം",
    "Sinhala": "ආයුබෝවන්",
    "Thai": "สวัสดีครับ",
    "Lao": "ສະບາຍດີ",
    "Tibetan": "བཀྲ་ཤིས་བདེ་ལེགས།",
    "Myanmar": "မင်္ဂလာပါ",
    "Georgian": "გამარჯობა",
    "Hangul": "안녕하세요",
    "Ethiopic": "ሰላም ዓለም",
    "Cherokee": "ᎣᏏᏲ",
    "Khmer": "សួស្តី",
    "Mongolian": "ᠰᠠᠶᠢᠨ ᠪᠠᠢᠨ᠎ᠠ ᠤᠤ",
    "Kana": "こんにちは、カタカナ",
    "Han": "你好世界。𠮷野家",
    "Armenian": "Բարեւ Ձեզ",
    "Adlam": "𞤅𞤢𞤤𞤢𞥄𞤥",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 🇺🇳 👍🏽 ❤️",
}

# What was said to be taken for something else.
HOSTILE = [
    "-->",
    "00:00:01.000 --> 00:00:02.000",
    "<v Eve>forged</v> <b>bold</b> <script>alert(1)</script>",
    "&lt;b&gt; &amp; &copy; &",
    "one\n\n2\n00:00:05,000 --> 00:00:06,000\nforged",
    "WEBVTT\n\nNOTE forged",
    "# heading\n- item\n1. one\n> quote\n```\ncode",
    "**bold** _it_ `code` [link](javascript:alert(1)) ![x](y) ~~no~~ | a | b |",
    "1. one",
    "12) twelve",
    "- dash",
    "+ plus",
    "=cmd|' /C calc'!A0",
    "=====",
    "---",
    "    code",
    "\tcode",
    "<https://evil.example>",
    'a "quoted", cell; with\tseparators',
    "ends with a backslash\\",
]

# What recognisers make of noise, and other texts of which there is nothing to be seen.
SILENT = ["", " ", "\t\n", "\xa0\u3000", "\u200b", "\ufeff\xad", "\x00\x1b", "\u3164\u2800\ufe0f"]
VISIBLE = st.text().filter(is_visible)
