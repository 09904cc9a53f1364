"""The mark of a connection says for which call it was let in, and nobody else can make it."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.identifiers import lost_stream_id, new_call_id, new_stream_id
from callscribe.foundation.moments import Ms
from callscribe.stream.state import LONGEST_MARK
from callscribe.trust.signatures import Marks, Standing
from tests.wire_strategies import ANY_TEXT

NOW = Ms(1_795_373_643_123)
CALL, OTHER_CALL = new_call_id(NOW, "call"), new_call_id(NOW, "other")
CONNECTION = "0f8e2c5d1a3b4c6d8e9f0a1b2c3d4e5f"
STREAM = new_stream_id(NOW, CONNECTION)
IDS = (CALL, CONNECTION, STREAM)
SIGNING, PROVEN = Marks(("current", "old")), Marks(())
BOTH = pytest.mark.parametrize("marks", [SIGNING, PROVEN], ids=["signing", "Entra"])


@BOTH
@pytest.mark.parametrize("standing", [Standing.LET_IN, Standing.UNSEEN])
def test_a_mark_says_how_its_connection_was_let_in(marks: Marks, standing: Standing) -> None:
    mark = marks.make(standing, *IDS)
    assert marks.read(mark, *IDS) is standing
    assert len(mark) <= LONGEST_MARK


@BOTH
@pytest.mark.parametrize(
    "ids", [(OTHER_CALL, CONNECTION, STREAM), (CALL, "another", STREAM)], ids=["call", "connection"]
)
def test_one_of_another_call_or_connection_is_foreign(
    marks: Marks, ids: tuple[str, str, str]
) -> None:
    assert marks.read(marks.make(Standing.LET_IN, *IDS), *ids) is Standing.FOREIGN


def test_one_of_another_stream_id_proves_nothing() -> None:
    mark = SIGNING.make(Standing.LET_IN, *IDS)
    assert SIGNING.read(mark, CALL, CONNECTION, lost_stream_id("another")) is Standing.UNKNOWN


def test_any_current_key_proves_it_and_the_first_one_makes_it() -> None:
    mark = SIGNING.make(Standing.LET_IN, *IDS)
    assert Marks(("new", "current")).read(mark, *IDS) is Standing.LET_IN
    assert Marks(("current",)).make(Standing.LET_IN, *IDS) == mark
    assert Marks(("old",)).read(mark, *IDS) is Standing.UNKNOWN


def test_one_without_a_proof_is_none_where_keys_prove_it_nor_the_other_way_round() -> None:
    assert SIGNING.read(PROVEN.make(Standing.LET_IN, *IDS), *IDS) is Standing.UNKNOWN
    assert PROVEN.read(SIGNING.make(Standing.LET_IN, *IDS), *IDS) is Standing.UNKNOWN


def test_one_of_a_connection_let_in_unseen_does_not_become_one_of_the_other_kind() -> None:
    unseen = SIGNING.make(Standing.UNSEEN, *IDS)
    assert SIGNING.read(Standing.LET_IN + unseen[1:], *IDS) is Standing.UNKNOWN


@BOTH
@pytest.mark.parametrize("mark", [None, "", "b", "-", "x"])
def test_what_is_no_mark_is_not_known(marks: Marks, mark: str | None) -> None:
    assert marks.read(mark, *IDS) is Standing.UNKNOWN


@given(ANY_TEXT, ANY_TEXT)
def test_no_text_raises_and_none_but_ours_lets_in(mark: str, connection_id: str) -> None:
    ids = (CALL, connection_id, STREAM)
    assert SIGNING.read(mark, *ids) is not Standing.LET_IN
    assert SIGNING.read(SIGNING.make(Standing.LET_IN, *ids), *ids) is Standing.LET_IN


@given(st.integers(0, LONGEST_MARK - 1))
def test_no_character_of_it_may_change(place: int) -> None:
    mark = SIGNING.make(Standing.LET_IN, *IDS)
    changed = mark[:place] + ("A" if mark[place] != "A" else "B") + mark[place + 1 :]
    assert SIGNING.read(changed, *IDS) is not Standing.LET_IN


def test_the_time_that_a_comparison_takes_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    SIGNING.read(SIGNING.make(Standing.LET_IN, *IDS), *IDS)
    assert compared == [22]


def test_keys_are_not_shown() -> None:
    assert "current" not in repr(SIGNING)
