"""Which calls a list is to show, as the query's parameters ask for them, and its tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from callscribe.calls.call import State
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import call_keys, is_call_id
from callscribe.foundation.moments import LATEST, day
from callscribe.transcripts.continuation import seal, unseal
from callscribe.transcripts.parameters import expect_only, whole_number

USUAL_DAYS = 30
MOST_DAYS = 366
USUAL_LIMIT = 50
MOST_LIMIT = 200
DAY_MS = 86_400_000

_EPOCH = date(1970, 1, 1).toordinal()
_FILTERS = ("from", "to", "state", "participant")
_NAMES = (*_FILTERS, "limit", "continue")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PERSON = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Calls of the days `first` to `last`, in a state and of a person where those are given.

    `reached` is the call behind which the list goes on, empty at its beginning. `filters` are the
    parameters as they were given, `today` is the day on which the list was begun.
    """

    first: str
    last: str
    limit: int
    state: State | None
    person: str
    reached: str
    today: str
    filters: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, str]:
        """The row keys behind which and before which the calls lie, newest first."""
        oldest = f"{LATEST - _within(_midnight(self.first)):013d}~"
        if self.reached:
            return call_keys(self.reached)[1], oldest
        return f"{LATEST - _within(_midnight(self.last) + DAY_MS - 1):013d}", oldest

    def token(self, reached: str) -> str:
        """Return the token with which this list goes on behind a call."""
        return seal(self.filters, f"{self.today}{reached}")


def parse_query(params: Mapping[str, str], now: int) -> ListQuery:
    """Read a list's parameters. Raises BadInputError naming the one that is wrong.

    A list without `to` goes on with the day on which it was begun as its last.
    """
    expect_only(params, _NAMES)
    filters = tuple(params.get(name, "") for name in _FILTERS)
    today, reached = _place(filters, params["continue"]) if "continue" in params else (day(now), "")
    first, last = _range(params, today)
    if reached and not first <= call_keys(reached)[0] <= last:
        raise BadInputError("continue: expected a token of this same query")
    return ListQuery(
        first=first,
        last=last,
        limit=whole_number(params, "limit", USUAL_LIMIT, MOST_LIMIT),
        state=_state(params.get("state")),
        person=_person(params.get("participant")),
        reached=reached,
        today=today,
        filters=filters,
    )


def _range(params: Mapping[str, str], today: str) -> tuple[str, str]:
    last = _day(params, "to", today)
    first = _day(params, "from", _usual_first(last))
    if first > last:
        raise BadInputError("from: expected a day not after `to`")
    if _number(last) - _number(first) >= MOST_DAYS:
        raise BadInputError(f"from: expected at most {MOST_DAYS - 1} days before `to`")
    return first, last


def _day(params: Mapping[str, str], name: str, default: str) -> str:
    text = params.get(name, default)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise BadInputError(f"{name}: expected a UTC day such as 2026-11-22")


def _state(text: str | None) -> State | None:
    try:
        return None if text is None else State(text)
    except ValueError:
        raise BadInputError(f"state: expected one of {', '.join(State)}") from None


def _person(text: str | None) -> str:
    if text is not None and not _PERSON.fullmatch(text):
        raise BadInputError("participant: expected a participant id, 32 hex digits in lower case")
    return text or ""


def _place(filters: tuple[str, ...], token: str) -> tuple[str, str]:
    """Return the day on which a list was begun and the call that it reached."""
    place = unseal(filters, token)
    today, reached = place[:10], place[10:]
    if not (_DAY.fullmatch(today) and is_call_id(reached)):
        raise BadInputError("continue: expected a token from an answer")
    return _day({}, "continue", today), reached


def _usual_first(last: str) -> str:
    """Return the first day unless told: the calendar's own first where there are not 30."""
    return date.fromordinal(max(_number(last) - USUAL_DAYS + 1, 1)).isoformat()


def _number(text: str) -> int:
    """Return which day of the calendar a day is."""
    return date.fromisoformat(text).toordinal()


def _midnight(text: str) -> int:
    return (_number(text) - _EPOCH) * DAY_MS


def _within(milliseconds: int) -> int:
    """Return the nearest moment that keys can hold."""
    return min(max(milliseconds, 0), LATEST)
