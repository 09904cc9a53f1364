"""Calls that the app makes or joins, as the tests of the emulator make and join them."""

from typing import Any

from azure.communication.callautomation import (
    CallConnectionProperties,
    FileSource,
    PhoneNumberIdentifier,
    TextSource,
)
from azure.communication.callautomation.aio import CallConnectionClient

from .peers import CALLEE, CALLER, COGNITIVE, Json, until
from .stacks import Stack, first_sent

TARGET = PhoneNumberIdentifier(CALLEE)
QUICK: Json = {"script": "short", "speed": 50, "waitForStream": 60}


OWN = PhoneNumberIdentifier(CALLEE)
AGENT = "+498998700"


async def answered(
    acs: Stack, answer: Json | None = None, **ring: Any
) -> tuple[Json, CallConnectionClient]:
    """Ring and answer without transcription; return the call, and the SDK's client of it."""
    options = {"script": {"lines": []}, "stay": True, "phone": {"after": 0}} | ring
    call = await acs.talk({"transcription": None} | (answer or {}), **options)
    await acs.peer.callback("ParticipantsUpdated")
    return call, acs.sdk.get_call_connection(call["callConnectionId"])


async def add(connection: CallConnectionClient, who: Any = AGENT, **options: Any) -> Any:
    """Add somebody; a number from the number called unless told otherwise."""
    if isinstance(who, str):
        who, options = (
            PhoneNumberIdentifier(who),
            {"source_caller_id_number": OWN} | options,
        )
    return await connection.add_participant(who, **({"headers": first_sent()} | options))


def file(seconds: float = 0.05, name: str = "hello") -> FileSource:
    """Return a file that takes so long."""
    return FileSource(url=f"https://sounds.localhost/{name}.wav?seconds={seconds}")


def text(words: str = "This call is transcribed.") -> TextSource:
    """Return a text that a voice reads."""
    return TextSource(text=words, voice_name="en-US-NancyNeural")


def rosters(acs: Stack) -> list[list[str]]:
    """Return who was there, list by list."""
    return [
        [one["identifier"]["rawId"] for one in event["data"]["participants"]]
        for event in acs.peer.posted("ParticipantsUpdated")
    ]


async def seen(acs: Stack, *kinds: str) -> None:
    """Wait until these callbacks, and no others, have come after those of the setup."""
    setup = ("CallConnected", "ParticipantsUpdated")

    def found() -> list[str]:
        return acs.peer.kinds[len(setup) :]

    await until(lambda: len(found()) >= len(kinds))
    assert found() == list(kinds)


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
