"""When captions come and go. Their zero is when the call rang: no word comes before."""

from collections.abc import Iterable, Iterator

from callscribe.calls.call import Call
from callscribe.foundation.moments import parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.segments import in_order

_MS_A_CHARACTER = 65
_SHORTEST, _LONGEST = 1_000, 7_000


def cues(call: Call, segments: Iterable[Segment]) -> Iterator[tuple[int, int, Segment]]:
    """Yield start, end (ms from the ring on) and segment, in order; every end is after its start.

    An end that is not known is estimated, and then not after the next start.
    """
    said = in_order(segments)
    starts = [_after(call, segment.start_time, 0) for segment in said]
    for segment, start, then in zip(said, starts, [*starts[1:], 0], strict=False):
        end = _after(call, segment.end_time or "", start)
        yield start, end if end > start else _estimate(segment, start, then), segment


def clock(milliseconds: int, separator: str) -> str:
    """Write a cue's time as `00:01:02.003`, with that separator before the milliseconds."""
    seconds, rest = divmod(milliseconds, 1_000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{separator}{rest:03d}"


def escaped(text: str) -> str:
    """Escape what a cue would take for a tag, an entity or the arrow between its times."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _after(call: Call, time: str, default: int) -> int:
    try:
        return max(0, parse_iso(time) - call.rang_at)
    except ValueError:
        return default


def _estimate(segment: Segment, start: int, then: int) -> int:
    """Guess an end: by duration, else by words' timings, else by length."""
    ends = [begin + (length or 0) for _, begin, length in segment.words if begin is not None]
    known = segment.duration_ms or max(ends, default=0)
    if known > 0:
        return start + known
    length = min(max(len(segment.text) * _MS_A_CHARACTER, _SHORTEST), _LONGEST)
    return min(start + length, then) if then > start else start + length
