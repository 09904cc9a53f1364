"""Which calls a list is to show, as the request's parameters ask for them, and its tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from callscribe.calls.call import Call, State
from callscribe.calls.labels import EXPECTED, is_label
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import call_id_time, call_keys, is_call_id
from callscribe.foundation.moments import LATEST, Ms, day, days_back
from callscribe.transcripts.continuation import seal, unseal
from callscribe.transcripts.parameters import expect_only, whole_number
from callscribe.transcripts.zones import local, zone_in

USUAL_DAYS = 30
# Each day is a partition, and so at least one query of storage.
MOST_DAYS = 366
USUAL_LIMIT = 50
MOST_LIMIT = 200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY, _LAST_DAY = date(1969, 12, 31).toordinal(), date(2287, 1, 1).toordinal()
_FILTERS = ("from", "to", "state", "participant", "label", "tz")
_NAMES = (*_FILTERS, "limit", "continue")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PERSON = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Calls of the days `first` to `last`: in a state, of a person, with a label, where given.

    Those days begin at `begin` and end before `end`, in the zone in which they were asked for.
    `person` is a participant id; `reached` is the id of the call after which the list goes on,
    None at its beginning; `today` is the day on which the list was begun. `filters` are the
    parameters as they were given, empty where they were not: a token is bound to them.
    """

    first: str
    last: str
    begin: Ms
    end: Ms
    limit: int
    state: State | None
    person: str | None
    label: str | None
    reached: str | None
    today: str
    filters: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, str]:
        """The row keys after which and before which the calls lie, newest first."""
        # `~` sorts after all characters of a key: after all calls of that moment.
        end = f"{_key_part(self.begin)}~"
        if self.reached is not None:
            return call_keys(self.reached)[1], end
        return _key_part(Ms(self.end - 1)), end

    @property
    def utc_days(self) -> list[str]:
        """The UTC days in which the calls lie that are still to be listed, newest first."""
        newest = _utc_day(Ms(self.end - 1)) if self.reached is None else call_keys(self.reached)[0]
        return days_back(_utc_day(self.begin), newest)

    def fits(self, call: Call) -> bool:
        """Tell whether a call of these days, and of that person, is one of those."""
        labelled = self.label is None or self.label in call.labels
        return labelled and self.state in (None, call.state)

    def token(self, reached: str) -> str:
        """Return the token with which this list goes on after a call."""
        return seal(self.filters, f"{self.today}{reached}")


def parse_query(params: Mapping[str, str], now: Ms) -> ListQuery:
    """Read a list's parameters. Raises BadInputError naming the one that is wrong.

    Without `to`, the last day is the one on which the list was begun.
    """
    expect_only(params, _NAMES)
    zone = zone_in(params)
    filters = tuple(params.get(name, "") for name in _FILTERS)
    today, reached = _place(filters, params.get("continue"), local(now, zone).date().isoformat())
    first, last = _range(params, today)
    begin, end = _begin(_number(first), zone), _begin(_number(last) + 1, zone)
    if reached is not None and not begin <= call_id_time(reached) < end:
        raise BadInputError("continue: expected a token of this same query")
    return ListQuery(
        first=first,
        last=last,
        begin=begin,
        end=end,
        limit=whole_number(params, "limit", USUAL_LIMIT, MOST_LIMIT),
        state=_state(params.get("state")),
        person=_person(params.get("participant")),
        label=_label(params.get("label")),
        reached=reached,
        today=today,
        filters=filters,
    )


def _place(filters: tuple[str, ...], token: str | None, today: str) -> tuple[str, str | None]:
    """Return the day on which a list was begun, and the id of the call that it has reached."""
    if token is None:
        return today, None
    place = unseal(filters, token)
    # The day on which the list began is kept, so that its range stays the same after midnight.
    today, reached = place[:10], place[10:]
    if not (_DAY.fullmatch(today) and is_call_id(reached)):
        raise BadInputError("continue: expected a token from an answer")
    return _day("continue", today), reached


def _range(params: Mapping[str, str], today: str) -> tuple[str, str]:
    last = _day("to", params.get("to", today))
    first = _day("from", params.get("from", _usual_first(last)))
    if first > last:
        raise BadInputError("from: expected a day not after `to`")
    if _number(last) - _number(first) >= MOST_DAYS:
        raise BadInputError(f"from: expected at most {MOST_DAYS - 1} days before `to`")
    return first, last


def _day(name: str, text: str) -> str:
    """Return a parameter's text if it is a day of the calendar. Raises BadInputError."""
    # `fromisoformat` alone would also take `20261122` and weeks.
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise BadInputError(f"{name}: expected a day such as 2026-11-22")


def _state(text: str | None) -> State | None:
    try:
        return None if text is None else State(text)
    except ValueError:
        raise BadInputError(f"state: expected one of {', '.join(State)}") from None


def _person(text: str | None) -> str | None:
    if text is not None and not _PERSON.fullmatch(text):
        raise BadInputError("participant: expected a participant id, 32 hex digits in lower case")
    return text


def _label(text: str | None) -> str | None:
    if text is not None and not is_label(text):
        raise BadInputError(f"label: {EXPECTED}")
    return text


def _usual_first(last: str) -> str:
    """Return the first of the 30 days that end with `last`, or the calendar's first day."""
    return date.fromordinal(max(_number(last) - USUAL_DAYS + 1, 1)).isoformat()


def _number(text: str) -> int:
    """Return which day of the calendar a day is."""
    return date.fromisoformat(text).toordinal()


def _begin(number: int, zone: tzinfo) -> Ms:
    """Return the moment at which a day of the calendar begins in a zone.

    Of days before and after all those that keys can tell of, only that they are outside.
    """
    known = date.fromordinal(min(max(number, _FIRST_DAY), _LAST_DAY))
    # Where clocks skip midnight, or have it twice, this is its first moment.
    midnight = datetime.combine(known, time(), zone)
    return Ms((midnight - _EPOCH) // timedelta(milliseconds=1))


def _utc_day(moment: Ms) -> str:
    """Return the UTC day of a moment, or of the nearest one that keys hold."""
    return day(_in_keys(moment))


def _in_keys(moment: Ms) -> Ms:
    return Ms(min(max(moment, 0), LATEST))


def _key_part(moment: Ms) -> str:
    """Return how the row keys of a moment's calls begin, for the nearest moment that keys hold."""
    return f"{LATEST - _in_keys(moment):013d}"
