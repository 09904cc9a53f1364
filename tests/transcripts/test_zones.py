from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from callscribe.foundation.errors import BadInputError
from callscribe.foundation.moments import parse_iso
from callscribe.transcripts.zones import local, offset_of, zone_in


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5", "EST"])
def test_a_zone_is_known_by_its_name(name: str) -> None:
    zone = zone_in({"tz": name})
    assert str(zone) == name
    moment = parse_iso("2026-07-01T12:00:00Z")
    assert local(moment, zone).utcoffset() == local(moment, ZoneInfo(name)).utcoffset()


def test_without_a_name_it_is_utc() -> None:
    assert zone_in({}) is zone_in({"tz": "UTC"}) is UTC


@pytest.mark.parametrize(
    "name",
    [
        "",
        "europe/berlin",
        "Berlin",
        "+01:00",
        "localtime",
        "posixrules",
        "../UTC",
        "/etc/passwd",
        "Europe",
        "right/UTC",
        "UTC ",
        "Europe\\Berlin",
        "\x00",
        "zone.tab",
        "__init__.py",
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match=r"^tz: expected an IANA time zone such as"):
        zone_in({"tz": name})


@pytest.mark.parametrize(
    ("zone", "month", "shown", "offset"),
    [
        ("Europe/Berlin", "01", "13:00:00", "+01:00"),
        ("Europe/Berlin", "07", "14:00:00", "+02:00"),
        ("Asia/Kolkata", "07", "17:30:00", "+05:30"),
        ("America/New_York", "01", "07:00:00", "-05:00"),
    ],
)
def test_local_time_goes_by_the_zones_rules(zone: str, month: str, shown: str, offset: str) -> None:
    moment = local(parse_iso(f"2026-{month}-01T12:00:00Z"), zone_in({"tz": zone}))
    assert (f"{moment:%H:%M:%S}", offset_of(moment)) == (shown, offset)
