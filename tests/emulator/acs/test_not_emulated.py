"""What the service has and the emulator does not: 501 for every other operation of the SDK."""

from collections.abc import Callable
from inspect import isfunction
from operator import methodcaller
from typing import Any

import pytest
from azure.communication.callautomation import PhoneNumberIdentifier
from azure.communication.callautomation.aio import CallAutomationClient, CallConnectionClient
from azure.core.exceptions import HttpResponseError

from .peers import CALLEE
from .stacks import Stack, first_sent

PHONE = PhoneNumberIdentifier(CALLEE)
SENT = {"headers": first_sent()}

type Ask = Callable[[Any], Any]

OTHERS: dict[type, dict[str, Ask]] = {
    CallAutomationClient: {
        "redirect_call": methodcaller("redirect_call", "context", PHONE, **SENT),
        "start_recording": methodcaller("start_recording", server_call_id="s", **SENT),
        "stop_recording": methodcaller("stop_recording", "r"),
        "pause_recording": methodcaller("pause_recording", "r"),
        "resume_recording": methodcaller("resume_recording", "r"),
        "get_recording_properties": methodcaller("get_recording_properties", "r"),
    },
    CallConnectionClient: {
        "hold": methodcaller("hold", PHONE),
        "move_participants": methodcaller("move_participants", [PHONE], "c", **SENT),
        "mute_participant": methodcaller("mute_participant", PHONE, **SENT),
        "send_dtmf_tones": methodcaller("send_dtmf_tones", ["one"], PHONE, **SENT),
        "start_media_streaming": methodcaller("start_media_streaming"),
        "stop_media_streaming": methodcaller("stop_media_streaming"),
        "unhold": methodcaller("unhold", PHONE),
    },
}
EMULATED = {
    CallAutomationClient: {
        "answer_call",
        "connect_call",
        "create_call",
        "reject_call",
    },
    CallConnectionClient: {
        "add_participant",
        "cancel_add_participant_operation",
        "cancel_all_media_operations",
        "get_call_properties",
        "get_participant",
        "hang_up",
        "list_participants",
        "play_media",
        "remove_participant",
        "start_continuous_dtmf_recognition",
        "start_recognizing_media",
        "start_transcription",
        "stop_continuous_dtmf_recognition",
        "stop_transcription",
        "transfer_call_to_participant",
        "update_transcription",
    },
}
# They ask nobody, or an address outside of Call Automation.
LOCAL = {"close", "get_call_connection", "download_recording", "delete_recording"}
DEPRECATED = {"play_media_to_all", "create_group_call"}


@pytest.mark.parametrize("client", OTHERS)
def test_every_operation_of_the_sdk_is_known_here(client: type) -> None:
    """A newer SDK with other operations has to be looked at."""
    public = {name for name, what in vars(client).items() if isfunction(what) and name[0] != "_"}
    assert public - LOCAL - DEPRECATED == EMULATED[client] | set(OTHERS[client])


@pytest.mark.parametrize("name", OTHERS[CallAutomationClient])
async def test_another_operation_says_that_it_is_not_emulated(acs: Stack, name: str) -> None:
    with pytest.raises(HttpResponseError, match="is not emulated") as refused:
        await OTHERS[CallAutomationClient][name](acs.sdk)
    assert refused.value.status_code == 501


@pytest.mark.parametrize("name", OTHERS[CallConnectionClient])
async def test_another_operation_on_a_call_says_so_too(acs: Stack, name: str) -> None:
    with pytest.raises(HttpResponseError, match="is not emulated") as refused:
        await OTHERS[CallConnectionClient][name](acs.sdk.get_call_connection("c"))
    assert refused.value.status_code == 501


@pytest.mark.parametrize("path", ["sms?api-version=2021-03-07", "identities", "rooms/r", ""])
async def test_so_do_the_other_services_of_the_resource(acs: Stack, path: str) -> None:
    async with acs.http.post(f"{acs.url}/{path}", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (501, "NotEmulated")


async def test_what_nobody_has_is_not_found(acs: Stack) -> None:
    for path in ("emulator/incoming", "api/healthy"):
        async with acs.http.get(f"{acs.url}/{path}") as response:
            assert response.status == 404
