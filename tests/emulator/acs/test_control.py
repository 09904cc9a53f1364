"""The control API: people and tests act as the caller."""

from typing import Any

import pytest

from emulator.acs.bodies import Answer
from emulator.acs.call_options import CallRequest

from .peers import CALLEE, CALLER, until
from .stacks import Stack, stack


async def test_a_call_is_shown_from_the_first_ring_on(acs: Stack) -> None:
    call = await acs.ring()
    assert (call["state"], call["callConnectionId"]) == ("ringing", None)
    assert (call["from"], call["to"]) == (f"4:{CALLER}", f"4:{CALLEE}")
    _, calls = await acs.control("GET", "calls")
    assert [one["id"] for one in calls] == [call["id"]]


async def test_a_call_that_nobody_answers_is_missed() -> None:
    async with stack(ring_seconds=0.05) as acs:
        call = await acs.ring()
        await acs.reach(call, "missed")


async def test_an_answered_call_is_never_missed() -> None:
    async with stack(ring_seconds=0.05) as acs:
        options = CallRequest(from_=CALLER, to=CALLEE, stay=True)
        call = acs.emulator.exchange.ring(options)
        # At once, whatever the machine's speed: nothing else runs between these two lines.
        answer = Answer(
            incoming_call_context=call.incoming_call_context, callback_uri=acs.peer.callback_url
        )
        acs.emulator.exchange.answer(answer, "2026-03-12")
        await acs.reach(call.describe(), "connected")
        # Rung later, so that the other one's time is over, too.
        await acs.reach(await acs.ring(), "missed")
        assert (await acs.show(call.describe()))["state"] == "connected"


async def test_a_caller_may_give_up_while_it_rings(acs: Stack) -> None:
    call = await acs.ring()
    assert (await acs.control("POST", f"calls/{call['id']}/hangup"))[0] == 204
    assert (await acs.show(call))["state"] == "missed"
    assert (await acs.control("POST", f"calls/{call['id']}/hangup"))[0] == 409


async def test_a_caller_may_hang_up_in_mid_call(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.control("POST", f"calls/{call['id']}/hangup")
    await acs.peer.callback("CallDisconnected")
    socket = await acs.peer.socket()
    await until(lambda: socket.ws.closed)
    assert socket.ws.close_code == 1000


async def test_nothing_is_said_after_the_end(acs: Stack) -> None:
    lines = [{"speaker": 0, "at": second, "text": "Hello?"} for second in range(3_000)]
    call = await acs.talk(script={"lines": lines}, speed=50)
    await acs.see(call, lambda shown: shown["finals"])
    await acs.control("POST", f"calls/{call['id']}/hangup")
    said = len((await acs.show(call))["finals"])
    await acs.reach(await acs.talk(), "disconnected")
    assert len((await acs.show(call))["finals"]) == said < len(lines)


async def test_a_call_stays_up_when_asked_to(acs: Stack) -> None:
    call = await acs.talk(stay=True, speed=50)
    shown = await acs.see(call, lambda c: len(c["finals"]) == 5)
    assert shown["state"] == "connected"


async def test_both_ends_can_say_something(acs: Stack) -> None:
    people = [{}, {}, {"rawId": "8:acs:third"}]
    call = await acs.talk(script={"participants": people, "lines": []}, stay=True)
    await acs.peer.callback("TranscriptionStarted")
    for speaker, text in ((0, "Hello?"), (1, "Yes?"), ("8:acs:third", "Me, too.")):
        body = {"speaker": speaker, "text": text}
        assert (await acs.control("POST", f"calls/{call['id']}/say", body))[0] == 204
    socket = await acs.peer.socket()
    await until(lambda: len(socket.finals) == 3)
    said = {final["text"]: final["participantRawID"] for final in socket.finals}
    assert said == {
        "Hello?": f"4:{CALLER}",
        "Yes?": f"4:{CALLEE}",
        "Me, too.": "8:acs:third",
    }


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "Hi", "speaker": 2}, {"text": "Hi", "speaker": -1}]
)
async def test_nonsense_is_not_said(acs: Stack, body: Any) -> None:
    call = await acs.talk(stay=True)
    assert (await acs.control("POST", f"calls/{call['id']}/say", body))[0] == 400


@pytest.mark.parametrize("act", ["say", "drop-stream"])
async def test_one_cannot_act_on_a_call_that_rings(acs: Stack, act: str) -> None:
    call = await acs.ring()
    body = {"text": "Hi"} if act == "say" else {}
    assert (await acs.control("POST", f"calls/{call['id']}/{act}", body))[0] == 409


async def test_there_is_no_stream_to_drop_before_there_is_one(acs: Stack) -> None:
    call = await acs.talk({"transcription": None}, stay=True)
    status, answer = await acs.control("POST", f"calls/{call['id']}/drop-stream")
    assert (status, answer["error"]["message"]) == (409, "the call has no open stream")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"from": "me"}, "`from` is a number like +4930123456 or a raw id, not 'me'"),
        ({"to": "4:"}, "`to` is a number"),
        ({"to": 5}, "$.to"),
        ({"speed": 0}, "$.speed"),
        ({"speed": 1e-9}, "$.speed"),
        ({"script": {"lines": [{"speaker": 0, "at": 1e308, "text": "Hi"}]}}, "lines[0].at"),
        ({"speed": "fast"}, "$.speed"),
        ({"deliveries": 0}, "$.deliveries"),
        ({"offsets": "utc"}, "$.offsets"),
        ({"leaveOut": ["text"]}, "$.leaveOut"),
        ({"reconnect": 0}, "$.reconnect"),
        ({"subscription": "same"}, "$.subscription"),
        ({"cutOffsets": "none"}, "$.cutOffsets"),
        ({"stay": "yes"}, "$.stay"),
        ({"script": "unknown"}, "$.script"),
        ({"script": {"lines": [{"speaker": 7, "at": 0, "text": "Hi"}]}}, "$.script"),
        ({"sped": 1}, "sped"),
    ],
)
async def test_an_option_that_is_wrong_is_named(
    acs: Stack, options: dict[str, Any], problem: str
) -> None:
    body = {"from": CALLER, "to": CALLEE} | options
    status, answer = await acs.control("POST", "incoming-calls", body)
    assert (status, answer["error"]["code"]) == (400, "InvalidRequest")
    assert problem in answer["error"]["message"]


async def test_what_is_not_json_is_refused(acs: Stack) -> None:
    async with acs.http.post(f"{acs.url}/emulator/incoming-calls", data=b"{") as response:
        assert response.status == 400


async def test_a_reset_forgets_all_but_the_subscriptions(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.fault(on="answer", status=500)
    socket = await acs.peer.socket()
    assert (await acs.control("POST", "reset"))[0] == 204
    await until(lambda: socket.ws.closed)
    assert await acs.control("GET", "calls") == (200, [])
    assert (await acs.control("GET", f"calls/{call['id']}"))[0] == 404
    assert await acs.control("GET", "faults") == (200, [])
    await acs.talk()
    await acs.peer.callback("CallConnected", 1)


async def test_what_does_not_exist_has_the_one_error_shape(acs: Stack) -> None:
    status, answer = await acs.control("GET", "nothing")
    assert (status, set(answer["error"])) == (404, {"code", "message"})
    status, answer = await acs.control("DELETE", "calls")
    assert (status, set(answer["error"])) == (405, {"code", "message"})


async def test_the_health_check_answers(acs: Stack) -> None:
    async with acs.http.get(f"{acs.url}/api/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
