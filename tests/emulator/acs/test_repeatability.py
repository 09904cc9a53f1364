"""A request that is sent again has no second effect."""

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from .peers import COGNITIVE
from .stacks import Stack, first_sent

REPEATED = "5b1e2a0c-1111-4111-8111-000000000001"


async def repeat(acs: Stack, context: str, callback: str = "") -> Any:
    headers = first_sent(**{"Repeatability-Request-ID": REPEATED})
    return await acs.sdk.answer_call(
        context,
        acs.peer.callback_url + callback,
        cognitive_services_endpoint=COGNITIVE,
        transcription=acs.transcription(),
        headers=headers,
    )


async def test_the_same_id_gets_the_same_answer(acs: Stack) -> None:
    call = await acs.ring(stay=True)
    context = await acs.context(call)
    first = await repeat(acs, context)
    await acs.peer.callback("CallConnected")
    again = await repeat(acs, context)
    assert again.call_connection_id == first.call_connection_id
    assert again.call_connection_state == first.call_connection_state


async def test_at_the_same_time_too(acs: Stack) -> None:
    call = await acs.ring(stay=True)
    context = await acs.context(call)
    answers = await asyncio.gather(*(repeat(acs, context) for _ in range(5)))
    assert len({answer.call_connection_id for answer in answers}) == 1
    assert (await acs.show(call))["requests"] == {"answer": 5}
    await acs.peer.callback("TranscriptionStarted")
    assert acs.peer.kinds == ["CallConnected", "ParticipantsUpdated", "TranscriptionStarted"]


async def test_the_same_id_with_another_body_is_refused(acs: Stack) -> None:
    context = await acs.context(await acs.ring())
    await repeat(acs, context)
    with pytest.raises(HttpResponseError, match="RepeatabilityConflict") as refused:
        await repeat(acs, context, callback="/other")
    assert refused.value.status_code == 400


async def test_a_refusal_is_not_remembered(acs: Stack) -> None:
    context = await acs.context(await acs.ring())
    await acs.fault(on="answer", status=503)
    with pytest.raises(HttpResponseError):
        await repeat(acs, context)
    assert (await repeat(acs, context)).call_connection_id


async def test_an_answer_whose_reply_was_lost_is_found_when_asked_again(acs: Stack) -> None:
    call = await acs.ring(stay=True)
    context = await acs.context(call)
    await acs.fault(on="answer", do="loseReply")
    with pytest.raises(ServiceRequestError, match="disconnected"):
        await repeat(acs, context)
    answered = await repeat(acs, context)
    assert answered.call_connection_id == (await acs.show(call))["callConnectionId"]


async def test_hanging_up_again_succeeds_with_the_same_id(acs: Stack) -> None:
    call = await acs.talk(stay=True)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    for _ in range(2):
        headers = first_sent(**{"Repeatability-Request-ID": REPEATED})
        await connection.hang_up(True, headers=headers)
    await acs.peer.callback("CallDisconnected")
    assert len(acs.peer.posted("CallDisconnected")) == 1


@pytest.mark.parametrize(
    ("request_id", "sent", "status"),
    [
        ("not a GUID", 0, 400),
        (REPEATED, "yesterday", 400),
        (REPEATED, -330, 412),
        (REPEATED, 330, 412),
    ],
)
async def test_wrong_headers_are_refused(
    acs: Stack, request_id: str, sent: int | str, status: int
) -> None:
    """A number says how many seconds from now it claims to have been sent."""
    context = await acs.context(await acs.ring())
    first_sent = sent if isinstance(sent, str) else formatdate(time.time() + sent, usegmt=True)
    headers = {"Repeatability-Request-ID": request_id, "Repeatability-First-Sent": first_sent}
    with pytest.raises(HttpResponseError) as refused:
        await acs.sdk.answer_call(context, acs.peer.callback_url, headers=headers)
    assert refused.value.status_code == status
