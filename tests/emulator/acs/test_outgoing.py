"""Calls that the app makes: whom it may call, who picks up, and what the app is told."""

from typing import Any

import pytest
from azure.communication.callautomation import (
    CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier,
    MicrosoftTeamsUserIdentifier,
    PhoneNumberIdentifier,
    UnknownIdentifier,
)
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from .calling import TARGET, create, only_call, outgoing, results
from .peers import ACS_USER, CALLEE, CALLER, TEXTS, Json, until
from .stacks import Stack, first_sent, stack

TEAMS_USER = MicrosoftTeamsUserIdentifier("5d0b2f1a-0000-4000-8000-000000000001")
TEAMS_APP = MicrosoftTeamsAppIdentifier("5d0b2f1a-0000-4000-8000-000000000002")
USER = CommunicationUserIdentifier(ACS_USER)
NUMBERS = ["+498998765", "+498998766", "+498998767"]
GROUP = [PhoneNumberIdentifier(number) for number in NUMBERS]
REPEATED = {"Repeatability-Request-ID": "5b1e2a0c-1111-4111-8111-000000000002"}


async def test_a_call_is_made_picked_up_and_transcribed(acs: Stack) -> None:
    await outgoing(acs)
    created = await create(acs)
    assert created.call_connection_state == "connecting"
    assert [target.raw_id for target in created.targets or []] == [f"4:{CALLEE}"]
    assert created.answered_for is None
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == [
        "CallConnected",
        "ParticipantsUpdated",
        "TranscriptionStarted",
        "CallDisconnected",
    ]
    call = await only_call(acs)
    assert (call["direction"], call["state"]) == ("outbound", "disconnected")
    assert (call["from"], call["to"]) == (f"4:{CALLER}", f"4:{CALLEE}")
    assert call["targets"] == {f"4:{CALLEE}": "answered"}
    assert [final["connection"] for final in call["finals"]] == [1] * 5


@pytest.mark.parametrize("target", [USER, TEAMS_USER, TEAMS_APP])
async def test_users_and_apps_are_called_without_a_number(acs: Stack, target: Any) -> None:
    await outgoing(acs, stay=True)
    created = await create(acs, target, source_caller_id_number=None, transcription=None)
    assert [one.raw_id for one in created.targets or []] == [target.raw_id]
    roster = (await acs.peer.callback("ParticipantsUpdated"))["data"]["participants"]
    assert target.raw_id in [one["identifier"]["rawId"] for one in roster]


