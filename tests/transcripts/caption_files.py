"""Files of captions of random transcripts, and what must be true of them.

python -m tests.transcripts.caption_files 1000      reads so many with all five readers, in both
                                                    forms, and prints the seeds of what fails

- Each reader opens each file, and shows its captions with the words that were said: all of them,
  in order, and nothing else. What has no width, the marks that isolate a direction of reading and
  full-width forms of signs do not count.
- No caption is empty, or has more than two lines of 42 columns.
- None is shown for longer than 7.5 s, and none begins before the one before it.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from random import Random

from callscribe.calls.call import Call
from callscribe.foundation.moments import Ms, iso
from callscribe.stream.segments import Segment, TimedWord
from callscribe.transcripts.rendering.cues import Cue, cues
from callscribe.transcripts.rendering.lines import COLUMNS, columns_of
from callscribe.transcripts.rendering.plain import is_visible, on_one_line
from callscribe.transcripts.rendering.srt import named_cues, transcript_srt
from callscribe.transcripts.rendering.vtt import transcript_vtt
from callscribe.transcripts.transcript import Transcript
from tests.calls.storm import chance_of
from tests.transcripts.readers import BY_FILE, FORMS, Shown, by_ffmpeg
from tests.transcripts.said import CALL, CALLEE, CALLER, HOSTILE, OTHER, SCRIPTS, SILENT, of

LONGEST, LINES = 7_500, 2
# ffmpeg is asked for a form that has hundredths of a second, and ends before ten hours.
INEXACT, LATEST = 10, 35_999_990
UNSPACED = ("Han", "Kana", "Thai", "Lao", "Myanmar", "Khmer", "Tibetan")
WORDS = """well I wanted to ask about the order that I placed last week because only one of my two
books arrived and nobody told me why it is so late R&D at AT&T are 5 < 6 a Q&A on <strong> ground
forty two twenty-three o'clock don't you think extraordinarily incomprehensibilities a b c"""
ENGLISH = WORDS.split()
# What a reader of captions could take for more than text.
MARKUP = [
    *HOSTILE,
    "<String>",
    "</b",
    "< i >",
    "<1>",
    "<3",
    "a<b",
    "{abc}",
    "{\\b1}",
    "{y:i}",
    "{",
    "}",
]
MARKUP += ["C:\\New", "\\h", "\\{", "12:30.25", "1:02:03,5", "42", "&nbsp;", "&copy", "\u202a", "♪"]
NAMES = [
    None,
    None,
    "Front desk",
    "Q&A desk",
    "R <b>&amp;",
    "שרה",
    "a-->",
    "A name " * 12,
    "{x}\\N",
]
IGNORED = dict.fromkeys(map(ord, "\u200b\u2068\u2069\u2060"), None)
PLAIN = str.maketrans("＆＜＞｛｝＼", "&<>{}\\")


@dataclass
class Captions:
    """A random transcript and its files; a seed says all of it."""

    seed: int

    def __post_init__(self) -> None:
        chance = chance_of(f"captions {self.seed}")
        self.call: Call = replace(CALL, caller_name=chance.choice(NAMES))
        at = chance.choice([0, 0, 3_590_000, 26 * 3_600_000])
        self.segments: list[Segment] = []
        for number in range(chance.randint(1, 12)):
            segment, length = _spoken(chance, self.call, number, at)
            self.segments.append(segment)
            # People wait for each other, talk at the same time, or begin at once.
            at += chance.choice([length + 300, length + 300, length // 3, 0])

    @cached_property
    def transcript(self) -> Transcript:
        """What is shown of it."""
        return of(self.call, self.segments)

    @cached_property
    def files(self) -> dict[str, str]:
        """The file in each form."""
        return {
            "srt": transcript_srt(self.transcript),
            "vtt": transcript_vtt(self.transcript),
        }

    @cached_property
    def cues(self) -> dict[str, list[Cue]]:
        """The captions of each form; in SubRip they say who speaks."""
        return {
            "srt": named_cues(self.transcript),
            "vtt": cues(self.transcript),
        }

    def faults(self) -> Iterator[str]:
        """Yield what is not as it must be, whoever reads it."""
        for form, captions in self.cues.items():
            yield from (f"{form}: {fault}" for fault in self._lost_words(form))
            for cue in captions:
                if not 1 <= len(cue.lines) <= LINES or not all(map(is_visible, cue.lines)):
                    yield f"{form}: not one or two lines: {cue.lines}"
                if max(map(columns_of, cue.lines)) > COLUMNS:
                    yield f"{form}: too wide: {cue.lines}"
                if not 0 < cue.end - cue.start <= LONGEST:
                    yield f"{form}: shown for {cue.end - cue.start} ms: {cue.lines}"
            if any(after.start < before.start for before, after in pairwise(captions)):
                yield f"{form}: not in order"

    def misread(self, form: str, shown: list[Shown]) -> Iterator[str]:
        """Yield what a reader shows otherwise than it was said."""
        if len(shown) != len(self.cues[form]):
            yield f"{len(shown)} captions, not {len(self.cues[form])}"
        for cue, seen in zip(self.cues[form], shown, strict=False):
            if _words(" ".join(cue.lines)) != _words(seen.text):
                yield f"{seen.text!r} for {cue.lines}"
            if abs(min(cue.start, LATEST) - min(seen.start, LATEST)) > INEXACT:
                yield f"at {seen.start}, not {cue.start}: {cue.lines}"

    def _lost_words(self, form: str) -> Iterator[str]:
        found = dict.fromkeys((segment.row_key for segment in self.segments), "")
        for cue in self.cues[form]:
            found[cue.segment.row_key] += _words("".join(cue.lines))
        for segment in self.segments:
            whole, said = found[segment.row_key], ""
            if is_visible(segment.text):
                speaker = self.transcript.names.of(segment.speaker_id)
                name = f"{speaker}: " if form == "srt" else ""
                said = _words(name + on_one_line(segment.text))
            # Of a long name the middle is left out.
            if whole != said and not ("…" in whole and said[-1:] == whole[-1:]):
                yield f"{whole} for {said}"


def read(many: list[Captions]) -> Iterator[tuple[Captions, str, str, list[Shown]]]:
    """Yield what each reader shows of each file: transcript, reader, form, captions."""
    for form in FORMS:
        files = [each.files[form] for each in many]
        for captions, shown in zip(many, by_ffmpeg(files, form), strict=True):
            yield captions, "ffmpeg", form, shown
        for captions, file in zip(many, files, strict=True):
            for reader, show in BY_FILE.items():
                if captions.cues[form] and (reader, form) != ("srt", "vtt"):
                    yield captions, reader, form, show(file, form)


def _words(text: str) -> str:
    """Return what counts of a text: white space is where lines are broken, too."""
    return "".join(text.translate(IGNORED).translate(PLAIN).split())


def _spoken(chance: Random, call: Call, number: int, at: int) -> tuple[Segment, int]:
    """Return something said at a time since the ring, and how long it took in ms."""
    text, heard = _text(chance)
    pace, pauses = chance.choice([40, 70, 110]), chance.choice([0, 60, 2_500])
    words: list[TimedWord] = []
    length = 0
    for word in heard:
        spoken = len(word) * pace
        words.append((word, length, spoken))
        length += spoken + (pauses if chance.random() < 0.2 else 0)
    length = max(length, 0 if chance.random() < 0.05 else 300)
    begun = call.begun_at + at
    timed = chance.choice(["all", "all", "all", "none", "some", "at once"])
    segment = Segment(
        row_key=f"s-{number:03d}",
        text=text,
        speaker_id=chance.choice([CALLER, CALLEE, OTHER, None]),
        start_time=iso(Ms(begun)),
        end_time=iso(Ms(begun + length)) if chance.random() < 0.9 else None,
        duration_ms=length if chance.random() < 0.8 else None,
        confidence=None,
        locale=None,
        words=tuple(_timed(chance, timed, word) for word in words) if timed != "none" else (),
        duplicate_of=None,
    )
    return segment, length


def _timed(chance: Random, timed: str, word: TimedWord) -> TimedWord:
    if timed == "at once":
        return word[0], 0, 0
    return word if timed == "all" or chance.random() < 0.5 else (word[0], None, None)


def _text(chance: Random) -> tuple[str, list[str]]:
    """Return a text and its words as they are heard: without signs, numbers spelled out."""
    script = chance.choice([*SCRIPTS, *["English"] * 12, *["hostile"] * 6, "silent", "long word"])
    if script == "silent":
        return chance.choice(SILENT), []
    if script == "long word":
        word = chance.choice(["x", "字", "å", "👍🏽", "𞤅", "เ", "<b>", "1"]) * chance.randint(
            1, 400
        )
        return word, [word]
    vocabulary = ENGLISH if script == "English" else SCRIPTS.get(script, "a").split()
    if script == "hostile":
        vocabulary = [*chance.sample(MARKUP, 3), *chance.sample(ENGLISH, 5)]
    words = [chance.choice(vocabulary) for _ in range(chance.choice([1, 3, 12, 40, 170]))]
    signs = [chance.choice([*[""] * 9, ",", ".", "?", "。", "،", " –", "  "]) for _ in words]
    space = "" if script in UNSPACED else " "
    heard = ["forty two" if word.isdecimal() else word.lower() for word in words]
    return space.join(map("".join, zip(words, signs, strict=True))), heard


def main(arguments: list[str]) -> int:
    """Read files, and print what was found; return 1 if any failed."""
    how_many = int(arguments[0]) if arguments else 1_000
    began = time.monotonic()
    many = [Captions(seed) for seed in range(how_many)]
    found = [(each.seed, fault) for each in many for fault in each.faults()]
    files: Counter[str] = Counter()
    for captions, reader, form, shown in read(many):
        files[f"{reader} {form}"] += 1
        faults = captions.misread(form, shown)
        found += [(captions.seed, f"{reader}, {form}: {fault}") for fault in faults]
    failed = {seed for seed, _ in found}
    for seed, fault in found[:40]:
        sys.stdout.write(f"seed {seed}: {fault}\n")
    lengths = [cue.end - cue.start for each in many for cue in each.cues["srt"]]
    widths = [columns_of(line) for each in many for cue in each.cues["srt"] for line in cue.lines]
    opened = ", ".join(f"{name}: {number}" for name, number in sorted(files.items()))
    sys.stdout.write(f"transcripts: {how_many}, failed: {len(failed)}; files opened: {opened}\n")
    sys.stdout.write(
        f"captions: {len(lengths)}; longest {max(lengths)} ms, widest line {max(widths)} columns;"
        f" {time.monotonic() - began:.0f} s\n"
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
