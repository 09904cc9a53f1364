"""When captions are shown, in milliseconds since the call rang, before which nothing is said."""

from collections.abc import Iterable, Iterator

from callscribe.calls.call import Call
from callscribe.foundation.moments import Ms, parse_iso
from callscribe.stream.segments import Segment
from callscribe.transcripts.rendering.segments import in_order

# How long an utterance without any timing is shown: at a reader's pace, 15 characters a second.
_MS_A_CHARACTER = 65
_SHORTEST_MS, _LONGEST_MS = 1_000, 7_000


def cues(call: Call, segments: Iterable[Segment]) -> Iterator[tuple[Ms, Ms, Segment]]:
    """Yield start, end and segment, in order; every end is after its start.

    An end that is not known is estimated. One that is estimated from the text's length alone is
    never later than the next start.
    """
    said = in_order(segments)
    starts = [_on_scale(call, segment.start_time) or Ms(0) for segment in said]
    for segment, start, following in zip(said, starts, [*starts[1:], None], strict=False):
        end = _on_scale(call, segment.end_time)
        if end is None or end <= start:
            end = _estimate(segment, start, following)
        yield start, end, segment


def clock(time: Ms, separator: str) -> str:
    """Write a cue's time as `00:01:02.003`, with `separator` before the milliseconds."""
    seconds, rest = divmod(time, 1_000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{separator}{rest:03d}"


def escaped(text: str) -> str:
    """Escape what would be read as a tag, as an entity or as the arrow between a cue's times."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _on_scale(call: Call, time: str | None) -> Ms | None:
    try:
        return None if time is None else Ms(max(0, parse_iso(time) - call.rang_at))
    except ValueError:
        return None


def _estimate(segment: Segment, start: Ms, following: Ms | None) -> Ms:
    """Estimate an end: from the duration, or else the words' timings, or else the text's length."""
    ends = [begin + (length or 0) for _, begin, length in segment.words if begin is not None]
    known = segment.duration_ms or max(ends, default=0)
    if known > 0:
        return Ms(start + known)
    length = min(max(len(segment.text) * _MS_A_CHARACTER, _SHORTEST_MS), _LONGEST_MS)
    end = Ms(start + length)
    return end if following is None or following <= start else min(end, following)
