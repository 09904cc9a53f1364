"""Who is on a call, whatever order ACS's lists come in."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.calls.incoming import UNKNOWN
from callscribe.calls.participants import Participant
from callscribe.calls.targets import Target
from callscribe.foundation.columns import TEXT_UNITS, Columns, Value
from callscribe.foundation.identifiers import is_hidden, person_key
from callscribe.foundation.moments import Ms, Seconds, iso, later
from callscribe.people.roster import (
    HIDDEN,
    MOST_INTERVALS,
    Changes,
    Interval,
    after_end,
    after_introduction,
    after_roster,
    after_speech,
    kind_of,
    presence,
)
from tests.fakes.clock import START
from tests.people.there import CALL, CALLEE, CALLER, listed

AGENT = "8:acs:resource_agent"
ANNA, BEN, CARA = (person_key(raw_id) for raw_id in (CALLER, CALLEE, AGENT))
# A list's number, and who is on it.
LISTS = st.lists(st.sets(st.sampled_from([CALLER, CALLEE, AGENT, "4:anonymous"])), max_size=6)


def at(seconds: float) -> Ms:
    return later(START, Seconds(seconds))


def text(seconds: float) -> str:
    return iso(at(seconds))


class Rows:
    """A call's people as they are stored."""

    def __init__(self) -> None:
        self.rows: dict[str, Columns] = {}
        self.linked: set[str] = set()

    def hear(self, number: int | None, seconds: float, *people: str | Participant) -> Changes:
        """Take a list."""
        changes = after_roster(CALL, self.rows, listed(number, *people), at(seconds))
        self.write(changes)
        return changes

    def write(self, changes: Changes) -> None:
        self.linked |= set(changes.joined)
        for key, columns in changes.rows.items():
            self.rows[key] = self.rows.get(key, {}) | columns

    def here(self) -> set[str]:
        """Return who is there."""
        return {key for key, row in self.rows.items() if presence(row)[-1:] and _is_there(row)}


def _is_there(row: Columns) -> bool:
    return presence(row)[-1].until is None


@pytest.fixture
def rows() -> Rows:
    return Rows()


class TestJoining:
    def test_who_joins_has_a_row_and_is_linked(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, Participant(AGENT, muted=True))
        assert rows.rows == {
            ANNA: {
                "RawId": CALLER,
                "Kind": "phoneNumber",
                "Role": "caller",
                "Name": "Anna",
                "JoinedAt": text(0),
                "Presence": json.dumps([[text(0), None]], separators=(",", ":")),
                "Muted": False,
                "RosterNumber": 1,
                "RosterAt": text(0),
            },
            CARA: {
                "RawId": AGENT,
                "Kind": "communicationUser",
                "JoinedAt": text(0),
                "Presence": json.dumps([[text(0), None]], separators=(",", ":")),
                "Muted": True,
                "RosterNumber": 1,
                "RosterAt": text(0),
            },
        }
        assert rows.linked == {CALLER, AGENT}

    def test_who_was_called_is_the_callee_with_and_without_a_plus(self, rows: Rows) -> None:
        rows.hear(1, 0, "4:18005550199")
        assert rows.rows[BEN]["Role"] == "callee"
        assert "Name" not in rows.rows[BEN]

    def test_one_person_is_one_row_however_they_are_written(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER)
        assert rows.hear(2, 5, CALLER.replace("+", "")).rows.keys() == {ANNA}
        assert rows.rows[ANNA]["RawId"] == CALLER
        assert presence(rows.rows[ANNA]) == [Interval(at(0), None)]

    @pytest.mark.parametrize(
        "hidden", [Participant("4:anonymous", hidden=True), Participant(CALLER, hidden=True)]
    )
    def test_who_is_hidden_is_a_person_of_the_call_and_not_linked(
        self, rows: Rows, hidden: Participant
    ) -> None:
        rows.hear(1, 0, hidden)
        assert rows.rows[person_key(hidden.raw_id)]["Kind"] == HIDDEN
        assert rows.linked == set()

    def test_what_others_wrote_of_a_person_is_kept(self, rows: Rows) -> None:
        rows.rows[ANNA] = {"Name": "Dr Smith", "Role": "guest"}
        rows.hear(1, 0, CALLER)
        assert (rows.rows[ANNA]["Name"], rows.rows[ANNA]["Role"]) == ("Dr Smith", "guest")
        assert rows.rows[ANNA]["RawId"] == CALLER

    def test_who_cannot_be_read_has_no_role(self) -> None:
        unknown = replace(CALL, caller=UNKNOWN, callee=UNKNOWN)
        changes = after_roster(unknown, {}, listed(1, UNKNOWN), at(0))
        assert "Role" not in changes.rows[person_key(UNKNOWN)]


