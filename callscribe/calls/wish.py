"""What is wanted of a call's transcription: on or off, in which language, since when, and why.

Every change of the effective wish is a revision; each has a row of its own (`w-`), so that history
can be read and is never overwritten.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.foundation.columns import Columns, known
from callscribe.foundation.moments import Ms, Seconds, iso


class Why(StrEnum):
    """Why transcription is wanted, or is not."""

    ASKED = "asked"
    CONSENT_PENDING = "consentPending"
    REFUSED = "refused"
    SILENT = "silent"
    CONSENT_FAILED = "consentFailed"
    WITHDRAWN = "withdrawn"
    PAUSED = "paused"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Language:
    """What speech is recognised as: a locale, and a custom speech model if there is one."""

    locale: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """The effective wish, and the revision that made it so; `by` is who asked, where that is known.

    `by` is `route`, `setting`, `key`, or the object id of a person.
    """

    on: bool
    language: Language
    at: Ms
    revision: int = 1
    why: Why = Why.ASKED
    by: str | None = "setting"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants changed; None leaves a thing as it is.

    With a `pause` transcription is stopped, and starts again by itself so long after.
    """

    on: bool | None = None
    language: Language | None = None
    why: Why = Why.ASKED
    pause: Seconds | None = None


def in_language(before: Language, locale: str | None, model: str | None) -> Language:
    """Return a language with another locale or model; a model is of one locale alone."""
    if locale is None or locale.lower() == before.locale.lower():
        return Language(locale or before.locale, model or before.model)
    return Language(locale, model)


def revised(wish: Wish, change: Change, by: str | None, now: Ms) -> Wish:
    """Return the wish after a change: the next revision."""
    return replace(
        wish,
        on=wish.on if change.on is None else change.on,
        language=change.language or wish.language,
        why=change.why,
        by=by,
        at=now,
        revision=wish.revision + 1,
    )


def wish_row(wish: Wish) -> tuple[str, Columns]:
    """Return the key and the row of a revision: docs/querying.md."""
    row = known(
        Revision=wish.revision,
        On=wish.on,
        Why=wish.why.value,
        Locale=wish.language.locale,
        Model=wish.language.model,
        From=iso(wish.at),
        By=wish.by,
    )
    return f"w-{wish.revision:06d}", row
