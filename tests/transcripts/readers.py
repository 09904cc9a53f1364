"""Five readers of captions, of which people's players and programs are made: what each shows.

ffmpeg (mpv, VLC and most converters are built on it or are like it), pysubs2, srt, webvtt-py and
pycaption. Each gives, for a file, the start and the text of its captions, in their order.
"""

import html
import re
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from io import StringIO
from itertools import batched
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg  # type: ignore[import-untyped] # has no types
import pycaption  # type: ignore[import-untyped] # has no types
import pysubs2
import srt  # type: ignore[import-untyped] # has no types
import webvtt

FORMS = ("srt", "vtt")
# A process of ffmpeg takes this many files; its start costs more than they do.
_AT_ONCE = 50
# What ffmpeg writes before the text of each caption: layer, times, style, name, margins, effect.
_FIELDS = 9
# In SubStation Alpha: a style, what breaks a line, a space, and an escaped brace.
_STYLE = re.compile(r"(?<!\\)\{[^}]*\}")


class Shown(NamedTuple):
    """A caption as it is shown: its start in ms, and its text."""

    start: int
    text: str


def by_ffmpeg(files: Sequence[str], form: str) -> list[list[Shown]]:
    """Return what ffmpeg shows of each file; raises CalledProcessError for one that it refuses."""
    return [
        shown for some in batched(files, _AT_ONCE, strict=False) for shown in _asked(some, form)
    ]


def by_pysubs2(file: str, form: str) -> list[Shown]:
    """Return what pysubs2 shows; a warning that it may have missed a caption is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = pysubs2.SSAFile.from_string(file, format_=form)
    # It leaves WebVTT's escapes to its caller.
    return [
        Shown(each.start, html.unescape(each.plaintext) if form == "vtt" else each.plaintext)
        for each in read
    ]


def by_srt(file: str, form: str) -> list[Shown]:
    """Return what srt shows, which reads SubRip alone."""
    assert form == "srt"
    read = srt.parse(file, ignore_errors=False)
    return [Shown(round(each.start.total_seconds() * 1_000), each.content) for each in read]


def by_webvtt(file: str, form: str) -> list[Shown]:
    """Return what webvtt-py shows.

    Its text of SubRip lacks whatever is between `<` and `>`, even `5 < 6 > 3`: it is read raw.
    """
    if form == "srt":
        read = webvtt.from_buffer(StringIO(file), format="srt")
        return [Shown(_ms(each.start), each.raw_text) for each in read.captions]
    read = webvtt.from_buffer(StringIO(file), strict=True)
    return [Shown(_ms(each.start), html.unescape(each.text)) for each in read.captions]


def by_pycaption(file: str, form: str) -> list[Shown]:
    """Return what pycaption shows; of WebVTT it puts the speaker before the text."""
    reader = pycaption.SRTReader() if form == "srt" else pycaption.WebVTTReader()
    captions = reader.read(file).get_captions("en-US")
    shown = [Shown(each.start // 1_000, each.get_text()) for each in captions]
    if form == "srt":
        return shown
    voices = re.findall(r"^<v ([^>]*)>", file, re.MULTILINE)
    return [
        Shown(each.start, each.text.removeprefix(f"{voice.strip()}: "))
        for each, voice in zip(shown, voices, strict=True)
    ]


BY_FILE = {
    "pysubs2": by_pysubs2,
    "srt": by_srt,
    "webvtt-py": by_webvtt,
    "pycaption": by_pycaption,
}


def _asked(files: Sequence[str], form: str) -> list[list[Shown]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin"]
        for number, file in enumerate(files):
            (Path(folder) / f"{number}.{form}").write_text(file, "utf-8")
            command += ["-i", f"{number}.{form}"]
        for number in range(len(files)):
            command += ["-map", f"{number}:s", f"{number}.ass"]
        told = subprocess.run(command, cwd=folder, capture_output=True, check=True)  # noqa: S603 - our own
        assert told.stderr == b""
        return [
            _dialogue((Path(folder) / f"{number}.ass").read_text("utf-8"))
            for number in range(len(files))
        ]


def _dialogue(file: str) -> list[Shown]:
    lines = [line for line in file.split("\n") if line.startswith("Dialogue: ")]
    cut = [line.split(",", _FIELDS) for line in lines]
    return [Shown(_ms(fields[1]), _plain(fields[_FIELDS].rstrip("\r"))) for fields in cut]


def _plain(text: str) -> str:
    """Return text of SubStation Alpha as it is shown."""
    bare = _STYLE.sub("", text).replace("\\N", "\n").replace("\\h", "\xa0")
    # ffmpeg keeps a backslash apart from what follows by a word joiner.
    return re.sub(r"\\([{}])", r"\1", bare).replace("\\\u2060", "\\")


def _ms(time: str) -> int:
    hours, minutes, seconds = time.split(":")
    return round((int(hours) * 3_600 + int(minutes) * 60 + float(seconds)) * 1_000)
