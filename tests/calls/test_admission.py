"""A stream is let in where its call may be up, or was until a moment ago."""

import pytest

from callscribe.calls.admission import admit
from callscribe.calls.call import UP, EndedBy, State
from tests.calls.deciding import NOW, a_call, after

CERTAIN = (EndedBy.CALLBACK, EndedBy.HANGUP, EndedBy.END)
INFERRED = (EndedBy.INFERRED, EndedBy.LIMIT)
OVER = sorted(set(State) - UP - {State.MISSED, State.ERASED})


@pytest.mark.parametrize("state", sorted(UP))
def test_the_stream_of_a_call_that_is_up_is_let_in(state: State) -> None:
    assert admit(a_call(state), NOW)


@pytest.mark.parametrize("state", OVER)
@pytest.mark.parametrize("by", CERTAIN)
def test_that_of_one_that_is_over_is_let_in_for_ten_minutes(state: State, by: EndedBy) -> None:
    assert admit(a_call(state, ended_at=after(-600), ended_by=by), NOW)
    assert not admit(a_call(state, ended_at=after(-600.001), ended_by=by), NOW)


@pytest.mark.parametrize("by", INFERRED)
def test_that_of_one_that_may_be_up_after_all_is_let_in(by: EndedBy) -> None:
    assert admit(a_call(State.ENDED, ended_at=after(-3_600), ended_by=by), NOW)


@pytest.mark.parametrize("by", [None, *EndedBy])
def test_that_a_call_was_missed_is_never_certain(by: EndedBy | None) -> None:
    assert admit(a_call(State.MISSED, ended_at=after(-3_600), ended_by=by), NOW)


def test_without_an_end_its_beginning_counts() -> None:
    assert admit(a_call(State.FAILED, ended_at=None), NOW)
    assert not admit(a_call(State.FAILED, ended_at=None, begun_at=after(-601)), NOW)


def test_that_of_one_that_was_erased_is_never_let_in() -> None:
    assert not admit(a_call(State.ERASED, ended_at=NOW, ended_by=EndedBy.INFERRED), NOW)
