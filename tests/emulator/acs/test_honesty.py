"""Who speaks: only those who are on the call, each from when they have come until they go."""

from typing import Any

import pytest
from azure.communication.callautomation import PhoneNumberIdentifier

from .calling import AGENT, QUICK, add, converse, create, join, outgoing, rosters
from .peers import ACS_USER, CALLEE, CALLER, Json, until
from .stacks import Stack, first_sent

CALLING = f"4:{CALLER}"
ADDED = f"4:{AGENT}"


async def talk(acs: Stack, script: Any, **ring: Any) -> tuple[Json, Any]:
    """Ring a number at which nobody is but the app, and answer; return call and connection."""
    options = {"script": script, "answeredBy": "app", "speed": 20, "phone": {"after": 0}} | ring
    call = await acs.talk(**options)
    await acs.peer.callback("TranscriptionStarted")
    return call, acs.sdk.get_call_connection(call["callConnectionId"])


def line(speaker: int, at: float, text: str) -> Json:
    return {"speaker": speaker, "at": at, "text": text}


async def said(acs: Stack, call: Json) -> list[tuple[str, str]]:
    """Wait until the call is over, and return who said what."""
    shown = await acs.reach(call, "disconnected")
    return [(final["speaker"], final["text"]) for final in shown["finals"]]


HELLO = [line(0, 0.1, "Hello?"), line(1, 2, "Good morning."), line(0, 4, "I have a question.")]


async def test_unless_it_is_said_nobody_speaks_for_the_number_called(acs: Stack) -> None:
    body = QUICK | {"from": CALLER, "to": CALLEE, "script": {"lines": HELLO}, "patience": 1}
    _, call = await acs.control("POST", "incoming-calls", body)
    await acs.answer(call)
    assert await said(acs, call) == [(CALLING, "Hello?")]
    assert rosters(acs) == [[CALLING]]


async def test_who_is_added_takes_the_place_of_the_one_who_is_missing(acs: Stack) -> None:
    call, connection = await talk(acs, {"lines": HELLO})
    await acs.see(call, lambda shown: shown["finals"])
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    assert await said(acs, call) == [
        (CALLING, "Hello?"),
        (ADDED, "Good morning."),
        (CALLING, "I have a question."),
    ]
    assert rosters(acs) == [[CALLING], [CALLING, ADDED]]


async def test_people_wait_for_each_other(acs: Stack) -> None:
    """What follows keeps its distances, however late somebody is added."""
    lines = [line(1, 5, "Good morning."), line(0, 9, "Hello.")]
    call, connection = await talk(acs, {"lines": lines}, patience=1e4)
    body = {"speaker": 0, "text": "Is anybody there?"}
    await acs.control("POST", f"calls/{call['id']}/say", body)
    await acs.see(call, lambda shown: shown["finals"])
    await add(connection)
    texts = [text for _, text in await said(acs, call)]
    assert texts == [body["text"], "Good morning.", "Hello."]
    moments = [final["offset"] for final in (await acs.peer.socket()).finals[1:]]
    assert moments[1] - moments[0] == 4 * 10_000_000 // 20


@pytest.mark.parametrize("named", [True, False])
async def test_each_has_their_part_by_name_or_by_order(acs: Stack, *, named: bool) -> None:
    first, second = "+498998701", "+498998702"
    people: list[Json] = [{}, {"added": True}, {"added": True}]
    if named:
        people[1]["rawId"], people[2]["rawId"] = f"4:{second}", f"4:{first}"
    lines = [line(1, 1, "I am one."), line(2, 2, "I am two.")]
    call, connection = await talk(acs, {"participants": people, "lines": lines}, patience=1e4)
    for number in (first, second):
        await add(connection, number)
        await acs.peer.callback("ParticipantsUpdated", 1 + (number == second))
    one, two = (second, first) if named else (first, second)
    assert await said(acs, call) == [(f"4:{one}", "I am one."), (f"4:{two}", "I am two.")]


async def test_who_comes_by_themselves_says_so_in_the_dialogue(acs: Stack) -> None:
    lines = [
        line(2, 0.5, "Nobody hears me."),
        {"speaker": 2, "at": 3, "does": "joins"},
        line(2, 4, "Sorry, I am late."),
        {"speaker": 2, "at": 8, "does": "leaves"},
        line(2, 9, "Nor now."),
        line(0, 12, "Goodbye."),
    ]
    people = [{}, {}, {"rawId": ACS_USER}]
    call, _ = await talk(acs, {"participants": people, "lines": lines})
    assert await said(acs, call) == [(ACS_USER, "Sorry, I am late."), (CALLING, "Goodbye.")]
    assert rosters(acs) == [[CALLING], [CALLING, ACS_USER], [CALLING]]


async def test_who_leaves_twice_leaves_once(acs: Stack) -> None:
    leaves = [{"speaker": 1, "at": at, "does": "leaves"} for at in (1, 2)]
    conversation = await converse(acs, script={"lines": leaves}, stay=True)
    await join(acs, room_id=conversation["roomId"])
    await acs.peer.callback("ParticipantsUpdated", 1)
    assert [len(people) for people in rosters(acs)] == [2, 1]


