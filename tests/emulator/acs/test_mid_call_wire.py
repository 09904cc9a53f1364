"""The events about people and prompts have the fields of the SDK's models and of the samples."""

import asyncio
from typing import Any

import pytest
from azure.communication.callautomation import CallAutomationClient, PhoneNumberIdentifier
from azure.communication.callautomation._generated import models
from azure.core.credentials import AzureKeyCredential

from tests.wire_samples import names

from .calling import AGENT, OWN, add, answered, create, file, outgoing, text
from .peers import CALLER, Json
from .shapes import differences, documented
from .stacks import Stack, first_sent

CALLING = PhoneNumberIdentifier(CALLER)
OTHER = PhoneNumberIdentifier("+498998799")
# What every event has besides its own.
ENVELOPE = {"version", "publicEventType"}
# The samples have been recorded without them, and only some with what telephony said.
NOT_IN_SAMPLES = {"failedPlaySourceIndex", "operationContext"}
NOT_ALWAYS = {"operationContext", "sipDetails", "q850Details"}


def assert_known(event: Json) -> None:
    """Compare an event with the SDK's model of it, and with the samples of its type."""
    name = event["type"].rpartition(".")[2]
    fields = {each["key"] for each in getattr(models, name)._attribute_map.values()}  # noqa: SLF001
    found = set(event["data"]) - ENVELOPE
    assert found <= fields, name
    assert fields - NOT_IN_SAMPLES - {"choiceResult", "speechResult"} <= found
    samples = [body[0] for body in documented("callbacks", *names("callbacks"))]
    alike = [each for each in samples if each["type"] == event["type"]]
    if alike and name != "ParticipantsUpdated":
        data = {key: each for key, each in event["data"].items() if key not in NOT_IN_SAMPLES}
        assert list(differences(event | {"data": data}, alike, NOT_ALWAYS)) == []


@pytest.mark.parametrize("context", [None, "mine"])
async def test_the_events_of_people(acs: Stack, context: str | None) -> None:
    _, connection = await answered(acs)
    options: Json = {"operation_context": context, "headers": first_sent()}
    added = await add(connection, **options)
    await acs.peer.callback("AddParticipantSucceeded")
    await connection.cancel_add_participant_operation(added.invitation_id, **options)
    await connection.remove_participant(PhoneNumberIdentifier(AGENT), **options)
    await connection.remove_participant(OTHER, **options)
    await acs.control("PUT", f"phones/{AGENT}", {"does": "waits"})
    added = await add(connection, **options)
    await connection.cancel_add_participant_operation(added.invitation_id, **options)
    await acs.control("PUT", f"phones/{AGENT}", {"does": "busy"})
    await acs.peer.callback("CancelAddParticipantSucceeded")
    await add(connection, **options)
    await acs.peer.callback("AddParticipantFailed")
    await connection.transfer_call_to_participant(PhoneNumberIdentifier(AGENT), **options)
    await acs.peer.callback("CallTransferFailed")
    await connection.transfer_call_to_participant(OTHER, **options)
    await acs.peer.callback("CallDisconnected")
    assert len(set(acs.peer.kinds)) == 11
    for _, event in acs.peer.callbacks:
        assert_known(event)
        given = event["data"].get("operationContext")
        assert given == (None if event["type"].endswith(("Updated", "nnected")) else context)


@pytest.mark.parametrize("context", [None, "mine"])
async def test_the_events_of_prompts(acs: Stack, context: str | None) -> None:
    _, connection = await answered(acs, {"cognitive_services_endpoint": None}, speed=10)
    for source in (file(), text()):
        await connection.play_media(source, operation_context=context)
    for prompt in (file(), text()):
        await connection.start_recognizing_media(
            "dtmf",
            CALLING,
            play_prompt=prompt,
            initial_silence_timeout=1,
            operation_context=context,
        )
    await acs.peer.callback("RecognizeFailed", 1)
    await connection.play_media(file(3600), operation_context=context)
    await connection.start_recognizing_media("dtmf", CALLING, operation_context=context)
    await acs.peer.callback("PlayStarted", 1)
    await connection.cancel_all_media_operations()
    absent: Any = OTHER
    await connection.start_continuous_dtmf_recognition(absent, operation_context=context)
    await connection.stop_continuous_dtmf_recognition(CALLING, operation_context=context)
    await acs.peer.callback("ContinuousDtmfRecognitionStopped")
    assert len(set(acs.peer.kinds)) == 10
    for _, event in acs.peer.callbacks:
        assert_known(event)


async def test_the_synchronous_client_does_the_same(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"after": 0})
    created = await create(acs, transcription=None)
    await acs.peer.callback("ParticipantsUpdated")
    key = AzureKeyCredential(str(acs.settings.access_key))
    with CallAutomationClient(acs.url, key) as sdk:
        connection = sdk.get_call_connection(created.call_connection_id or "")
        agent = PhoneNumberIdentifier(AGENT)
        added = await asyncio.to_thread(
            connection.add_participant,
            agent,
            source_caller_id_number=OWN,
            headers=first_sent(),
        )
        assert added.invitation_id
        await acs.peer.callback("AddParticipantSucceeded")
        await asyncio.to_thread(connection.play_media, file(), [agent])
        await acs.peer.callback("PlayCompleted")
        await asyncio.to_thread(
            connection.start_recognizing_media, "dtmf", agent, play_prompt=file(3600)
        )
        await asyncio.to_thread(connection.cancel_all_media_operations)
        await acs.peer.callback("RecognizeCanceled")
        await asyncio.to_thread(connection.start_continuous_dtmf_recognition, agent)
        await asyncio.to_thread(connection.stop_continuous_dtmf_recognition, agent)
        await acs.peer.callback("ContinuousDtmfRecognitionStopped")
        await asyncio.to_thread(connection.remove_participant, agent, headers=first_sent())
        await acs.peer.callback("RemoveParticipantSucceeded")
        await asyncio.to_thread(
            connection.transfer_call_to_participant, OTHER, headers=first_sent()
        )
        await acs.peer.callback("CallTransferAccepted")
