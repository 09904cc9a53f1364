"""Calls that the app makes or joins, as the tests of the emulator make and join them."""

from typing import Any

from azure.communication.callautomation import CallConnectionProperties, PhoneNumberIdentifier

from .peers import CALLEE, CALLER, COGNITIVE, Json
from .stacks import Stack, first_sent

TARGET = PhoneNumberIdentifier(CALLEE)
QUICK: Json = {"script": "short", "speed": 50, "waitForStream": 60}


async def create(acs: Stack, target: Any = TARGET, **options: Any) -> CallConnectionProperties:
    """Make a call, to a number from a number unless told otherwise."""
    usual: Json = {
        "source_caller_id_number": PhoneNumberIdentifier(CALLER),
        "cognitive_services_endpoint": COGNITIVE,
        "transcription": acs.transcription(),
        "headers": first_sent(),
    }
    return await acs.sdk.create_call(target, acs.peer.callback_url, **(usual | options))


async def join(acs: Stack, **options: Any) -> CallConnectionProperties:
    """Join a conversation by the id that the options give."""
    usual: Json = {
        "cognitive_services_endpoint": COGNITIVE,
        "transcription": acs.transcription(),
        "headers": first_sent(),
    }
    return await acs.sdk.connect_call(acs.peer.callback_url, **(usual | options))


async def outgoing(acs: Stack, **options: Any) -> None:
    """Say how those behave who are called."""
    assert (await acs.control("PUT", "outgoing-calls", QUICK | options))[0] == 200


async def converse(acs: Stack, **options: Any) -> Json:
    """Let people talk, once the app has joined them unless told otherwise."""
    body = QUICK | {"waitForApp": True} | options
    status, conversation = await acs.control("POST", "conversations", body)
    assert status == 201, conversation
    return dict(conversation)


async def only_call(acs: Stack) -> Json:
    """Return the call, of which there is one."""
    [call] = await acs.list_calls()
    return call


def results(acs: Stack, kind: str) -> list[tuple[int, int]]:
    """Return the codes of the callbacks of a kind."""
    found = (event["data"]["resultInformation"] for event in acs.peer.posted(kind))
    return [(result["code"], result["subCode"]) for result in found]
