"""When a call had no open stream: the gaps between its streams, and before and after them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from callscribe.calls.call import Call, State
from callscribe.foundation.columns import Columns
from callscribe.foundation.identifiers import NO_STREAM, gap_key
from callscribe.foundation.moments import Ms, Seconds, elapsed, iso
from callscribe.stream.streams import AS_IT_SHOULD, Stream, Streams


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the call without an open stream; `stream_id` is that of the stream before it.

    `cut` says that this stream was cut, or that there was none at all. Such a gap counts however
    short it is: what is being said at a cut never arrives.
    """

    start: Ms
    end: Ms
    stream_id: str
    why: str
    cut: bool = False

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
        return {"From": iso(self.start), "Seconds": self.seconds, "Why": self.why}


@dataclass(frozen=True, slots=True)
class _Covered:
    """What one stream covers of the call, and what is to be said of the gap after it."""

    start: Ms
    end: Ms
    stream_id: str
    why: str
    cut: bool


def find_gaps(streams: Streams, call: Call, now: Ms) -> Iterator[Gap]:
    """Yield the stretches between a call's answer and its end that no stream covers, in order.

    A call that goes on is looked at up to `now`; one whose answer is not known, though it was up,
    from its ring on. After a stream that was cut there is always a gap, even one without length.
    """
    begin = _begin(call, was_streamed=bool(streams.streams))
    if begin is None:
        return
    end = call.ended_at if call.terminal and call.ended_at is not None else now
    covered = _coverage(_in_order(streams, call, now), streams.interruptions, end)
    nothing = _Covered(begin, begin, NO_STREAM, "no stream was opened yet", cut=not covered)
    openings = [each.start for each in covered]
    reached = begin
    for before, opening in zip([nothing, *covered], [*openings, end], strict=True):
        # Streams may overlap: nothing is uncovered before the latest end so far.
        reached = min(max(reached, before.end), end)
        until = min(max(reached, opening), end)
        if before.cut or reached < until:
            yield Gap(reached, until, before.stream_id, before.why, before.cut)


def _begin(call: Call, *, was_streamed: bool) -> Ms | None:
    """Return when streams should have been open from; None for a call that was never up."""
    if call.answered_at is not None:
        return call.answered_at
    return call.rang_at if was_streamed or call.state is State.ENDED else None


def _in_order(streams: Streams, call: Call, now: Ms) -> list[Stream]:
    """Return the streams as they were opened; the newest of a call that is up is open until now."""
    opened = sorted(streams.streams.values(), key=lambda stream: stream.opened)
    if opened and not call.terminal:
        opened[-1] = replace(opened[-1], last=now)
    return opened


def _coverage(streams: list[Stream], interruptions: list[Ms], end: Ms) -> list[_Covered]:
    """Return what each stream covers: up to its end, or to its cut if that is earlier."""
    covered = []
    for stream, following in zip(streams, [*streams[1:], None], strict=False):
        cut_at = _cut_at(stream, following, interruptions, end)
        covered.append(
            _Covered(
                start=stream.opened,
                end=stream.end if cut_at is None else min(stream.end, cut_at),
                stream_id=stream.stream_id,
                why=stream.why,
                cut=cut_at is not None or stream.reason not in AS_IT_SHOULD,
            )
        )
    return covered


def _cut_at(
    stream: Stream, following: Stream | None, interruptions: list[Ms], end: Ms
) -> Ms | None:
    """Return when a stream was cut, at the earliest; None where no cut is known.

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
