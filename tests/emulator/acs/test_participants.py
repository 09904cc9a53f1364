"""Those who are on a call, as the official clients list them; and calls that the app refuses."""

import asyncio

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CallParticipant,
    CommunicationUserIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

from .calling import converse, create, join, outgoing
from .peers import ACS_USER, CALLEE, CALLER
from .shapes import differences, documented
from .stacks import Stack, first_sent, stack


def raw_ids(people: list[CallParticipant]) -> list[str]:
    return [person.identifier.raw_id for person in people if person.identifier]


async def test_those_on_a_call_are_listed(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"does": "waits"})
    created = await create(acs)
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    assert [one async for one in connection.list_participants()] == []
    [call] = await acs.list_calls()
    await acs.control("POST", f"calls/{call['id']}/phone", {"does": "answers"})
    await acs.peer.callback("CallConnected")
    found = [one async for one in connection.list_participants()]
    assert raw_ids(found) == [f"4:{CALLER}", f"4:{CALLEE}"]
    assert {(one.is_muted, one.is_on_hold) for one in found} == {(False, False)}


async def test_the_asynchronous_client_cannot_get_one_alone(acs: Stack) -> None:
    """It signs another path than it sends."""
    call = await acs.talk(stay=True)
    connection = acs.sdk.get_call_connection(call["callConnectionId"])
    with pytest.raises(ClientAuthenticationError, match="the signature does not match"):
        await connection.get_participant(PhoneNumberIdentifier(CALLER))


async def test_the_synchronous_client_makes_calls_and_lists_those_on_them(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"after": 0})
    key = AzureKeyCredential(str(acs.settings.access_key))
    with CallAutomationClient(acs.url, key) as sdk:
        created = await asyncio.to_thread(
            sdk.create_call,
            [PhoneNumberIdentifier(CALLEE), CommunicationUserIdentifier(ACS_USER)],
            acs.peer.callback_url,
            source_caller_id_number=PhoneNumberIdentifier(CALLER),
            headers=first_sent(),
        )
        await acs.peer.callback("ParticipantsUpdated", 1)
        connection = sdk.get_call_connection(created.call_connection_id or "")
        found = await asyncio.to_thread(lambda: list(connection.list_participants()))
        assert len(found) == 3
        user = CommunicationUserIdentifier(ACS_USER)
        one = await asyncio.to_thread(connection.get_participant, user)
        assert raw_ids([one]) == [ACS_USER]
        with pytest.raises(ResourceNotFoundError, match="8522"):
            await asyncio.to_thread(
                connection.get_participant, CommunicationUserIdentifier("8:acs:nobody")
            )
        await asyncio.to_thread(connection.hang_up, True, headers=first_sent())
    await acs.peer.callback("CallDisconnected")


async def test_a_long_list_has_pages() -> None:
    async with stack(participants_page=2, access_key=None) as acs:
        people = [f"8:acs:person_{number}" for number in range(5)]
        conversation = await converse(acs, people=people, stay=True)
        joined = await join(acs, room_id=conversation["roomId"], transcription=None)
        await acs.peer.callback("CallConnected")
        connection = acs.sdk.get_call_connection(joined.call_connection_id or "")
        found = [one async for one in connection.list_participants()]
        assert raw_ids(found) == people
        url = f"{acs.url}/calling/callConnections/{joined.call_connection_id}/participants"
        async with acs.http.get(f"{url}?api-version=2026-03-12") as response:
            page = await response.json()
        assert list(differences(page, documented("responses", "participants"))) == []


async def test_leaving_a_group_lets_the_others_talk(acs: Stack) -> None:
    await outgoing(acs, stay=True, phone={"after": 0})
    targets = [PhoneNumberIdentifier(CALLEE), CommunicationUserIdentifier(ACS_USER)]
    created = await create(acs, targets)
    await acs.peer.callback("ParticipantsUpdated", 1)
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    await connection.hang_up(is_for_everyone=False, headers=first_sent())
    await acs.peer.callback("CallDisconnected")
    [conversation] = (await acs.control("GET", "conversations"))[1]
    assert not conversation["over"]
    assert f"4:{CALLEE}" in conversation["people"]


@pytest.mark.parametrize("reason", [None, "none", "busy", "forbidden"])
async def test_a_call_is_rejected_once_and_without_an_event(acs: Stack, reason: str | None) -> None:
    call = await acs.ring()
    context = await acs.context(call)
    await acs.sdk.reject_call(context, call_reject_reason=reason, headers=first_sent())
    shown = await acs.show(call)
    assert (shown["state"], shown["rejectReason"]) == ("rejected", reason or "none")
    with pytest.raises(HttpResponseError, match="8501"):
        await acs.sdk.reject_call(context, headers=first_sent())
    with pytest.raises(HttpResponseError, match="8501"):
        await acs.answer(call)
    assert acs.peer.callbacks == []
