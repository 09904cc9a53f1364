"""Which outages are drilled."""

import pytest

from drills.plan import Drill, Part, parts_in, usual, whole


def test_by_default_each_part_is_out_once_for_20_and_once_for_60_s() -> None:
    drills = usual([], [])

    assert len(drills) == 10
    assert set(drills) == {Drill((part,), seconds) for part in Part for seconds in (20, 60)}


def test_parts_and_lengths_can_be_named_each_once() -> None:
    assert usual([(Part.APP,), (Part.APP,)], [5, 5]) == [Drill((Part.APP,), 5)]


def test_parts_that_are_out_together_are_joined_by_a_plus() -> None:
    assert parts_in("web-pubsub") == (Part.WEB_PUBSUB,)
    assert parts_in("storage+app") == (Part.STORAGE, Part.APP)
    with pytest.raises(ValueError, match="nobody"):
        parts_in("storage+nobody")


def test_the_whole_matrix_has_each_part_and_each_pair_for_each_length() -> None:
    drills = whole()

    assert len(drills) == len(set(drills)) == (5 + 10) * 5
    assert Drill((Part.STORAGE, Part.APP), 600) in drills


def test_a_drill_has_a_title_and_a_folder_of_its_own() -> None:
    drill = Drill((Part.STORAGE, Part.APP), 60)

    assert drill.title == "storage+app 60 s"
    assert len({each.folder for each in whole()}) == len(whole())
