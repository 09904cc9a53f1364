"""Captions: what is shown when, in milliseconds since the call rang, before which nothing is said.

An utterance is cut where a caption would be longer than two lines or seven seconds: at word
timings, or by share of the text where there are none; preferably after a sentence, a clause or a
pause, and into captions of about the same length.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from math import ceil
from typing import NamedTuple

from callscribe.calls.call import Call
from callscribe.foundation.moments import Ms, parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.lines import COLUMNS, Layout, columns_of
from callscribe.transcripts.rendering.plain import on_one_line
from callscribe.transcripts.rendering.timing import Timing
from callscribe.transcripts.transcript import Transcript

# Longer captions are read twice: a usual limit of subtitles.
LONGEST_MS = 7_000
# How long an utterance without any timing is shown: at a reader's pace, 15 characters a second.
_MS_A_CHARACTER = 65
_SHORTEST_MS = 1_000
# A silence between words that a reader would hear as a pause.
_PAUSE_MS = 500
# Of two lines some columns stay empty, because words are not broken.
_USUAL_COLUMNS = 2 * COLUMNS - 12

# Puts a name before the first line of an utterance.
Opening = Callable[[Segment, str], str]


class Cue(NamedTuple):
    """One or two lines that are shown together; `end` is after `start`."""

    start: Ms
    end: Ms
    segment: Segment
    lines: tuple[str, ...]


def cues(transcript: Transcript, opening: Opening | None = None) -> list[Cue]:
    """Return the captions of what was said, in the order in which they begin.

    An end that is not known is estimated. One that is estimated from the text's length alone is
    never later than the next start.
    """
    call, said = transcript.call, transcript.segments
    starts = [_on_scale(call, segment.start_time) or Ms(0) for segment in said]
    found: list[Cue] = []
    for segment, start, following in zip(said, starts, [*starts[1:], None], strict=False):
        end = _on_scale(call, segment.end_time)
        if end is None or end <= start:
            end = _estimate(segment, start, following)
        found += _captions(segment, start, end, opening)
    # People talk at the same time: https://www.w3.org/TR/webvtt1/#file-structure
    return list(_once(sorted(found, key=lambda cue: cue.start)))


def clock(time: Ms, separator: str) -> str:
    """Write a cue's time as `00:01:02.003`, with `separator` before the milliseconds."""
    seconds, rest = divmod(time, 1_000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{separator}{rest:03d}"


def _captions(segment: Segment, start: Ms, end: Ms, opening: Opening | None) -> Iterable[Cue]:
    """Return the captions of one utterance."""
    text = on_one_line(segment.text).strip()
    line = opening(segment, text) if opening else text
    if end - start <= LONGEST_MS and columns_of(line) <= COLUMNS:
        return (Cue(start, end, segment, (line,)),)
    return _Cutting(segment, text, start, end, opening).cues()


class _Cutting:
    """Cuts one utterance into captions."""

    def __init__(
        self, segment: Segment, text: str, start: Ms, end: Ms, opening: Opening | None
    ) -> None:
        self._segment, self._text, self._start, self._span = segment, text, start, end - start
        self._opening = opening
        self._taken = columns_of(opening(segment, text)) - columns_of(text) if opening else 0
        self._layout = Layout(text, lambda: self._timing.beginnings)
        self._count = len(self._layout.pieces)

    @cached_property
    def _timing(self) -> Timing:
        # Only asked for where it matters: most utterances are one caption.
        return Timing(self._text, self._segment.words, self._span)

    @cached_property
    def _begins(self) -> list[int]:
        return [self._timing.start(start) for start, _ in self._layout.pieces]

    @cached_property
    def _ends(self) -> list[int]:
        return [self._timing.end(end) for _, end in self._layout.pieces]

    def cues(self) -> Iterator[Cue]:
        first = ended = 0
        while first < self._count:
            last, middle = self._next(first)
            # One after the other, even where their words are all said to come at once.
            begin = max(self._begin(first), ended)
            ended = max(min(self._end(last), begin + LONGEST_MS), begin + 1)
            start, end = Ms(self._start + begin), Ms(self._start + ended)
            yield Cue(start, end, self._segment, self._lines(first, middle, last))
            first = last

    def _next(self, first: int) -> tuple[int, int]:
        """Return where the caption that begins with a piece ends, and its second line begins."""
        rest = self._second_line(first, self._count)
        if rest is not None and self._span - self._begin(first) <= LONGEST_MS:
            return self._count, rest
        for last in sorted(self._possible(first), key=lambda last: self._cost(first, last)):
            middle = self._second_line(first, last)
            if middle is not None:
                return last, middle
        # One piece that is long in time; it takes a line, and another one under a name.
        return first + 1, self._second_line(first, first + 1) or first

    def _possible(self, first: int) -> Iterator[int]:
        """Yield where a caption may end that is not the last."""
        latest, upper = self._begin(first) + LONGEST_MS, first
        for last in range(first + 1, self._count):
            if self._taken_by(first) + self._layout.columns(first, last) <= COLUMNS:
                upper = last
            if self._layout.columns(upper, last) > COLUMNS or self._end(last) > latest:
                return
            yield last

    def _cost(self, first: int, last: int) -> float:
        """Tell how bad it is to end a caption before a piece: how uneven, for how little reason."""
        layout, begin = self._layout, self._begin(first)
        columns, span = layout.columns(first, self._count), self._span - begin
        count = max(2, ceil(columns / _USUAL_COLUMNS), ceil(span / LONGEST_MS))
        share = max(layout.columns(first, last) / columns, (self._end(last) - begin) / max(span, 1))
        pause = self._begin(last) - self._end(last) >= _PAUSE_MS
        return abs(share * count - 1) - 0.25 * layout.weight(last) - (0.2 if pause else 0)

    def _second_line(self, first: int, last: int) -> int | None:
        return self._layout.second_line(first, last, self._taken_by(first))

    def _taken_by(self, first: int) -> int:
        return 0 if first else self._taken

    def _begin(self, piece: int) -> int:
        return self._begins[piece] if piece else 0

    def _end(self, last: int) -> int:
        return self._ends[last - 1] if last < self._count else self._span

    def _lines(self, first: int, middle: int, last: int) -> tuple[str, ...]:
        lines = [self._layout.line(first, middle), self._layout.line(middle, last)]
        if first == 0 and self._opening:
            lines[0] = self._opening(self._segment, lines[0])
        return tuple(line.strip() for line in lines if line.strip())


def _once(captions: Iterable[Cue]) -> Iterator[Cue]:
    """Yield captions with another end where both times and lines are equal: some show one alone."""
    ends: dict[tuple[Ms, tuple[str, ...]], Ms] = {}
    for cue in captions:
        before = ends.get((cue.start, cue.lines), cue.start)
        one = cue if cue.end > before else cue._replace(end=Ms(before + 1))
        ends[cue.start, cue.lines] = one.end
        yield one


def _on_scale(call: Call, time: str | None) -> Ms | None:
    try:
        return None if time is None else Ms(max(0, parse_iso(time) - call.begun_at))
    except ValueError:
        return None


def _estimate(segment: Segment, start: Ms, following: Ms | None) -> Ms:
    """Estimate an end: from the duration, or else the words' timings, or else the text's length."""
    ends = [begin + (length or 0) for _, begin, length in segment.words if begin is not None]
    known = segment.duration_ms or max(ends, default=0)
    if known > 0:
        return Ms(start + known)
    length = max(len(segment.text) * _MS_A_CHARACTER, _SHORTEST_MS)
    end = Ms(start + length)
    return end if following is None or following <= start else min(end, following)
