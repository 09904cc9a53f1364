from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callscribe.calls.call import Report
from callscribe.foundation.identifiers import person_key
from callscribe.foundation.moments import Ms, Seconds, parse_iso
from callscribe.transcripts.rendering.head import head_of
from tests.transcripts.said import BARE, CALL, CALLEE, CALLER, HELLO, OTHER, RANG, of

MISSING = [
    "2 frames that could not be read",
    "3 suspected missing",
    "6.5 s without a stream",
    "12 s not wanted",
]


def head(call: Any = CALL, said: Any = (HELLO,), **shown: Any) -> dict[str, str]:
    return dict(head_of(of(call, said, **shown)))


def test_tells_the_call_its_time_its_people_and_its_report() -> None:
    call = replace(CALL, ended_at=Ms(RANG + 61_000), report=Report(finals=2))
    said = [HELLO, replace(BARE, speaker_id=CALLEE)]
    assert head(call, said) == {
        "Call": "01KB5Z, inbound, ended",
        "Date": "2026-11-22, 18:54:00 to 18:55:01",
        "Time zone": "UTC",
        "Participants": "caller, callee",
        "Report": "2 finals; nothing known to be missing",
    }


def test_of_a_call_that_goes_on_no_end_is_told() -> None:
    assert head()["Date"] == "2026-11-22, 18:54:00, not ended yet"
    assert head()["Report"] == "not made yet"


def test_an_end_on_another_day_is_told_with_its_day() -> None:
    shown = head(replace(CALL, ended_at=Ms(RANG + 6 * 3_600_000)))
    assert shown["Date"] == "2026-11-22, 18:54:00 to 2026-11-23, 00:54:00"
    local = head(replace(CALL, ended_at=Ms(RANG + 1)), zone=ZoneInfo("Australia/Sydney"))
    assert local["Date"] == "2026-11-23, 05:54:00 to 05:54:00"
    assert local["Time zone"] == "Australia/Sydney (UTC+11:00)"


def test_a_change_of_the_clock_during_the_call_is_told() -> None:
    begun = parse_iso("2026-10-25T00:30:00Z")
    call = replace(CALL, begun_at=begun, ended_at=Ms(begun + 3_600_000))
    shown = head(call, zone=ZoneInfo("Europe/Berlin"))
    assert shown["Date"] == "2026-10-25, 02:30:00 to 02:30:00"
    assert shown["Time zone"] == "Europe/Berlin (UTC+02:00, at the end UTC+01:00)"


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (Report(finals=1), "1 final; nothing known to be missing"),
        (
            Report(finals=4, duplicates=1),
            "4 finals, 1 of them sent again; nothing known to be missing",
        ),
        (
            Report(
                finals=5,
                quarantined=2,
                suspected_missing=3,
                seconds_without_stream=Seconds(6.5),
                seconds_not_wanted=Seconds(12.0),
            ),
            "5 finals; " + ", ".join(MISSING),
        ),
        (Report(quarantined=1), "0 finals; 1 frame that could not be read"),
    ],
)
def test_what_may_be_missing_is_told(report: Report, told: str) -> None:
    assert head(replace(CALL, report=report))["Report"] == told


def test_people_have_one_name_and_their_role_and_no_number() -> None:
    people = {
        person_key(OTHER): {"RawId": OTHER, "JoinedAt": "2", "Role": "agent +4930123456"},
        person_key(CALLER): {"RawId": CALLER, "JoinedAt": "1", "Role": "caller"},
        person_key("8:acs:a_b"): {"RawId": "8:acs:a_b", "JoinedAt": "3", "Name": "שרה 4930123456"},
    }
    call = replace(CALL, caller_name="Front desk, +14255550111")
    shown = head(call, people=people)["Participants"]
    assert shown == "Front desk, +•••0111 (caller), agent +•••3456, \u2068שרה +•••3456\u2069"


def test_where_something_is_sought_that_is_told() -> None:
    assert head(sought=" two\n books ")["Shown"] == "only what contains two  books"
    assert "Shown" not in head()
