"""What a request to begin a call may say, and what of it is refused by name."""

import json
from typing import Any

import pytest

from callscribe.calls.beginnings import Start
from callscribe.calls.place_request import (
    Expect,
    Join,
    LocatorKind,
    Place,
    parse_place,
)
from callscribe.calls.targets import Target
from callscribe.calls.transcription_request import TranscriptionWish
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.moments import Seconds

GUID = "01234567-89ab-cdef-0123-456789abcdef"
TO = "+14255550123"
FROM = "+18005550199"


def parsed(**told: Any) -> Any:
    return parse_place(json.dumps(told).encode())


def refused(**told: Any) -> BadInputError:
    with pytest.raises(BadInputError) as refusal:
        parsed(**told)
    assert str(refusal.value).startswith((f"{refusal.value.target}:", "the body:"))
    return refusal.value


class TestPlacing:
    def test_somebody_is_enough(self) -> None:
        assert parsed(to=TO) == Place((Target(f"4:{TO}"),))

    def test_all_that_can_be_said(self) -> None:
        found = parsed(
            **{"from": FROM},
            to=[TO, {"id": "8:acs:a_b", "name": "Ann", "role": "agent"}],
            displayName="Order desk",
            transcription={
                "start": "connected",
                "locale": "de-DE",
                "speechModelEndpointId": "model",
                "intermediate": False,
            },
            labels=["order-4711", "vip"],
        )
        assert found == Place(
            targets=(Target(f"4:{TO}"), Target("8:acs:a_b", "Ann", "agent")),
            caller=f"4:{FROM}",
            display_name="Order desk",
            transcription=TranscriptionWish(Start.CONNECTED, "de-DE", "model", intermediate=False),
            labels=("order-4711", "vip"),
        )

    def test_on_behalf_of_a_resource_account(self) -> None:
        assert parsed(to=TO, onBehalfOf=f"28:orgid:{GUID}").on_behalf_of == f"28:orgid:{GUID}"

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"to": "14255550123"}, "to"),
            ({"to": []}, "to"),
            ({"to": None}, "to"),
            ({"to": TO, "from": "8005550199"}, "from"),
            ({"to": TO, "from": "8:acs:a_b"}, "from"),
            ({"to": TO, "from": FROM, "onBehalfOf": f"28:orgid:{GUID}"}, "from"),
            ({"to": TO, "onBehalfOf": "me"}, "onBehalfOf"),
            ({"to": TO, "displayName": ""}, "displayName"),
            ({"to": TO, "displayname": "x"}, "displayname"),
            ({"to": TO, "again": True}, "again"),
            ({"to": TO, "waitSeconds": 5}, "waitSeconds"),
            ({"to": TO, "transcription": []}, "transcription"),
            ({"to": TO, "transcription": {"start": "later"}}, "transcription.start"),
            ({"to": TO, "transcription": {"start": 1}}, "transcription.start"),
            ({"to": TO, "transcription": {"start": "consent"}}, "transcription.start"),
            ({"to": TO, "transcription": {"locale": "en"}}, "transcription.locale"),
            ({"to": TO, "transcription": {"locale": "en_US"}}, "transcription.locale"),
            ({"to": TO, "transcription": {"locale": "en-U\u017f"}}, "transcription.locale"),
            ({"to": TO, "transcription": {"locale": 1}}, "transcription.locale"),
            ({"to": TO, "transcription": {"locale": "en-" + "US" * 200}}, "transcription.locale"),
            ({"to": TO, "transcription": {"intermediate": "no"}}, "transcription.intermediate"),
            ({"to": TO, "transcription": {"model": "x"}}, "transcription.model"),
            (
                {"to": TO, "transcription": {"speechModelEndpointId": ""}},
                "transcription.speechModelEndpointId",
            ),
            ({"to": TO, "labels": "vip"}, "labels"),
            ({"to": TO, "labels": [f"l{n}" for n in range(17)]}, "labels"),
            ({"to": TO, "labels": ["vip", "vip"]}, "labels"),
            ({"to": TO, "labels": ["VIP"]}, "labels[0]"),
            ({"to": TO, "labels": ["ok", "a|b"]}, "labels[1]"),
            ({"to": TO, "labels": ["x" * 41]}, "labels[0]"),
            ({"to": TO, "announcement": {}}, "announcement"),
            ({"to": TO, "consent": "key"}, "consent"),
            ({"to": TO, "connect": []}, "connect"),
        ],
    )
    def test_what_is_wrong_is_named(self, told: dict[str, Any], field: str) -> None:
        assert refused(**told).target == field

    def test_what_comes_later_says_so(self) -> None:
        assert "not offered yet" in str(refused(to=TO, announcement={}))
        assert "not offered yet" in str(refused(to=TO, transcription={"start": "consent"}))

    def test_sixteen_labels_are_allowed(self) -> None:
        assert len(parsed(to=TO, labels=[f"l{n}" for n in range(16)]).labels) == 16