class TestIntroduced:
    def test_who_is_called_has_a_name_and_a_role_before_they_join(self, rows: Rows) -> None:
        people = [Target(CALL.callee, "Ann", "agent"), Target("8:acs:other")]
        changes = after_introduction(CALL, rows.rows, people)
        row = changes.rows[person_key(CALL.callee)]
        assert (row["Name"], row["Role"], "JoinedAt" in row) == ("Ann", "agent", False)
        assert changes.rows[person_key("8:acs:other")]["Kind"] == "communicationUser"
        assert changes.joined == ()

    def test_again_changes_nothing(self, rows: Rows) -> None:
        people = [Target(CALL.callee, "Ann", "agent")]
        known = {**after_introduction(CALL, rows.rows, people).rows}
        assert after_introduction(CALL, known, people) == Changes()

    def test_the_name_stays_when_they_join_and_then_they_are_linked(self) -> None:
        known = {**after_introduction(CALL, {}, [Target(CALL.callee, "Ann", "agent")]).rows}
        changes = after_roster(CALL, known, listed(1, CALL.callee), at(1))
        assert "Name" not in changes.rows[person_key(CALL.callee)]
        assert changes.joined == (CALL.callee,)

    def test_who_was_heard_was_there(self) -> None:
        known = {**after_introduction(CALL, {}, [Target(CALL.callee, "Ann")]).rows}
        changes = after_speech(CALL, known, [CALL.callee])
        assert (changes.rows, changes.joined) == ({}, (CALL.callee,))


class TestLeaving:
    def test_who_leaves_is_there_no_more(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, AGENT)
        assert rows.hear(2, 10, CALLER).rows.keys() == {CARA}
        assert rows.rows[CARA]["LeftAt"] == text(10)
        assert presence(rows.rows[CARA]) == [Interval(at(0), at(10))]
        assert rows.here() == {ANNA}

    def test_who_comes_back_has_two_stretches(self, rows: Rows) -> None:
        for number, people in enumerate(([AGENT], [], [AGENT])):
            rows.hear(number, 10 * number, *people)
        row = rows.rows[CARA]
        assert presence(row) == [Interval(at(0), at(10)), Interval(at(20), None)]
        assert (row["JoinedAt"], row["LeftAt"]) == (text(0), "")
        rows.hear(4, 30)
        assert rows.rows[CARA]["LeftAt"] == text(30)

    def test_who_comes_back_at_once_was_never_away(self, rows: Rows) -> None:
        rows.hear(1, 0, AGENT)
        rows.hear(2, 10)
        rows.hear(3, 10, AGENT)
        assert presence(rows.rows[CARA]) == [Interval(at(0), None)]

    def test_times_that_run_backwards_make_no_stretch_that_does(self, rows: Rows) -> None:
        rows.hear(1, 10, AGENT)
        rows.hear(2, 9.5)
        assert presence(rows.rows[CARA]) == [Interval(at(10), at(10))]

    def test_however_often_somebody_comes_back_it_fits_a_column(self, rows: Rows) -> None:
        stretches = [(text(2 * number), text(2 * number + 1)) for number in range(MOST_INTERVALS)]
        rows.rows[CARA] = {"Presence": json.dumps(stretches)}
        for number in range(MOST_INTERVALS, MOST_INTERVALS + 3):
            rows.hear(2 * number, 2 * number, AGENT)
            rows.hear(2 * number + 1, 2 * number + 1)
        found = presence(rows.rows[CARA])
        assert len(found) == MOST_INTERVALS
        assert found[0] == Interval(at(0), at(7))
        assert all((one.until or 0) < other.since for one, other in pairwise(found))
        assert len(str(rows.rows[CARA]["Presence"])) < TEXT_UNITS

    def test_the_end_of_the_call_is_the_end_for_all(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, AGENT)
        rows.hear(2, 10, CALLER)
        changes = after_end(rows.rows, at(20))
        assert changes.rows.keys() == {ANNA}
        rows.write(changes)
        assert rows.here() == set()
        assert rows.rows[ANNA]["LeftAt"] == text(20)
        assert after_end(rows.rows, at(30)) == Changes()


class TestMuting:
    def test_a_change_is_written(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, AGENT)
        changes = rows.hear(2, 5, Participant(CALLER, muted=True), AGENT)
        mark: Columns = {"RosterNumber": 2, "RosterAt": text(5)}
        assert changes == Changes({ANNA: {"Muted": True} | mark})
        rows.hear(3, 6, CALLER, AGENT)
        assert rows.rows[ANNA]["Muted"] is False


