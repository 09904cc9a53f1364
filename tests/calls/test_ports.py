"""When a call is due to be looked at."""

from dataclasses import replace

import pytest

from callscribe.calls.ports import Active
from tests.calls.deciding import NOW, after

ROW = Active("id", "etag", NOW)


@pytest.mark.parametrize(("wanted", "longest"), [(True, 20), (False, 60)])
def test_a_call_is_due_once_its_moment_is_past_or_further_ahead_than_any(
    longest: float, *, wanted: bool
) -> None:
    row = replace(ROW, wanted=wanted)
    for ahead, due in ((0, True), (-3_600, True), (0.001, False), (longest, False)):
        assert replace(row, next_at=after(ahead)).is_due(NOW) is due
    assert replace(row, next_at=after(longest + 0.001)).is_due(NOW)