class TestForms:
    @pytest.mark.parametrize("told", [{}, {"labels": []}, {"to": TO, "join": {"roomId": "1"}}])
    def test_just_one_form_is_expected(self, told: dict[str, Any]) -> None:
        assert "expected to, join or own: true" in str(refused(**told))

    @pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff"])
    def test_a_body_is_an_object(self, body: bytes) -> None:
        with pytest.raises(BadInputError):
            parse_place(body)


class TestJoining:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (LocatorKind.SERVER_CALL, "aHR0cHM6Ly9hcGk=?x"),
            (LocatorKind.GROUP_CALL, GUID),
            (LocatorKind.ROOM, "99410012345678901"),
        ],
    )
    def test_by_each_kind_of_id(self, kind: LocatorKind, value: str) -> None:
        assert parsed(join={kind: value}) == Join(kind, value)

    def test_a_group_has_one_name(self) -> None:
        assert parsed(join={"groupCallId": GUID.upper()}).id == GUID

    def test_all_that_can_be_said(self) -> None:
        found = parsed(
            join={"roomId": "9"}, again=True, transcription={"start": "manual"}, labels=["vip"]
        )
        assert found == Join(
            LocatorKind.ROOM,
            "9",
            again=True,
            transcription=TranscriptionWish(Start.MANUAL),
            labels=("vip",),
        )

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"join": "9"}, "join"),
            ({"join": {}}, "join"),
            ({"join": {"roomId": "9", "groupCallId": GUID}}, "join"),
            ({"join": {"meetingLink": "x"}}, "join.meetingLink"),
            ({"join": {"roomId": "room"}}, "join.roomId"),
            ({"join": {"roomId": 9}}, "join.roomId"),
            ({"join": {"groupCallId": "x"}}, "join.groupCallId"),
            ({"join": {"serverCallId": "a b"}}, "join.serverCallId"),
            ({"join": {"serverCallId": "x" * 2_001}}, "join.serverCallId"),
            ({"join": {"roomId": "9"}, "again": "yes"}, "again"),
            ({"join": {"roomId": "9"}, "displayName": "x"}, "displayName"),
            ({"join": {"roomId": "9"}, "from": FROM}, "from"),
        ],
    )
    def test_what_is_wrong_is_named(self, told: dict[str, Any], field: str) -> None:
        assert refused(**told).target == field


class TestExpecting:
    def test_nothing_else_has_to_be_said(self) -> None:
        assert parsed(own=True) == Expect()
        assert (Expect().wait, Expect().idle) == (Seconds(3_600), Seconds(60))

    def test_all_that_can_be_said(self) -> None:
        found = parsed(
            **{"from": FROM}, own=True, to="8:acs:a_b", waitSeconds=10, idleSeconds=3_600,
            labels=["vip"],
        )  # fmt: skip
        assert found == Expect(f"4:{FROM}", "8:acs:a_b", Seconds(10), Seconds(3_600), ("vip",))

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"own": False}, "own"),
            ({"own": 1}, "own"),
            ({"own": True, "join": {"roomId": "1"}}, "join"),
            ({"own": True, "transcription": {}}, "transcription"),
            ({"own": True, "from": "me"}, "from"),
            ({"own": True, "to": "you"}, "to"),
            ({"own": True, "to": [TO]}, "to"),
            ({"own": True, "waitSeconds": 9}, "waitSeconds"),
            ({"own": True, "waitSeconds": 86_401}, "waitSeconds"),
            ({"own": True, "waitSeconds": True}, "waitSeconds"),
            ({"own": True, "idleSeconds": 1.5}, "idleSeconds"),
            ({"own": True, "idleSeconds": "60"}, "idleSeconds"),
        ],
    )
    def test_what_is_wrong_is_named(self, told: dict[str, Any], field: str) -> None:
        assert refused(**told).target == field
