"""When transcription was wanted, and in which language: the revisions of a call's wish.

Each change of what is wanted is a row `w-{revision}` of the call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callscribe.foundation.columns import Value, moment_in, number_in, text_in
from callscribe.foundation.moments import Ms


@dataclass(frozen=True, slots=True)
class Wish:
    """What was wanted from a moment on, until the next revision, and why."""

    since: Ms
    on: bool
    why: str = "unknown"
    locale: str | None = None
    model: str | None = None

    def same_language(self, other: "Wish") -> bool:
        """Tell whether both want one language and speech model."""
        return (self.locale, self.model) == (other.locale, other.model)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of time and what was wanted in it; None before the first revision."""

    start: Ms
    end: Ms
    wish: Wish | None


@dataclass(slots=True)
class Wishes:
    """A call's revisions. Give it the rows in the order of their keys."""

    revisions: list[Wish] = field(default_factory=list)

    def add_row(self, columns: Mapping[str, Value]) -> None:
        """Note a revision; one that does not tell what was wanted from when on is left out."""
        since, on = moment_in(columns, "From"), number_in(columns, "On")
        if since is None or on is None:
            return
        # Revisions are in order, whatever our clock said meanwhile.
        if self.revisions:
            since = max(since, self.revisions[-1].since)
        why = text_in(columns, "Why") or "unknown"
        locale, model = text_in(columns, "Locale"), text_in(columns, "Model")
        self.revisions.append(Wish(since, bool(on), why, locale, model))

    def at(self, moment: Ms) -> Wish | None:
        """Return what was wanted at a moment; None before the first revision."""
        known = [wish for wish in self.revisions if wish.since <= moment]
        return known[-1] if known else None

    def parts(self, start: Ms, end: Ms) -> Iterator[Part]:
        """Cut a stretch of time at the revisions within it; one without any length is one part."""
        edges = [wish.since for wish in self.revisions if start < wish.since < end]
        for begin, until in zip([start, *edges], [*edges, end], strict=True):
            if begin < until or not edges:
                yield Part(begin, until, self.at(begin))

    def switched(self, since: Ms, until: Ms) -> Ms | None:
        """Return when another language was first wanted between two moments.

        None where it was not, or where no transcription was wanted at any time between them.
        """
        before = self.at(since)
        after = [wish for wish in self.revisions if since < wish.since <= until]
        if before is None or not all(wish.on for wish in (before, *after)):
            return None
        changes = [wish.since for wish in after if not wish.same_language(before)]
        return changes[0] if changes else None
