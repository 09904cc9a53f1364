"""What can be ordered to go wrong."""

import asyncio
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from .calling import converse, create, join, results
from .peers import CALLEE
from .stacks import Stack, client

UNAUTHORIZED = {"code": 401, "subCode": 8565, "message": "Action failed."}


async def test_an_operation_fails_with_a_status_so_often(acs: Stack) -> None:
    call = await acs.ring()
    await acs.fault(on="answer", status=429, times=2)
    for _ in range(2):
        with pytest.raises(HttpResponseError, match="TooManyRequests") as refused:
            await acs.answer(call)
        assert refused.value.status_code == 429
    await acs.answer(call)


async def test_a_status_can_say_when_to_come_again(acs: Stack) -> None:
    call = await acs.ring()
    await acs.fault(on="answer", status=503, retryAfter=0)
    async with client(acs.url, acs.settings, retry_total=1) as acs.sdk:
        await acs.answer(call)


async def test_an_operation_fails_with_a_result(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.fault(
        on="getCall", result={"code": 404, "subCode": 8522, "message": "Gone."}, times=None
    )
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    for _ in range(3):
        with pytest.raises(ResourceNotFoundError, match="8522"):
            await connection.get_call_properties()
    assert (await acs.control("GET", "faults"))[1][0]["left"] is None
    await acs.control("DELETE", "faults")
    await connection.get_call_properties()


async def test_an_operation_is_done_and_answered_as_if_it_were_not(acs: Stack) -> None:
    call = await acs.ring()
    await acs.fault(on="answer", result={"code": 500, "subCode": 9999, "message": "?"}, done=True)
    with pytest.raises(HttpResponseError, match="9999"):
        await acs.answer(call)
    await acs.peer.callback("CallConnected")


async def test_a_fault_can_be_of_whoever_is_called(acs: Stack) -> None:
    await acs.fault(on="createCall", status=503, call="4:+14255550199")
    await create(acs)
    await acs.fault(on="createCall", status=503, call="4:" + CALLEE)
    with pytest.raises(HttpResponseError, match="ServiceUnavailable"):
        await create(acs)


async def test_a_fault_can_be_of_a_call_that_is_to_be_joined(acs: Stack) -> None:
    conversation = await converse(acs)
    gone = {"code": 404, "subCode": 8522, "message": "Gone."}
    await acs.fault(on="CallConnected", result=gone, call=conversation["roomId"])
    await join(acs, room_id=conversation["roomId"])
    await acs.peer.callback("ConnectFailed")
    assert results(acs, "ConnectFailed") == [(404, 8522)]


async def test_the_faults_of_one_call_are_deleted(acs: Stack) -> None:
    await acs.fault(on="getCall", status=503, times=None, call="one")
    await acs.fault(on="getCall", status=503, times=None, call="another")
    await acs.control("DELETE", "faults?call=one")
    assert [each["call"] for each in (await acs.control("GET", "faults"))[1]] == ["another"]


async def test_a_failure_is_told_though_nothing_failed(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.peer.callback("TranscriptionStarted")
    told = {"code": 500, "subCode": 8626, "message": "No summary."}
    assert (await acs.control("POST", f"calls/{call['id']}/tell", {"result": told}))[0] == 204
    failed = await acs.peer.callback("TranscriptionFailed")
    assert failed["data"]["resultInformation"] == told
    assert not (await acs.peer.socket()).ws.closed


async def test_a_failure_of_nothing_is_not_told(acs: Stack) -> None:
    call = await acs.ring()
    connection = await acs.answer(call, transcription=None)
    await acs.peer.callback("CallConnected")
    told = {"result": {"code": 500, "subCode": 8626}}
    assert (await acs.control("POST", f"calls/{call['id']}/tell", told))[0] == 409
    assert connection.call_connection_id


@pytest.mark.parametrize(
    ("on", "failure"),
    [("CallConnected", "AnswerFailed"), ("TranscriptionStarted", "TranscriptionFailed")],
)
async def test_an_attempt_fails_with_a_result(acs: Stack, on: str, failure: str) -> None:
    await acs.fault(on=on, result=UNAUTHORIZED)
    await acs.talk(stay=True)
    failed = await acs.peer.callback(failure)
    assert failed["data"]["resultInformation"] == UNAUTHORIZED
    assert on not in acs.peer.kinds
    assert not acs.peer.sockets


async def test_a_failed_start_names_its_reason(acs: Stack) -> None:
    await acs.fault(on="TranscriptionStarted", result=UNAUTHORIZED)
    await acs.talk(stay=True)
    update = (await acs.peer.callback("TranscriptionFailed"))["data"]["transcriptionUpdate"]
    assert update["transcriptionStatusDetails"] == "authenticationFailure"


async def test_a_failed_stop_leaves_the_stream_open(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    await acs.peer.callback("TranscriptionStarted")
    await acs.fault(on="TranscriptionStopped", result=UNAUTHORIZED)
    await acs.sdk.get_call_connection(call["callConnectionId"]).stop_transcription()
    await acs.peer.callback("TranscriptionFailed")
    assert not (await acs.peer.socket()).ws.closed


async def test_a_callback_is_lost(acs: Stack) -> None:
    await acs.fault(on="CallConnected", do="drop")
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    assert "CallConnected" not in acs.peer.kinds
    assert (await acs.show(call))["callbacks"][0]["status"] is None


async def test_a_callback_comes_twice(acs: Stack) -> None:
    await acs.fault(on="callback", do="twice")
    await acs.talk()
    first = await acs.peer.callback("CallConnected")
    second = await acs.peer.callback("CallConnected", 1)
    assert first == second


async def test_a_callback_comes_twice_at_the_same_moment(acs: Stack) -> None:
    acs.peer.answering.clear()
    await acs.fault(on="CallConnected", do="together")
    call = await acs.talk(stay=True)
    first = await acs.peer.callback("CallConnected")
    second = await acs.peer.callback("CallConnected", 1)
    assert first == second
    # The second has come before the first was replied to.
    assert [posted["status"] for posted in (await acs.show(call))["callbacks"][:2]] == [None, None]
    assert acs.peer.kinds == ["CallConnected", "CallConnected"]
    acs.peer.answering.set()


async def test_a_late_callback_is_overtaken(acs: Stack) -> None:
    await acs.fault(on="CallConnected", delay=600)
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    assert "CallConnected" not in acs.peer.kinds
    assert (await acs.show(call))["callbacks"][0]["attempts"] == 0


async def test_a_late_callback_comes_after_its_delay(acs: Stack) -> None:
    await acs.fault(on="CallConnected", delay=0.01)
    await acs.talk(stay=True)
    await acs.peer.callback("CallConnected")


async def test_a_callback_comes_before_the_answer(acs: Stack) -> None:
    await acs.fault(on="answer", do="lateReply", delay=600)
    answering = asyncio.create_task(acs.answer(await acs.ring(stay=True)))
    await acs.peer.callback("CallConnected")
    assert not answering.done()
    answering.cancel()


async def test_a_late_answer_comes_after_its_delay(acs: Stack) -> None:
    await acs.fault(on="answer", do="lateReply", delay=0.01)
    assert (await acs.answer(await acs.ring(stay=True))).call_connection_id


async def test_a_fault_can_be_for_one_call(acs: Stack) -> None:
    spared, struck = await acs.ring(), await acs.ring()
    await acs.fault(on="answer", status=500, call=struck["id"])
    await acs.answer(spared)
    with pytest.raises(HttpResponseError):
        await acs.answer(struck)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"on": "anser", "status": 500}, "`on` must be one of"),
        ({"on": "answer"}, "needs `status`, `result`, `state`, `do` or `delay`"),
        ({"on": "answer", "status": 200}, "$.status"),
        ({"on": "answer", "status": 500, "times": 0}, "$.times"),
        ({"on": "answer", "status": 500, "often": 1}, "often"),
        ({"on": "answer", "do": "drop"}, "`do`"),
        ({"on": "callback", "do": "loseReply"}, "`do`"),
        ({"on": "answer", "do": "lateReply"}, "`delay`"),
        (
            {"on": "answer", "status": 500, "do": "loseReply"},
            "one of `status`, `result`, `state` and",
        ),
        ({"on": "answer", "state": "disconnected"}, "`state` goes with getCall"),
        ({"on": "answer", "do": "freeze"}, "`seconds`"),
        ({"on": "request", "do": "swallow", "times": 2}, "`seconds`"),
        ({"on": "callback", "do": "freeze", "delay": 1, "seconds": 1}, "`delay`"),
        ({"on": "callback", "do": "cut"}, "`do` of an event"),
        ({"on": "dial", "do": "drop"}, "a dial takes `result`"),
        ({"on": "frame", "delay": 1}, "a frame takes `do`"),
        ({"on": "frame", "do": "loseReply"}, "a frame takes `do`"),
        ({"on": "frame", "do": "cut", "delay": 1}, "do not go with a frame"),
        ({"on": "answer", "status": 500, "seconds": 0}, "$.seconds"),
        ({"on": "answer", "delay": 1, "retryAfter": 1}, "`retryAfter` goes with"),
        ({"on": "answer", "result": {"code": 200, "subCode": 0}}, "`result.code`"),
        ({"on": "answer", "result": {"code": 5, "subCode": 0}}, "`result.code`"),
        ({"on": "callback", "status": 500}, "`status` and `retryAfter` go with an operation"),
        ({"on": "callback", "do": "twice", "retryAfter": 1}, "`retryAfter`"),
        ({"on": "callback", "do": "drop", "delay": 1}, "`delay`"),
        ({"on": "CallDisconnected", "result": UNAUTHORIZED}, "`result` goes with"),
        ({"on": "answer", "delay": 1, "done": True}, "`done` goes with"),
        ({"on": "TranscriptionStarted", "result": UNAUTHORIZED, "done": True}, "`done` goes with"),
        ({"on": "answer", "result": {"code": 1}}, "subCode"),
    ],
)
async def test_a_fault_that_cannot_happen_is_refused(
    acs: Stack, fault: dict[str, Any], problem: str
) -> None:
    status, answer = await acs.control("POST", "faults", fault)
    assert status == 400
    assert problem in answer["error"]["message"]
    assert await acs.control("GET", "faults") == (200, [])
