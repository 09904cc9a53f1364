"""An event's JSON as the host gives it on: it reads the whole and writes it anew.

Seen on the real host, whose JSON library takes every text that looks like a time for one:
`10:00:00+02:00` became `08:00:00+00:00`, `.100Z` became `.1Z`, a lone surrogate U+FFFD.
"""

import json
import re
from datetime import UTC, datetime, timedelta

_TIME = re.compile(
    r"(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,7}))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


def rewritten(content: object) -> str:
    """Return parsed JSON as the compact text that a function gets."""
    text = json.dumps(_changed(content), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment(text: str) -> str:
    """Return a time as it is written anew, in UTC if it has an offset; another text as it is."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    try:
        at = datetime.fromisoformat(found["moment"])
        shown, zone = _in_utc(at, found["zone"] or "")
    except (OverflowError, ValueError):
        return text
    fraction = (found["fraction"] or "").rstrip("0")
    return f"{shown.isoformat()}{'.' if fraction else ''}{fraction}{zone}"


def _in_utc(at: datetime, zone: str) -> tuple[datetime, str]:
    if zone in ("", "Z"):
        return at, zone
    # The host's own time zone is UTC: a time with an offset is turned into its own time.
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    return (at.replace(tzinfo=UTC) - offset).replace(tzinfo=None), "+00:00"


def _changed(content: object) -> object:
    match content:
        case str(text):
            return moment(text)
        case list(items):
            return [_changed(item) for item in items]
        case dict(members):
            return {name: _changed(member) for name, member in members.items()}
    return content
