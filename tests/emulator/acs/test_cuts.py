"""A stream that breaks: given up, or taken up again as the ring or the cut says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.acs.clock import now_ticks
from emulator.acs.speech import make_utterance

from .peers import Json, until
from .stacks import Stack


async def cut(acs: Stack, call: Json, **options: Any) -> None:
    """Break the stream of a call on which it is open."""
    await acs.peer.callback("TranscriptionStarted")
    status, answer = await acs.control("POST", f"calls/{call['id']}/drop-stream", options)
    assert status == 204, answer


async def say(acs: Stack, call: Json, text: str) -> Json:
    """Say something, and return the record of it."""
    await acs.control("POST", f"calls/{call['id']}/say", {"speaker": 0, "text": text})
    shown = await acs.see(call, lambda c: any(f["text"] == text for f in c["finals"]))
    return next(final for final in shown["finals"] if final["text"] == text)


async def silent(acs: Stack, **ring: Any) -> Json:
    """Return a call on which nobody talks of himself."""
    return await acs.talk(script={"lines": []}, stay=True, speed=50, **ring)


async def test_the_network_ends_a_stream_without_a_handshake(acs: Stack) -> None:
    call = await silent(acs)
    await cut(acs, call)
    socket = await acs.peer.socket()
    await until(lambda: socket.ws.closed)
    assert socket.ws.close_code == 1006


async def test_by_default_it_is_given_up_and_the_app_may_start_again(acs: Stack) -> None:
    call = await silent(acs)
    await cut(acs, call)
    failed = (await acs.peer.callback("TranscriptionFailed"))["data"]
    assert failed["resultInformation"]["subCode"] == 8578
    details = failed["transcriptionUpdate"]["transcriptionStatusDetails"]
    assert details == "streamConnectionInterrupted"
    assert (await say(acs, call, "Lost"))["connection"] is None
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    await connection.start_transcription()
    await acs.peer.callback("TranscriptionStarted", 1)
    heard = await say(acs, call, "Heard")
    assert (heard["connection"], heard["frame"]) == (2, 1)


async def test_a_close_by_the_app_is_a_cut_too(acs: Stack) -> None:
    await silent(acs)
    socket = await acs.peer.socket()
    await socket.ws.close(code=1001)
    await acs.peer.callback("TranscriptionFailed")


async def test_the_reported_result_can_be_another(acs: Stack) -> None:
    call = await silent(acs)
    result = {"code": 500, "subCode": 8580, "message": "Action failed."}
    await cut(acs, call, result=result)
    failed = await acs.peer.callback("TranscriptionFailed")
    assert failed["data"]["resultInformation"] == result
    await acs.sdk.get_call_connection(call["callConnectionId"]).start_transcription()
    await (await acs.peer.socket(1)).ws.close()
    failed = await acs.peer.callback("TranscriptionFailed", 1)
    assert failed["data"]["resultInformation"]["subCode"] == 8578


async def test_a_stream_taken_up_again_is_no_event(acs: Stack) -> None:
    call = await silent(acs, reconnect=0.02)
    await cut(acs, call)
    assert (await acs.peer.socket(1)).metadata["locale"] == "en-US"
    assert (await say(acs, call, "Heard"))["connection"] == 2
    assert acs.peer.kinds == ["CallConnected", "ParticipantsUpdated", "TranscriptionStarted"]


async def test_speech_during_a_cut_is_lost(acs: Stack) -> None:
    call = await silent(acs, reconnect=60)
    await cut(acs, call)
    assert (await say(acs, call, "Lost"))["connection"] is None


async def test_what_began_before_the_new_stream_is_lost_as_a_whole(acs: Stack) -> None:
    call = await silent(acs, reconnect=0.01)
    await acs.peer.callback("TranscriptionStarted")
    began = make_utterance(call["from"], "This takes about a second.", now_ticks(), 1)
    await cut(acs, call)
    await acs.peer.socket(1)
    exchange = acs.emulator.exchange
    await exchange.connection_of(exchange.calls[call["id"]]).transcription.speak(began, None)
    [final] = (await acs.show(call))["finals"]
    assert final["connection"] is None


async def test_a_refused_reconnect_is_tried_again(acs: Stack) -> None:
    call = await silent(acs)
    await acs.peer.socket()
    acs.peer.upgrade_statuses = [503, 503]
    await cut(acs, call, reconnect=0.01)
    await acs.peer.socket(1)
    assert acs.peer.upgrade_statuses == []


@pytest.mark.parametrize(("subscription", "ids"), [("kept", 1), ("new", 2)])
async def test_the_subscription_is_kept_or_new(acs: Stack, subscription: str, ids: int) -> None:
    call = await silent(acs, reconnect=0.01, subscription=subscription)
    await cut(acs, call)
    before, after = await acs.peer.socket(0), await acs.peer.socket(1)
    assert len({one.metadata["subscriptionId"] for one in (before, after)}) == ids


@pytest.mark.parametrize("offsets", ["restart", "continue"])
async def test_offsets_restart_or_continue(acs: Stack, offsets: str) -> None:
    call = await silent(acs, reconnect=0.01, cutOffsets=offsets)
    await acs.peer.callback("TranscriptionStarted")
    before = datetime.now(UTC)
    await cut(acs, call)
    await acs.peer.socket(1)
    heard = await say(acs, call, "Heard")
    await until(lambda: acs.peer.sockets[1].finals)
    [final] = acs.peer.sockets[1].finals
    began = datetime.fromisoformat(heard["at"]) - timedelta(microseconds=final["offset"] / 10)
    assert (began > before) == (offsets == "restart")


@pytest.mark.parametrize("replay", [True, False])
async def test_the_last_final_may_be_said_again(acs: Stack, *, replay: bool) -> None:
    call = await silent(acs, reconnect=0.01, replay=replay)
    await acs.peer.callback("TranscriptionStarted")
    await say(acs, call, "First")
    await say(acs, call, "Second")
    await cut(acs, call)
    await acs.peer.socket(1)
    await say(acs, call, "Third")
    before, after = acs.peer.sockets
    await until(lambda: len(after.frames) == 2 + replay)
    assert (after.frames[1] == before.frames[2]) == replay
    first, second, third = (await acs.show(call))["finals"]
    assert second["replays"] == ([{"connection": 2, "frame": 1}] if replay else [])
    assert (first["replays"], third["replays"]) == ([], [])


async def test_a_cut_has_options_of_its_own_for_this_once(acs: Stack) -> None:
    call = await silent(acs)
    await cut(acs, call, reconnect=0.01, subscription="kept")
    first, second = await acs.peer.socket(0), await acs.peer.socket(1)
    assert first.metadata["subscriptionId"] == second.metadata["subscriptionId"]
    await second.ws.close()
    await acs.peer.callback("TranscriptionFailed")


async def test_a_call_that_ends_meanwhile_is_not_dialled_for_again(acs: Stack) -> None:
    ended, other = await silent(acs, reconnect=0.01), await silent(acs, reconnect=0.01)
    await acs.peer.callback("TranscriptionStarted", 1)
    acs.peer.upgrade_statuses = [503] * 10_000

    def dials(call: Json) -> int:
        return acs.peer.upgrades.count(call["callConnectionId"])

    for call in (ended, other):
        await cut(acs, call)
        await until(lambda: dials(call) > 2)  # noqa: B023 - called before the next round
    await acs.control("POST", f"calls/{ended['id']}/hangup")
    await acs.peer.callback("CallDisconnected")
    last, later = dials(ended), dials(other) + 10
    await until(lambda: dials(other) > later)
    assert dials(ended) <= last + 1, "one may have been under way"