class TestOrder:
    def test_an_older_list_changes_nothing_of_who_is_there(self, rows: Rows) -> None:
        rows.hear(2, 10, CALLER)
        assert rows.hear(1, 5, Participant(CALLER, muted=True)) == Changes()

    def test_who_was_on_an_older_list_was_on_the_call(self, rows: Rows) -> None:
        rows.hear(2, 10, CALLER)
        changes = rows.hear(1, 5, CALLER, AGENT, Participant("4:anonymous", hidden=True))
        assert changes.joined == (AGENT,)
        assert rows.rows[CARA] == {"RawId": AGENT, "Kind": "communicationUser"}
        assert rows.here() == {ANNA}

    def test_a_list_with_no_news_is_newer_than_one_that_is_late(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER)
        rows.hear(3, 10, CALLER)
        rows.hear(2, 5, CALLER, AGENT)
        assert rows.here() == {ANNA}

    def test_the_same_list_again_changes_nothing(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, AGENT)
        assert rows.hear(1, 0, CALLER, AGENT) == Changes()
        rows.hear(2, 5, CALLER, AGENT)
        assert rows.hear(2, 5, CALLER, AGENT) == Changes()

    def test_the_same_list_again_writes_what_is_not_written_yet(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER, AGENT)
        del rows.rows[CARA]
        assert rows.hear(1, 0, CALLER, AGENT).rows.keys() == {CARA}

    def test_without_numbers_lists_are_in_the_order_of_their_times(self, rows: Rows) -> None:
        rows.hear(None, 10, CALLER)
        assert "RosterNumber" not in rows.rows[ANNA]
        rows.hear(None, 5)
        assert rows.here() == {ANNA}
        assert rows.hear(None, 10, CALLER) == Changes()
        rows.hear(None, 10)
        assert rows.here() == set()

    def test_numbers_that_start_anew_are_believed_when_the_list_is_a_minute_newer(
        self, rows: Rows
    ) -> None:
        rows.hear(7, 0, CALLER)
        rows.hear(1, 60)
        assert rows.here() == {ANNA}
        rows.hear(1, 61)
        assert rows.here() == set()
        rows.hear(2, 62, AGENT)
        assert rows.here() == {CARA}

    def test_a_list_of_nobody_in_a_call_of_nobody_is_nothing(self, rows: Rows) -> None:
        assert rows.hear(1, 0) == Changes()

    @given(LISTS, st.data())
    def test_in_whatever_order_and_however_often_the_newest_counts(
        self, lists: list[set[str]], data: st.DataObject
    ) -> None:
        rows, numbers = Rows(), range(len(lists))
        order = data.draw(st.permutations([*numbers, *numbers]))
        for number in order:
            rows.hear(number, 5 * number, *lists[number])
        assert rows.here() == {person_key(each) for each in (lists or [set()])[-1]}
        everybody = {person for each in lists for person in each}
        assert rows.rows.keys() == {person_key(person) for person in everybody}
        assert rows.linked == {person for person in everybody if not is_hidden(person)}
        for row in rows.rows.values():
            assert presence(row) == sorted(presence(row))


class TestSpeakers:
    def test_who_was_heard_and_is_on_no_list_has_a_row(self, rows: Rows) -> None:
        rows.hear(1, 0, CALLER)
        changes = after_speech(CALL, rows.rows, [CALLER, AGENT, "4:anonymous"])
        assert changes == Changes(
            {
                CARA: {"RawId": AGENT, "Kind": "communicationUser"},
                person_key("4:anonymous"): {"RawId": "4:anonymous", "Kind": HIDDEN},
            },
            joined=(AGENT,),
        )

    def test_who_joins_later_was_there_only_from_then_on(self, rows: Rows) -> None:
        rows.write(after_speech(CALL, rows.rows, [AGENT]))
        rows.hear(1, 5, AGENT)
        assert presence(rows.rows[CARA]) == [Interval(at(5), None)]
        assert rows.linked == {AGENT}


class TestForeignRows:
    @pytest.mark.parametrize(
        "spoilt", ["", "odd", "[7]", '[["soon", null]]', '["a", "b"]', 7, b"x", "\udce9"]
    )
    def test_a_presence_that_another_hand_spoilt_begins_anew(
        self, rows: Rows, spoilt: Value
    ) -> None:
        rows.rows[ANNA] = {"Presence": spoilt, "RosterAt": "odd", "RosterNumber": "odd"}
        assert presence(rows.rows[ANNA]) == []
        rows.hear(1, 5, CALLER)
        assert presence(rows.rows[ANNA]) == [Interval(at(5), None)]

    def test_a_row_that_is_nobodys_does_no_harm(self, rows: Rows) -> None:
        rows.rows["p-note"] = {"Note": "called back"}
        rows.hear(1, 0, CALLER)
        rows.hear(2, 5)
        assert rows.rows["p-note"] == {"Note": "called back"}


@pytest.mark.parametrize(
    ("raw_id", "kind"),
    [
        ("4:+14255550123", "phoneNumber"),
        ("8:acs:resource_user", "communicationUser"),
        ("8:gcch-acs:resource_user", "communicationUser"),
        ("8:spool:user", "communicationUser"),
        ("8:acs:resource_tenant_user", "teamsExtensionUser"),
        ("8:dod-acs:resource_tenant_user", "teamsExtensionUser"),
        ("8:orgid:guid", "microsoftTeamsUser"),
        ("28:orgid:guid", "microsoftTeamsApp"),
        ("28:guid", "unknown"),
        ("sip:a_b_c", "unknown"),
    ],
)
def test_kinds(raw_id: str, kind: str) -> None:
    assert kind_of(Participant(raw_id)) == kind
    assert kind_of(Participant(raw_id, hidden=True)) == HIDDEN
