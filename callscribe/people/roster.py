"""The rows of who is on a call, and what ACS's lists of participants change of them.

Column names are a public contract: docs/querying.md.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from callscribe.calls.call import Call
from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.participants import Participant, Roster
from callscribe.calls.targets import Target
from callscribe.foundation.columns import Columns, Value, known, moment_in, number_in, text_in
from callscribe.foundation.identifiers import is_hidden, person_key
from callscribe.foundation.json_input import Decoder
from callscribe.foundation.moments import Ms, Seconds, iso, later, parse_iso

# So many fit a column of text; of more, the first two become one.
MOST_INTERVALS = 400
# An older list is late, but says itself when it was made. One with a lower number that was made so
# long after the newest is the first of a new count.
NEW_COUNT = Seconds(60)
HIDDEN = "hidden"
UNKNOWN_KIND = "unknown"
# https://learn.microsoft.com/azure/communication-services/concepts/identifiers
_KINDS = {
    "4:": "phoneNumber",
    "8:orgid:": "microsoftTeamsUser",
    "8:dod:": "microsoftTeamsUser",
    "8:gcch:": "microsoftTeamsUser",
    "28:orgid:": "microsoftTeamsApp",
    "28:dod:": "microsoftTeamsApp",
    "28:gcch:": "microsoftTeamsApp",
    "8:acs:": "communicationUser",
    "8:dod-acs:": "communicationUser",
    "8:gcch-acs:": "communicationUser",
    "8:spool:": "communicationUser",
}
# Of users of Teams Phone extensibility: resource, tenant and user.
_EXTENSION_PARTS = 3

_INTERVALS: Decoder[list[tuple[str, str | None]]] = Decoder(list[tuple[str, str | None]])

# Rows of a call's people, by RowKey.
Rows = Mapping[str, Mapping[str, Value]]


class Interval(NamedTuple):
    """A stretch of time in which somebody is on a call; `until` is None while they are."""

    since: Ms
    until: Ms | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Columns to merge into a call's rows, by RowKey, and raw ids to be linked to the call."""

    rows: dict[str, Columns] = field(default_factory=dict)
    joined: tuple[str, ...] = ()


class _Newest(NamedTuple):
    """When the newest list that is known was made, and its number."""

    at: Ms
    number: int


def after_roster(call: Call, rows: Rows, roster: Roster, at: Ms) -> Changes:
    """Return what a list of participants changes, which ACS made `at` a moment.

    An older list than the newest that the rows know of changes nothing of who is there; but who
    was on it was on the call. The same list again changes what is not written yet.
    """
    newest = _newest(rows)
    here = {person_key(each.raw_id): each for each in roster.people}
    if _is_older(roster, at, newest):
        return _strangers(call, rows, here)
    moment = max(at, newest.at)
    changed = {key: _present(call, rows.get(key, {}), each, moment) for key, each in here.items()}
    changed |= {key: _absent(row, moment) for key, row in rows.items() if key not in here}
    changed = {key: columns for key, columns in changed.items() if columns}
    if not changed and _Newest(moment, roster.number or 0) != newest:
        # Some row has to know of this list, or an older one that is late would undo it.
        changed = {key: {} for key in sorted(rows.keys() | here.keys())[:1]}
    mark = known(RosterNumber=roster.number, RosterAt=iso(moment))
    joined = (each.raw_id for key, each in here.items() if _is_news(rows.get(key, {}), each))
    return Changes({key: columns | mark for key, columns in changed.items()}, tuple(joined))


def after_introduction(call: Call, rows: Rows, people: Iterable[Target]) -> Changes:
    """Return the names and roles that people are given before they join."""
    changed = {
        person_key(each.raw_id): _about(call, Participant(each.raw_id))
        | known(Name=each.name, Role=each.role)
        for each in people
    }
    return Changes(
        {key: row for key, row in changed.items() if row.items() - rows.get(key, {}).items()}
    )


def after_end(rows: Rows, at: Ms) -> Changes:
    """Return what the end of the call changes: nobody is there any more."""
    changed = {key: _absent(row, at) for key, row in rows.items()}
    return Changes({key: columns for key, columns in changed.items() if columns})


def after_speech(call: Call, rows: Rows, raw_ids: Iterable[str]) -> Changes:
    """Return the rows of who was heard, though no list of participants had them.

    Who was listed as hidden has a row already, and is not linked.
    """
    heard = {person_key(raw_id): Participant(raw_id, is_hidden(raw_id)) for raw_id in raw_ids}
    return _strangers(call, rows, heard)


