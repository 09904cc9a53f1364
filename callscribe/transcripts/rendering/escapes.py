"""What players and libraries would read as more than text, made text for each form of captions.

WebVTT has escapes; SubRip has no specification, and players show entities as they are. There, what
looks like a tag is broken by a space without width. Both are often turned into SubStation Alpha,
which reads braces and backslashes, and read line by line for what looks like a time.
"""

import re

_NO_WIDTH = "\u200b"
# What ffmpeg takes for a tag: https://ffmpeg.org/doxygen/trunk/htmlsubtitles_8c_source.html
_TAG = re.compile(r"<(?=[/!?\w][^>]*>|\s+/?\s*[^\W\d][^>]*>)")
_ARROW = re.compile("--(?=>)")
_BRACE = re.compile(r"\{(?=[^}]*\})")
_BACKSLASH = re.compile(r"\\(?=[Nnh{}])")
_TIME = re.compile(r"(:\d\d?)(?=[.,]\d)")
# A name in a tag: players that know no tag of that kind show what follows an entity.
_NAME = str.maketrans("&<>{}\\", "＆＜＞｛｝＼")


def srt_escaped(text: str) -> str:
    """Return the text of a caption for SubRip: nothing but what looks like more is changed."""
    unbroken = _TAG.sub(f"<{_NO_WIDTH}", _ARROW.sub(f"--{_NO_WIDTH}", text))
    return _as_text(unbroken)


def vtt_escaped(text: str) -> str:
    """Return the text of a caption for WebVTT: https://www.w3.org/TR/webvtt1/#webvtt-cue-text-span."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _as_text(escaped)


def voice(name: str) -> str:
    """Return the tag that names a speaker in WebVTT, in full-width forms where text has escapes."""
    plain = name.translate(_NAME)
    # Hyphens before the bracket that closes the tag would make an arrow of it (`-->`).
    return f"<v {plain} >" if plain.endswith("-") else f"<v {plain}>"


def _as_text(text: str) -> str:
    plain = _BACKSLASH.sub(rf"\\{_NO_WIDTH}", _BRACE.sub("｛", text))
    return _TIME.sub(rf"\1{_NO_WIDTH}", plain)
