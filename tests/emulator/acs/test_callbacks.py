"""Mid-call events as the service posts them."""

import re
from itertools import pairwise

import jwt
import pytest
from azure.core.messaging import CloudEvent

from .peers import ACS_USER, CALLEE, CALLER, Json, until
from .stacks import Stack, stack


async def test_a_whole_call_in_its_order(acs: Stack) -> None:
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds == [
        "CallConnected",
        "ParticipantsUpdated",
        "TranscriptionStarted",
        "CallDisconnected",
    ]
    posted = (await acs.see(call, lambda c: all(p["status"] for p in c["callbacks"])))["callbacks"]
    assert [one["type"] for one in posted] == acs.peer.kinds
    assert {one["status"] for one in posted} == {200}


async def test_an_event_has_the_fields_of_a_recorded_one(acs: Stack) -> None:
    call = await acs.talk({"operation_context": "mine"}, stay=True)
    event = await acs.peer.callback("TranscriptionStarted")
    data = event.pop("data")
    subject = f"calling/callConnections/{call['callConnectionId']}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", event.pop("time"))
    assert event.pop("id")
    assert event == {
        "source": subject,
        "type": "Microsoft.Communication.TranscriptionStarted",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": subject,
    }
    assert data == {
        "transcriptionUpdate": {
            "transcriptionStatus": "transcriptionStarted",
            "transcriptionStatusDetails": "subscriptionStarted",
        },
        "version": "2026-03-12",
        "operationContext": "mine",
        "resultInformation": {
            "code": 200,
            "subCode": 0,
            "message": "Action completed successfully.",
        },
        "callConnectionId": call["callConnectionId"],
        "serverCallId": call["serverCallId"],
        "correlationId": call["correlationId"],
        "publicEventType": "Microsoft.Communication.TranscriptionStarted",
    }


async def test_the_sdk_understands_the_events(acs: Stack) -> None:
    await acs.talk()
    await acs.peer.callback("CallDisconnected")
    for _, body in acs.peer.callbacks:
        assert CloudEvent.from_dict(body).type == body["data"]["publicEventType"]
        assert "operationContext" not in body["data"]


async def test_the_participants_are_named(acs: Stack) -> None:
    await acs.talk(to=ACS_USER)
    data = (await acs.peer.callback("ParticipantsUpdated"))["data"]
    raw_ids = [person["identifier"]["rawId"] for person in data["participants"]]
    assert raw_ids == [f"4:{CALLER}", ACS_USER]
    assert data["sequenceNumber"] == 1


async def test_who_only_listens_is_named_too(acs: Stack) -> None:
    script = {"participants": [{}, {}, {"rawId": "4:+14255550188"}], "lines": []}
    await acs.talk(script=script)
    data = (await acs.peer.callback("ParticipantsUpdated"))["data"]
    raw_ids = [person["identifier"]["rawId"] for person in data["participants"]]
    assert raw_ids == [f"4:{CALLER}", f"4:{CALLEE}", "4:+14255550188"]


async def test_each_callback_proves_its_sender_anew(acs: Stack) -> None:
    await acs.talk()
    await acs.peer.callback("CallDisconnected")
    tokens = [headers["Authorization"].removeprefix("Bearer ") for headers, _ in acs.peer.callbacks]
    assert len(set(tokens)) == len(tokens)
    async with acs.http.get(f"{acs.url}/calling/keys") as response:
        keys = jwt.PyJWKSet.from_dict(await response.json())
    for token in tokens:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=acs.settings.resource_id,
            issuer=acs.settings.issuer,
        )
        assert claims["exp"] - claims["iat"] == 300


async def test_a_slow_receiver_does_not_change_the_order(acs: Stack) -> None:
    acs.peer.callback_delay = 0.05
    await acs.talk()
    await acs.peer.callback("CallDisconnected")
    times = [body["time"] for _, body in acs.peer.callbacks]
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize("status", [503, 302])
async def test_a_refused_callback_is_not_repeated(acs: Stack, status: int) -> None:
    acs.peer.callback_statuses = [status]
    call = await acs.talk()
    await acs.peer.callback("CallDisconnected")
    assert acs.peer.kinds.count("CallConnected") == 1
    assert (await acs.show(call))["callbacks"][0]["status"] == status


async def test_unless_the_ring_says_so() -> None:
    async with stack(callback_retry_seconds=(0.01, 0.01)) as acs:
        await acs.subscribe()
        acs.peer.callback_statuses = [503, 500]
        call = await acs.talk(callbackRetries=True)
        await acs.peer.callback("CallDisconnected")
        assert acs.peer.kinds[:4] == [*["CallConnected"] * 3, "ParticipantsUpdated"]
        posted = (await acs.show(call))["callbacks"][0]
        assert (posted["status"], posted["attempts"]) == (200, 3)


async def test_a_receiver_that_is_not_there_is_recorded(acs: Stack) -> None:
    call = await acs.talk({"callback_url": "http://127.0.0.1:1/"}, stay=True)
    shown = await acs.see(call, lambda c: c["callbacks"] and c["callbacks"][0]["error"])
    assert shown["callbacks"][0]["status"] is None


async def test_an_operation_can_have_an_address_of_its_own(acs: Stack) -> None:
    options = acs.transcription(start_transcription=False)
    call = await acs.talk({"transcription": options}, stay=True)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.start_transcription(
        operation_context="start", operation_callback_url=f"{acs.peer.callback_url}/start"
    )
    await acs.peer.callback("TranscriptionStarted")
    await connection.stop_transcription(
        operation_context="stop", operation_callback_url=f"{acs.peer.callback_url}/stop"
    )
    await acs.peer.callback("TranscriptionStopped")
    started, stopped = await until(lambda: acs.peer.callbacks[2:])
    for (headers, body), name in ((started, "start"), (stopped, "stop")):
        assert headers["path"] == f"/callbacks/{name}"
        assert body["data"]["operationContext"] == name


@pytest.mark.parametrize(("caller", "sub_code"), [(CALLER, 560000), (ACS_USER, 18503)])
async def test_a_caller_who_hangs_up_is_told_from_the_app(
    acs: Stack, caller: str, sub_code: int
) -> None:
    options: Json = {"from": caller, "waitForStream": 0}
    await acs.talk(**options)
    ended = await acs.peer.callback("CallDisconnected")
    assert ended["data"]["resultInformation"]["subCode"] == sub_code