def presence(columns: Mapping[str, Value]) -> list[Interval]:
    """Return when a person was on the call, as their row tells; nothing where another hand did."""
    stored = _INTERVALS.strict((text_in(columns, "Presence") or "").encode(errors="replace"))
    try:
        return [Interval(parse_iso(since), _end(until)) for since, until in stored or []]
    except ValueError:
        return []


def kind_of(person: Participant) -> str:
    """Return the kind of a raw id, by the SDKs' names of identifiers; `hidden` goes before all."""
    if person.hidden:
        return HIDDEN
    raw_id = person.raw_id
    kinds = (kind for prefix, kind in _KINDS.items() if raw_id.startswith(prefix))
    kind = next(kinds, UNKNOWN_KIND)
    if kind == "communicationUser" and len(raw_id.split("_")) == _EXTENSION_PARTS:
        return "teamsExtensionUser"
    return kind


def _newest(rows: Rows) -> _Newest:
    marks = (
        _Newest(moment_in(row, "RosterAt") or Ms(0), number_in(row, "RosterNumber") or 0)
        for row in rows.values()
    )
    return max(marks, default=_Newest(Ms(0), 0))


def _is_older(roster: Roster, at: Ms, newest: _Newest) -> bool:
    if roster.number is None:
        return at < newest.at
    return roster.number < newest.number and at <= later(newest.at, NEW_COUNT)


def _strangers(call: Call, rows: Rows, people: Mapping[str, Participant]) -> Changes:
    """Return rows for those who have none; when they were on the call is not known.

    Who was only introduced was not known to have been on it, and is linked as well.
    """
    unknown = {key: each for key, each in people.items() if key not in rows}
    linked = tuple(each.raw_id for key, each in people.items() if _is_news(rows.get(key, {}), each))
    return Changes({key: _about(call, each) for key, each in unknown.items()}, linked)


def _is_news(row: Mapping[str, Value], person: Participant) -> bool:
    return not person.hidden and "JoinedAt" not in row


def _present(call: Call, row: Mapping[str, Value], person: Participant, at: Ms) -> Columns:
    """Return what is new of somebody who is on the list."""
    columns: Columns = {"Muted": person.muted} if row.get("Muted") is not person.muted else {}
    columns |= {name: value for name, value in _about(call, person).items() if name not in row}
    before = presence(row)
    if _is_there(before):
        return columns
    columns |= {"Presence": _written(_joined(before, at))}
    columns |= {"LeftAt": ""} if "LeftAt" in row else {}
    return columns if "JoinedAt" in row else columns | {"JoinedAt": iso(at)}


def _absent(row: Mapping[str, Value], at: Ms) -> Columns:
    """Return what is new of somebody who is not on the list."""
    before = presence(row)
    if not _is_there(before):
        return {}
    since = before[-1].since
    until = max(since, at)
    return {"Presence": _written([*before[:-1], Interval(since, until)]), "LeftAt": iso(until)}


def _about(call: Call, person: Participant) -> Columns:
    """Return who somebody is, as far as the call tells."""
    key = person_key(person.raw_id)
    roles = {person_key(call.callee): "callee", person_key(call.caller): "caller"}
    role = None if person.raw_id == UNKNOWN else roles.get(key)
    return known(
        RawId=person.raw_id,
        Kind=kind_of(person),
        Role=role,
        Name=call.caller_name if role == "caller" else None,
    )


def _is_there(intervals: list[Interval]) -> bool:
    return bool(intervals) and intervals[-1].until is None


def _joined(intervals: list[Interval], at: Ms) -> list[Interval]:
    """Begin a stretch, or go on with the last one where it ended only now."""
    if intervals and (intervals[-1].until or 0) >= at:
        return [*intervals[:-1], Interval(intervals[-1].since, None)]
    if len(intervals) >= MOST_INTERVALS:
        first, second, *others = intervals
        intervals = [Interval(first.since, second.until), *others]
    return [*intervals, Interval(at, None)]


def _end(until: str | None) -> Ms | None:
    return None if until is None else parse_iso(until)


def _written(intervals: Iterable[Interval]) -> str:
    pairs = [(iso(since), None if until is None else iso(until)) for since, until in intervals]
    return json.dumps(pairs, separators=(",", ":"))
