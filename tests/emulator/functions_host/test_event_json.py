"""An event's JSON as the host writes it anew."""

import pytest

from emulator.functions_host.event_json import moment, rewritten


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ("2026-11-28T10:00:00+02:00", "2026-11-28T08:00:00+00:00"),
        ("2026-11-28T10:00:00.100Z", "2026-11-28T10:00:00.1Z"),
        ("2026-11-28T10:00:00.000Z", "2026-11-28T10:00:00Z"),
        ("2026-11-28T23:00:00.1234567-0130", "2026-11-29T00:30:00.1234567+00:00"),
        ("2026-11-28T10:00:00.50", "2026-11-28T10:00:00.5"),
        ("2026-11-28T10:00:00.12345678Z", "2026-11-28T10:00:00.12345678Z"),
        ("2026-13-28T10:00:00Z", "2026-13-28T10:00:00Z"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00"),
        ("2026-11-28 10:00:00Z", "2026-11-28 10:00:00Z"),
        ("at 2026-11-28T10:00:00.100Z", "at 2026-11-28T10:00:00.100Z"),
    ],
)
def test_what_looks_like_a_time_is_written_as_one(sent: str, got: str) -> None:
    assert moment(sent) == got


def test_times_are_found_at_every_depth_and_names_stay() -> None:
    event = {"2026-11-28T10:00:00.100Z": [{"at": "2026-11-28T10:00:00.100Z"}, 1.5, None, True]}
    assert rewritten(event) == (
        '{"2026-11-28T10:00:00.100Z":[{"at":"2026-11-28T10:00:00.1Z"},1.5,null,true]}'
    )


def test_only_lone_surrogates_are_replaced() -> None:
    assert rewritten({"lone": "a\ud800b\udc00", "pair": "\ud83d\ude00", "ä": "😀"}) == (
        '{"lone":"a\ufffdb\ufffd","pair":"😀","ä":"😀"}'
    )
