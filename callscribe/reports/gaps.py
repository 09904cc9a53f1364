"""When a call had no open stream: what its streams leave uncovered, and whether it was wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from callscribe.calls.call import Call, Direction, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import NO_STREAM, gap_key
from callscribe.foundation.moments import Ms, Seconds, elapsed, iso
from callscribe.reports.wishes import Part, Wishes
from callscribe.stream.streams import Stream, Streams


class GapKind(StrEnum):
    """Why there was no stream, which tells what a gap means for the transcript.

    `lost`: there should have been one. `notWanted`: no transcription was wanted. `switching`: a
    joined call changed its language, which takes a stop and a start. `ownApp`: the application
    that keeps the call had none open.
    """

    LOST = "lost"
    NOT_WANTED = "notWanted"
    SWITCHING = "switching"
    OWN_APP = "ownApp"


# What was said in these should have been transcribed.
WITHOUT_STREAM = frozenset({GapKind.LOST, GapKind.SWITCHING})

_CAME_TO_NOTHING = frozenset({State.MISSED, State.UNANSWERED, State.FAILED})


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream; `stream_id` is that of the stream before it."""

    start: Ms
    end: Ms
    stream_id: str
    why: str
    kind: GapKind = GapKind.LOST

    @property
    def seconds(self) -> Seconds:
        """How long it lasted."""
        return elapsed(self.start, self.end)

    @property
    def row_key(self) -> str:
        """The gap's RowKey."""
        return gap_key(self.start, self.stream_id)

    @property
    def columns(self) -> Columns:
        """The gap's row."""
        return {
            "From": iso(self.start),
            "Seconds": self.seconds,
            "Why": self.why,
            "Kind": str(self.kind),
        }


@dataclass(frozen=True, slots=True)
class _Covered:
    """What one stream covers of the call, and what is to be said of the gap after it.

    `left` is when its connection ended, as far as is known. `cut` says that the stream was cut, or
    that there was none at all.
    """

    start: Ms
    end: Ms
    left: Ms
    stream_id: str
    why: str
    cut: bool
    orderly: bool = True


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch without a stream, and what came before it."""

    start: Ms
    end: Ms
    before: _Covered


def find_gaps(
    streams: Streams, wishes: Wishes, call: Call, now: Ms, shortest: Seconds
) -> Iterator[Gap]:
    """Yield what no stream covers of a call that is over, from its answer to its end, in order.

    A gap is of one kind: where that changes, one ends and another begins. What is shorter than
    `shortest` is none, for a stream takes a moment to open. But at a cut words are lost: after a
    stream that was cut there is always a gap, though it may have no length; and what somebody did
    not want is told however short it was. Of a call that was up
    though its answer is not known, the time since it rang is looked at; of one whose end is not
    known, the time until `now`.
    """
    for stretch in _stretches(streams, call, now):
        for part in wishes.parts(stretch.start, stretch.end):
            gap = _gap(part, stretch.before, wishes, call)
            at_cut = stretch.before.cut and part.start == stretch.start
            lost_words = at_cut and gap.kind in WITHOUT_STREAM
            asked_for = gap.kind is GapKind.NOT_WANTED and gap.seconds > 0
            if gap.seconds >= shortest or lost_words or asked_for:
                yield gap


def _gap(part: Part, before: _Covered, wishes: Wishes, call: Call) -> Gap:
    kind, why = GapKind.LOST, before.why
    if call.direction is Direction.OWN:
        kind = GapKind.OWN_APP if before.orderly else GapKind.LOST
    elif part.wish is not None and not part.wish.on:
        kind, why = GapKind.NOT_WANTED, f"transcription was not wanted: {part.wish.why}"
    elif call.direction is Direction.JOINED and _is_switch(part, before, wishes):
        kind, why = GapKind.SWITCHING, "another language was wanted"
    return Gap(part.start, part.end, before.stream_id, why, kind)


def _is_switch(part: Part, before: _Covered, wishes: Wishes) -> bool:
    """Tell whether the stream before was stopped because another language was wanted.

    A stream that had already ended by then was not.
    """
    wanted = wishes.switched(before.start, part.start)
    return wanted is not None and wanted <= before.left


def _stretches(streams: Streams, call: Call, now: Ms) -> Iterator[_Stretch]:
    begin = _begin(call, streams)
    if begin is None:
        return
    end = now if call.ended_at is None else call.ended_at
    in_order = sorted(streams.streams.values(), key=lambda stream: stream.opened)
    # A stream of a call that is over tells of nothing that was said on it.
    covered = [
        each for each in _coverage(in_order, streams.interruptions, end) if each.start <= end
    ]
    why = "no stream was opened yet"
    nothing = _Covered(begin, begin, begin, NO_STREAM, why, cut=not in_order)
    openings = [each.start for each in covered]
    reached = begin
    for before, opening in zip([nothing, *covered], [*openings, end], strict=True):
        # Streams may overlap: nothing is uncovered before the latest end so far.
        reached = min(max(reached, before.end), end)
        until = min(max(reached, opening), end)
        if before.cut or reached < until:
            yield _Stretch(reached, until, before)


def _begin(call: Call, streams: Streams) -> Ms | None:
    """Return when streams should have been open from; None for a call that was never up."""
    was_streamed, told = bool(streams.streams), streams.connected
    if call.state in _CAME_TO_NOTHING and call.connected_at is None and not was_streamed:
        return None  # though ACS may have accepted the answer
    # Where a reply was lost, or a poll came first, ACS's own word is the earlier one.
    told = None if told is None else max(told, call.begun_at)
    known = [moment for moment in (call.answered_at, told) if moment is not None]
    if known:
        return min(known)
    if call.direction is not Direction.INBOUND and call.hang_up and not was_streamed:
        return None  # it was given up before it came about
    return call.begun_at if was_streamed or call.state is State.ENDED else None


def _coverage(streams: list[Stream], interruptions: list[Ms], end: Ms) -> list[_Covered]:
    """Return what each stream covers: up to its end, or as far as it was heard before a cut."""
    covered = []
    for stream, following in zip(streams, [*streams[1:], None], strict=False):
        cut_at = _cut_at(stream, following, interruptions, end)
        orderly = stream.orderly and (cut_at is None or stream.left <= cut_at)
        reached = stream.left if orderly else stream.reached
        covered.append(
            _Covered(
                start=stream.begun,
                end=reached if cut_at is None else min(reached, cut_at),
                left=stream.left,
                stream_id=stream.stream_id,
                why=stream.why,
                cut=cut_at is not None or not orderly,
                orderly=orderly,
            )
        )
    return covered


def _cut_at(
    stream: Stream, following: Stream | None, interruptions: list[Ms], end: Ms
) -> Ms | None:
    """Return when a stream was cut, at the latest; None where nothing tells of a cut.

    ACS tells when it lost a stream. And a call has one stream at a time: when the next one opened,
    this one had been cut already, even if its end was reported later (frames that wait for storage
    come first).
    """
    cuts = []
    if following is not None and following.opened < max(stream.end, end):
        cuts.append(following.opened)
    until = min([*cuts, end])
    cuts += [moment for moment in interruptions if stream.opened < moment < until]
    return min(cuts, default=None)
