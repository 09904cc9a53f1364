"""Call Automation as Microsoft's JavaScript client uses it, from another process."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from azure.communication.callautomation import PhoneNumberIdentifier

from emulator.npm import node
from tests.emulator.clients.packages import CLIENTS

from .calling import AGENT, add, answered, converse, file, outgoing
from .peers import ACS_USER, CALLEE, CALLER, Json
from .stacks import Stack, first_sent, stack

MODEL = "0000a000-9999-5555-ae00-cd00e0bc0001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found() -> AsyncIterator[tuple[Json, Stack]]:
    """Yield what the client got, and the emulator that it asked."""
    await asyncio.to_thread(CLIENTS.install)
    async with stack() as acs:
        await acs.subscribe()
        # A call made in Python, for events and frames to read in JavaScript.
        said = await acs.reach(await acs.talk(), "disconnected")
        await acs.peer.callback("CallDisconnected")
        assert said["finals"]
        await _act(acs)
        await outgoing(acs, stay=True, phone={"after": 0})
        told = await _told(acs)
        yield await _run(told) | {"kinds": told["kinds"]}, acs


async def _act(acs: Stack) -> None:
    """Have events of people, prompts and keys posted, to be read in JavaScript."""
    keys = [{"speaker": 0, "at": 0, "keys": "1", "asked": True}]
    _, connection = await answered(acs, script={"lines": keys})
    caller = PhoneNumberIdentifier(CALLER)
    await connection.start_continuous_dtmf_recognition(caller)
    await connection.play_media(file())
    await connection.start_recognizing_media("dtmf", caller, dtmf_max_tones_to_collect=1)
    await add(connection)
    for kind in ("AddParticipantSucceeded", "PlayCompleted", "RecognizeCompleted"):
        await acs.peer.callback(kind)
    await connection.remove_participant(PhoneNumberIdentifier(AGENT), headers=first_sent())
    await acs.peer.callback("RemoveParticipantSucceeded")
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    await acs.peer.callback("CallDisconnected", 1)


async def _told(acs: Stack) -> Json:
    conversation = await converse(acs, stay=True)
    rung = [await acs.context(await acs.ring(stay=True)) for _ in range(2)]
    ids = {"serverCall": "serverCallId", "groupCall": "groupCallId", "roomCall": "roomId"}
    return {
        "endpoint": acs.url,
        "key": acs.settings.access_key,
        "caller": CALLER,
        "callee": CALLEE,
        "user": ACS_USER,
        "agent": AGENT,
        "callbackUrl": acs.peer.callback_url,
        "streamUrl": acs.peer.stream_url,
        "model": MODEL,
        "locators": [
            {"kind": f"{kind}Locator", "id": conversation[name]} for kind, name in ids.items()
        ],
        "contexts": rung,
        "events": [event for _, event in acs.peer.callbacks],
        "kinds": acs.peer.kinds,
        "frames": (await acs.peer.socket()).frames,
    }


async def _run(told: Json) -> Json:
    pipe = asyncio.subprocess.PIPE
    script = CLIENTS.folder / "calls.mjs"
    process = await asyncio.create_subprocess_exec(
        str(node()), str(script), json.dumps(told), stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(120):
            printed, problems = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, problems.decode()
    result: Json = json.loads(printed)
    return result


@pytest.mark.asyncio(loop_scope="module")
class TestWhatItGets:
    async def test_a_call_is_placed(self, found: tuple[Json, Stack]) -> None:
        placed = found[0]["placed"]
        assert placed["callConnectionState"] == "connecting"
        assert placed["targetParticipants"][0]["phoneNumber"] == CALLEE
        assert placed["sourceCallerIdNumber"]["phoneNumber"] == CALLER
        assert placed["sourceDisplayName"] == "Ada"
        assert placed["transcriptionSubscription"]["locale"] == "en-US"

    async def test_those_on_it_are_listed_and_found(self, found: tuple[Json, Stack]) -> None:
        listed = [person["identifier"]["phoneNumber"] for person in found[0]["listed"]]
        assert listed == [CALLER, CALLEE]
        assert found[0]["one"]["identifier"]["phoneNumber"] == CALLEE
        assert found[0]["one"]["isMuted"] is False

    async def test_transcription_starts_changes_and_stops(self, found: tuple[Json, Stack]) -> None:
        _, acs = found
        kinds = {"TranscriptionStarted", "TranscriptionUpdated", "TranscriptionStopped"}
        assert kinds <= set(acs.peer.kinds)
        metadata = acs.peer.sockets[1].metadata
        assert metadata["speechRecognitionModelEndpointId"] == MODEL

    async def test_calls_are_joined_by_all_locators(self, found: tuple[Json, Stack]) -> None:
        assert len(set(found[0]["joined"])) == 1
        assert len(found[0]["joined"]) == 3

    async def test_calls_are_rejected_and_answered(self, found: tuple[Json, Stack]) -> None:
        assert found[0]["answered"]["phoneNumber"] == CALLEE
        states = [call["state"] for call in await found[1].list_calls()]
        assert "rejected" in states

    async def test_people_are_added_removed_and_transferred(
        self, found: tuple[Json, Stack]
    ) -> None:
        got, acs = found
        assert got["added"]["participant"]["identifier"]["phoneNumber"] == AGENT
        assert got["added"]["operationContext"] == "added"
        assert got["cancelled"]["invitationId"] == got["added"]["invitationId"]
        assert got["removed"]["operationContext"] == "removed"
        assert got["transferred"]["operationContext"] == "on"
        kinds = {
            "AddParticipantSucceeded",
            "CancelAddParticipantFailed",
            "RemoveParticipantSucceeded",
            "CallTransferAccepted",
        }
        assert kinds <= set(acs.peer.kinds)

    async def test_prompts_are_played_and_cancelled(self, found: tuple[Json, Stack]) -> None:
        got, acs = found
        assert got["incompatible"] == [412, "8583"]
        call = [call for call in await acs.list_calls() if call["media"]][-1]
        operations = [record["operation"] for record in call["media"]]
        assert operations == ["play", "play", "play", "recognize"]
        kinds = {"PlayStarted", "PlayCanceled", "ContinuousDtmfRecognitionStopped"}
        assert kinds <= set(acs.peer.kinds)

    async def test_refusals_have_their_codes(self, found: tuple[Json, Stack]) -> None:
        got = found[0]
        assert got["gone"] == [404, "8522"]
        assert got["withoutNumber"] == [400, "8523"]
        assert got["again"] == [400, "8501"]
        assert got["redirected"] == [501, "NotEmulated"]

    async def test_events_and_frames_are_read(self, found: tuple[Json, Stack]) -> None:
        kinds = found[0]["kinds"]
        assert found[0]["events"] == kinds
        ours = {"AddParticipantSucceeded", "PlayCompleted", "RecognizeCompleted"}
        keys = {"ContinuousDtmfRecognitionToneReceived", "ContinuousDtmfRecognitionStopped"}
        assert ours | keys | {"TranscriptionStarted", "RemoveParticipantSucceeded"} <= set(kinds)
        assert found[0]["frames"][0] == "metadata"
        assert set(found[0]["frames"][1:]) == {"Final"}
