"""Time zones by their IANA names, as the package tzdata has them: the same on every machine.

https://www.iana.org/time-zones
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped] # has data alone

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.moments import Ms

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOLDER = Path(tzdata.__file__).parent


def zone_in(params: Mapping[str, str]) -> tzinfo:
    """Return the time zone that the parameter `tz` names; UTC without it.

    Raises BadInputError for any other name.
    """
    name = params.get("tz")
    if name in (None, "UTC"):
        return UTC
    # By the list, which has no paths that lead elsewhere; both files are small.
    if name not in (_FOLDER / "zones").read_text("ascii").split():
        raise BadInputError("tz: expected an IANA time zone such as Europe/Berlin")
    with (_FOLDER / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def local(moment: Ms, zone: tzinfo) -> datetime:
    """Return a moment in a time zone."""
    return (_EPOCH + timedelta(milliseconds=moment)).astimezone(zone)


def offset_of(moment: datetime) -> str:
    """Return how far local time is from UTC, as in `+01:00`."""
    return f"{moment:%:z}"