async def test_a_call_for_teams_has_the_resource_account_as_its_source(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    created = await create(acs, source_caller_id_number=None, teams_app_source=TEAMS_APP)
    assert created.source is not None
    assert created.source.raw_id == TEAMS_APP.raw_id
    await acs.peer.callback("TranscriptionStarted")


async def test_transcription_may_start_later(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    options = acs.transcription(start_transcription=False)
    created = await create(acs, transcription=options)
    await acs.peer.callback("CallConnected")
    assert acs.peer.upgrades == []
    await acs.sdk.get_call_connection(created.call_connection_id or "").start_transcription()
    await acs.peer.callback("TranscriptionStarted")


async def test_a_group_comes_in_one_after_the_other(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"does": "waits"})
    await create(acs, GROUP)
    call = await only_call(acs)
    assert list(call["targets"].values()) == ["ringing"] * 3
    for who, does in zip(NUMBERS, ("answers", "declines", "answers"), strict=True):
        body = {"who": who, "does": does}
        assert (await acs.control("POST", f"calls/{call['id']}/phone", body))[0] == 204
        await acs.see(call, lambda shown: shown["targets"][f"4:{who}"] != "ringing")  # noqa: B023 - called at once
    rosters = [await acs.peer.callback("ParticipantsUpdated", number) for number in range(2)]
    people = [
        [one["identifier"]["rawId"] for one in roster["data"]["participants"]] for roster in rosters
    ]
    own, first, _, third = (f"4:{number}" for number in (CALLER, *NUMBERS))
    assert people == [[own, first], [own, first, third]]
    assert [roster["data"]["sequenceNumber"] for roster in rosters] == [1, 2]
    assert len(acs.peer.posted("CallConnected")) == 1
    assert (await acs.show(call))["targets"][f"4:{NUMBERS[1]}"] == "declines"


async def test_each_of_a_group_speaks_once_they_are_there(acs: Stack) -> None:
    people: list[Json] = [{"rawId": f"4:{number}"} for number in (CALLER, *NUMBERS)]
    people[3]["phone"] = {"does": "busy"}
    lines = [{"speaker": n, "at": n / 10, "text": f"I am {n}."} for n in range(4)]
    await outgoing(acs, script={"participants": people, "lines": lines})
    await create(acs, GROUP)
    await acs.peer.callback("CallDisconnected")
    texts = [final["text"] for final in (await acs.peer.socket()).finals]
    assert texts == ["I am 0.", "I am 1.", "I am 2."]


@pytest.mark.parametrize(
    ("does", "number", "user"),
    [
        ("busy", (486, 560486), (486, 8539)),
        ("declines", (603, 560603), (603, 8538)),
        ("noAnswer", (408, 560408), (408, 8541)),
        ("unreachable", (480, 560480), (480, 8544)),
        ("invalid", (404, 560404), (404, 8522)),
    ],
)
async def test_a_call_that_is_not_picked_up_fails(
    acs: Stack, does: str, number: tuple[int, int], user: tuple[int, int]
) -> None:
    await outgoing(acs, phone={"does": does, "after": 0})
    await create(acs, operation_context="mine")
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == ["CreateCallFailed", "CallDisconnected"]
    assert results(acs, "CreateCallFailed") == [number]
    assert acs.peer.posted("CreateCallFailed")[0]["data"]["operationContext"] == "mine"
    await outgoing(acs, phone={"does": does, "after": 0}, disconnectedAfterFailure=False)
    await create(acs, USER)
    await acs.peer.callback("CreateCallFailed", 1)
    assert results(acs, "CreateCallFailed")[1] == user


async def test_a_phone_that_nobody_answers_rings_to_its_end() -> None:
    async with stack(ring_seconds=0.05) as acs:
        await outgoing(acs, phone={"does": "waits"})
        await create(acs)
        await acs.peer.callback("CreateCallFailed")
        assert (await only_call(acs))["targets"] == {f"4:{CALLEE}": "noAnswer"}


async def test_what_one_phone_was_told_counts_most(acs: Stack) -> None:
    result = {"code": 403, "subCode": 560403, "message": "Call forbidden."}
    told = {"does": "declines", "after": 0, "result": result}
    assert (await acs.control("PUT", f"phones/{CALLEE}", told))[0] == 204
    await create(acs)
    await acs.peer.callback("CreateCallFailed")
    assert acs.peer.posted("CreateCallFailed")[0]["data"]["resultInformation"] == result
    [phone] = (await acs.control("GET", "phones"))[1]
    assert (phone["who"], phone["dialled"]) == (f"4:{CALLEE}", 1)


async def test_hanging_up_stops_the_ringing(acs: Stack) -> None:
    await outgoing(acs, phone={"does": "waits"})
    created = await create(acs)
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    assert (await connection.get_call_properties()).call_connection_state == "connecting"
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == ["CallDisconnected"]
    call = await only_call(acs)
    await acs.see(call, lambda shown: shown["targets"] == {f"4:{CALLEE}": "cancelled"})
    status, _ = await acs.control("POST", f"calls/{call['id']}/phone", {"does": "answers"})
    assert status == 409


async def test_the_one_called_may_hang_up_while_it_rings(acs: Stack) -> None:
    await outgoing(acs, phone={"does": "waits"})
    await create(acs)
    call = await only_call(acs)
    assert (await acs.control("POST", f"calls/{call['id']}/hangup"))[0] == 204
    await acs.peer.callback("CreateCallFailed")
    assert results(acs, "CreateCallFailed") == [(603, 560603)]


async def test_the_same_request_dials_once(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    headers = first_sent(**REPEATED)
    await acs.fault(on="createCall", do="loseReply")
    with pytest.raises(ServiceRequestError):
        await create(acs, headers=headers)
    found = await create(acs, headers=headers)
    assert found.call_connection_id == (await only_call(acs))["callConnectionId"]
    [phone] = (await acs.control("GET", "phones"))[1]
    assert phone["dialled"] == 1
    with pytest.raises(HttpResponseError, match="RepeatabilityConflict"):
        await create(acs, headers=headers, operation_context="other")


async def test_event_grid_tells_of_no_number(acs: Stack) -> None:
    await create(acs)
    await acs.peer.callback("CallConnected")
    assert acs.peer.events == []


@pytest.mark.parametrize("raised", [True, False])
async def test_a_user_of_the_resource_rings_by_event_grid_too(acs: Stack, *, raised: bool) -> None:
    who = f"8:acs:{acs.settings.resource_id}_ada"
    await outgoing(acs, incomingForUsers=raised)
    await create(acs, CommunicationUserIdentifier(who))
    await acs.peer.callback("CallConnected")
    assert len(await acs.list_calls()) == 1 + raised
    if raised:
        [(_, event)] = await until(lambda: acs.peer.events)
        assert event["data"]["to"]["rawId"] == who
        assert event["data"]["serverCallId"] == (await acs.list_calls())[0]["serverCallId"]


@pytest.mark.parametrize("reason", [None, "busy"])
async def test_whoever_answers_for_such_a_user_picks_up(acs: Stack, reason: str | None) -> None:
    who = f"8:acs:{acs.settings.resource_id}_ada"
    await outgoing(acs, phone={"does": "waits"}, stay=True)
    await create(acs, CommunicationUserIdentifier(who), transcription=None)
    placed, rung = await acs.list_calls()
    if reason:
        context = await acs.context(rung)
        await acs.sdk.reject_call(context, call_reject_reason=reason, headers=first_sent())
        await acs.peer.callback("CreateCallFailed")
        assert results(acs, "CreateCallFailed") == [(486, 8539)]
    else:
        await acs.answer(rung)
        await acs.peer.callback("CallConnected", 1)
        assert (await acs.show(placed))["targets"] == {who: "answered"}


async def test_the_known_issue_is_about_the_other_end(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    await create(acs, USER)
    failed = await acs.peer.callback("TranscriptionFailed")
    assert failed["data"]["resultInformation"]["subCode"] == 8520


@pytest.mark.parametrize(
    ("target", "options", "field"),
    [
        (TARGET, {"source_caller_id_number": None}, "SourceCallerIdNumber"),
        (TARGET, {"teams_app_source": TEAMS_APP}, "SourceCallerIdNumber"),
        (TARGET, {"source_caller_id_number": PhoneNumberIdentifier("4930")}, "SourceCaller"),
        ([], {}, "Targets"),
        ([TARGET, TARGET], {}, "Targets"),
        (PhoneNumberIdentifier("4930"), {}, "Targets"),
        (UnknownIdentifier("99:somebody"), {}, "Targets"),
    ],
)
async def test_what_cannot_be_called_is_refused(
    acs: Stack, target: Any, options: Json, field: str
) -> None:
    with pytest.raises(HttpResponseError, match=rf"\(8523\) The field {field}") as refused:
        await create(acs, target, **options)
    assert refused.value.status_code == 400
    assert await acs.list_calls() == []


async def test_a_number_of_somebody_else_is_no_caller_id() -> None:
    async with stack(own_numbers=(CALLEE,)) as acs:
        with pytest.raises(HttpResponseError, match="7507") as refused:
            await create(acs)
        assert refused.value.status_code == 403


async def test_creating_fails_as_ordered(acs: Stack) -> None:
    await acs.fault(on="createCall", status=403)
    with pytest.raises(HttpResponseError, match="Forbidden"):
        await create(acs)
    result = {"code": 487, "subCode": 10003, "message": "Declined."}
    await acs.fault(on="CallConnected", result=result)
    await create(acs)
    failed = await acs.peer.callback("CreateCallFailed")
    assert failed["data"]["resultInformation"] == result


async def test_wrong_options_are_refused(acs: Stack) -> None:
    for body in ({"from": CALLER}, {"speed": 0}, {"script": "unknown"}, {"phone": {"does": "x"}}):
        assert (await acs.control("PUT", "outgoing-calls", body))[0] == 400


async def test_all_that_is_said_is_heard_by_a_call_to_one(acs: Stack) -> None:
    await outgoing(acs)
    await create(acs)
    await acs.peer.callback("CallDisconnected")
    assert [final["text"] for final in (await acs.peer.socket()).finals] == TEXTS


async def test_a_number_has_so_many_calls_at_a_time(acs: Stack) -> None:
    await outgoing(acs, stay=True, callsPerNumber=2, phone={"after": 0})
    for target in (*GROUP, USER):
        await create(acs, target, transcription=None)
    await acs.peer.callback("CreateCallFailed")
    await acs.peer.callback("CallConnected", 2)
    assert results(acs, "CreateCallFailed") == [(603, 560603)]
    states = [next(iter(call["targets"].values())) for call in await acs.list_calls()]
    assert states == ["answered", "answered", "declines", "answered"]


async def test_those_who_pick_up_together_share_what_becomes_of_the_first(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"after": 0})
    result = {"code": 500, "subCode": 9999, "message": "Action failed."}
    await acs.fault(on="CallConnected", result=result, delay=0.05)
    await create(acs, GROUP)
    await acs.peer.callback("CreateCallFailed")
    call = await only_call(acs)
    assert (call["state"], set(call["targets"].values())) == ("disconnected", {"answered"})
    assert acs.peer.kinds == ["CreateCallFailed"]
