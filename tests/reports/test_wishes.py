from callscribe.reports.wishes import Part, Wish, Wishes
from tests.reports.rows import Row, at, changed, wish

FIRST, SECOND = wish(1, 10, on=True), wish(2, 20, on=False, Why="paused", Model="model")
ON = Wish(at(10), on=True, why="asked", locale="en-US")
OFF = Wish(at(20), on=False, why="paused", locale="en-US", model="model")


def wishes(*rows: Row) -> Wishes:
    found = Wishes()
    for _, columns in rows:
        found.add_row(columns)
    return found


def test_a_revision_holds_until_the_next() -> None:
    found = wishes(FIRST, SECOND)
    assert found.revisions == [ON, OFF]
    assert found.at(at(9.9)) is None
    assert found.at(at(10)) == found.at(at(19.9)) == ON
    assert found.at(at(20)) == found.at(at(90)) == OFF


def test_a_row_that_does_not_tell_what_was_wanted_from_when_on_is_left_out() -> None:
    assert wishes(changed(FIRST, {"From": "soon"}), changed(FIRST, {"On": "yes"})) == Wishes()


def test_a_row_without_its_reason_is_a_wish_all_the_same() -> None:
    assert wishes(changed(FIRST, {"Why": ""})).revisions[0].why == "unknown"


def test_revisions_are_in_order_whatever_a_clock_says() -> None:
    assert wishes(SECOND, FIRST).at(at(20)) == Wish(at(20), on=True, why="asked", locale="en-US")


def test_a_stretch_is_cut_where_the_wish_changes() -> None:
    found = wishes(FIRST, SECOND)
    assert list(found.parts(at(5), at(30))) == [
        Part(at(5), at(10), None),
        Part(at(10), at(20), ON),
        Part(at(20), at(30), OFF),
    ]
    assert list(found.parts(at(10), at(20))) == [Part(at(10), at(20), ON)]
    assert list(found.parts(at(15), at(15))) == [Part(at(15), at(15), ON)]


def test_of_two_revisions_at_one_moment_the_later_holds() -> None:
    found = wishes(FIRST, wish(2, 10, on=False))
    assert [part.wish and part.wish.on for part in found.parts(at(5), at(15))] == [None, False]


def test_another_language_or_model_is_a_switch_and_another_reason_is_none() -> None:
    again, other = wish(2, 20, on=True), wish(2, 20, on=True, Locale="el-GR")
    assert wishes(FIRST, other).switched(at(10), at(20)) == at(20)
    assert wishes(FIRST, wish(2, 20, on=True, Model="m")).switched(at(10), at(25)) == at(20)
    assert wishes(FIRST, other, wish(3, 22, on=True, Locale="el-GR")).switched(
        at(10), at(25)
    ) == at(20)
    assert wishes(FIRST, again).switched(at(10), at(25)) is None
    assert wishes(FIRST, other).switched(at(10), at(19)) is None
    assert wishes(FIRST, other).switched(at(20), at(30)) is None
    assert wishes(FIRST, other).switched(at(5), at(30)) is None


def test_a_stop_between_two_languages_is_no_switch() -> None:
    other = wish(3, 30, on=True, Locale="el-GR")
    assert wishes(FIRST, SECOND, other).switched(at(10), at(40)) is None
    assert wishes(SECOND, other).switched(at(20), at(40)) is None