async def test_the_last_one_who_leaves_ends_the_call(acs: Stack) -> None:
    script = {"lines": [{"speaker": 0, "at": 1, "does": "leaves"}]}
    call, _ = await talk(acs, script, stay=True)
    await acs.peer.callback("CallDisconnected")
    assert (await acs.show(call))["state"] == "disconnected"


async def test_a_voicemail_plays_nobodys_part(acs: Stack) -> None:
    call, connection = await talk(acs, {"lines": HELLO}, patience=1e4)
    await acs.control("PUT", f"phones/{AGENT}", {"does": "voicemail", "after": 0})
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    await acs.see(call, lambda shown: shown["finals"])
    await acs.control("POST", f"calls/{call['id']}/hangup")
    assert await said(acs, call) == [(CALLING, "Hello?")]


async def test_a_second_agent_plays_the_part_of_the_first_who_declined(acs: Stack) -> None:
    call, connection = await talk(acs, {"lines": HELLO}, patience=1e4)
    await acs.control("PUT", f"phones/{AGENT}", {"does": "declines", "after": 0})
    await add(connection)
    await acs.peer.callback("AddParticipantFailed")
    await add(connection, "+498998701")
    assert ("4:+498998701", "Good morning.") in await said(acs, call)


async def test_a_part_says_how_the_phone_of_whoever_plays_it_behaves(acs: Stack) -> None:
    people = [{}, {"phone": {"does": "busy", "after": 0}}]
    call, connection = await talk(acs, {"participants": people, "lines": HELLO}, stay=True)
    await add(connection)
    await acs.peer.callback("AddParticipantFailed")
    assert (await acs.show(call))["targets"] == {ADDED: "busy"}


@pytest.mark.parametrize("speaker", [1, AGENT])
async def test_whoever_is_not_there_says_nothing(acs: Stack, speaker: Any) -> None:
    call, connection = await talk(acs, {"lines": []}, stay=True)
    body = {"speaker": speaker, "text": "Hello?"}
    path = f"calls/{call['id']}/say"
    assert (await acs.control("POST", path, body))[0] == 409
    await add(connection)
    await acs.peer.callback("AddParticipantSucceeded")
    assert (await acs.control("POST", path, body))[0] == 204
    await until(lambda: acs.peer.sockets[0].finals)
    agent = PhoneNumberIdentifier(AGENT)
    await connection.remove_participant(agent, headers=first_sent())
    await acs.peer.callback("RemoveParticipantSucceeded")
    assert (await acs.control("POST", path, body))[0] == 409


async def test_nobody_speaks_for_the_number_that_the_app_calls_from(acs: Stack) -> None:
    lines = [line(1, 0.1, "Yes?"), line(0, 1, "This is Ada."), line(1, 3, "Ada who?")]
    await outgoing(acs, script={"lines": lines}, calledBy="app", phone={"after": 0}, patience=1e4)
    created = await create(acs)
    await acs.peer.callback("TranscriptionStarted")
    await add(acs.sdk.get_call_connection(created.call_connection_id or ""))
    [call] = await acs.list_calls()
    found = [(f"4:{CALLEE}", "Yes?"), (ADDED, "This is Ada."), (f"4:{CALLEE}", "Ada who?")]
    assert await said(acs, call) == found
    assert rosters(acs) == [[f"4:{CALLEE}"], [f"4:{CALLEE}", ADDED]]


async def test_of_a_group_that_is_called_nobody_is_waited_for(acs: Stack) -> None:
    numbers = [CALLEE, "+498998766"]
    people = [{}, {}, {"rawId": f"4:{numbers[1]}", "phone": {"does": "busy", "after": 0}}]
    lines = [line(2, 1, "I am busy."), line(1, 2, "I am here.")]
    script = {"participants": people, "lines": lines}
    await outgoing(acs, script=script, calledBy="app", phone={"after": 0}, patience=1e4)
    await create(acs, [PhoneNumberIdentifier(number) for number in numbers])
    await acs.peer.callback("CallConnected")
    [call] = await acs.list_calls()
    assert await said(acs, call) == [(f"4:{CALLEE}", "I am here.")]


async def test_a_caller_who_is_not_asked_hangs_up(acs: Stack) -> None:
    script = {"lines": [{"speaker": 0, "at": 0, "keys": "1", "asked": True}]}
    call, _ = await talk(acs, script, patience=10)
    assert await said(acs, call) == []


async def test_one_who_is_asked_stays_until_the_last_key(acs: Stack) -> None:
    script = {"lines": [{"speaker": 0, "at": 20, "keys": "12", "asked": True}]}
    call, connection = await talk(acs, script, speed=10, patience=1e4)
    await connection.start_recognizing_media(
        "dtmf",
        PhoneNumberIdentifier(CALLER),
        dtmf_max_tones_to_collect=2,
        dtmf_inter_tone_timeout=60,
        initial_silence_timeout=300,
    )
    await acs.peer.callback("RecognizeCompleted")
    await acs.reach(call, "disconnected")
