import pytest

from callscribe.calls.result_table import TABLE, Advice, Of, Result
from callscribe.calls.results import Verdict, judge

OF_ITS_OWN = 400


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.code}/{row.sub_code} {row.says[:30]}")
def test_each_result_is_found_by_its_codes_and_its_own_words(row: Result) -> None:
    code = OF_ITS_OWN if row.code is None else row.code
    for of in row.of:
        assert judge(code, row.sub_code, row.says, of) == Verdict(row.advice, row.remedy)


def test_a_result_of_one_thing_says_nothing_of_another() -> None:
    said = "Action failed, StreamUrl isn't valid."
    assert judge(400, 8581, said, Of.TRANSCRIPTION).advice is Advice.RETRY
    assert judge(400, 8581, said, Of.SET_UP).advice is Advice.FIX


def test_what_shares_its_codes_is_told_apart_by_the_message_alone() -> None:
    first = Result(frozenset(Of), 405, 8522, "One thing", Advice.RETRY, "Wait.", mark="one")
    assert first.fits(405, 8522, "one thing")
    assert not first.fits(405, 8522, "another thing")
    assert not first.fits(404, 8522, "one thing")
    assert not first.fits(405, 8523, "one thing")


def test_who_does_not_take_a_call_is_told_by_six_results() -> None:
    assert sum(row.is_of_nobody for row in TABLE) == 6
