"""`python -m emulator phone` and `converse`, as a person types them."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from azure.communication.callautomation import PhoneNumberIdentifier
from azure.communication.callautomation.aio import CallAutomationClient

from emulator.acs.settings import Settings
from emulator.stack import Stack
from tests.emulator.acs.peers import Json
from tests.emulator.acs.stacks import client, first_sent

ROOT = Path(__file__).parents[2]
NUMBER = "+14255550123"
OTHER = "+14255550124"
OWN = PhoneNumberIdentifier("+18005550199")
SECONDS = 60

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(new_stack: Callable[..., Stack]) -> AsyncIterator[Stack]:
    async with new_stack(without=["azurite", "functions", "web-pubsub"]) as running:
        yield running


class Terminal:
    """The program with somebody at the keyboard."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.printed = ""

    def type(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n".encode())

    def hang(self) -> None:
        """End the input."""
        assert self._process.stdin
        self._process.stdin.close()

    async def until(self, words: str) -> str:
        """Read on until these words are printed, and return the line."""
        assert self._process.stdout
        async with asyncio.timeout(SECONDS):
            while line := (await self._process.stdout.readline()).decode():
                self.printed += line
                if words in line:
                    return line
        raise AssertionError(f"never {words!r}, but:\n{self.printed}")

    async def ends(self) -> int:
        async with asyncio.timeout(SECONDS):
            return await self._process.wait()

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest_asyncio.fixture(loop_scope="module")
async def start(stack: Stack) -> AsyncIterator[Callable[..., Any]]:
    """Yield what starts the program; it is ended after the test."""
    started: list[Terminal] = []

    async def begin(*arguments: str) -> Terminal:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "emulator", *arguments),
            cwd=ROOT,
            env=os.environ | stack.ports.environ(),
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
        )
        started.append(Terminal(process))
        return started[-1]

    yield begin
    for terminal in started:
        await terminal.kill()


async def calls(stack: Stack) -> list[Json]:
    url = f"http://127.0.0.1:{stack.ports.acs}/emulator/calls"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return list(await response.json())


async def first_final(stack: Stack) -> Json:
    """Wait until something has been said on the latest call."""
    async with asyncio.timeout(SECONDS):
        while True:
            for final in (await calls(stack))[-1]["finals"]:
                return dict(final)
            await asyncio.sleep(0.05)


def sdk_of(stack: Stack) -> CallAutomationClient:
    return client(f"http://127.0.0.1:{stack.ports.acs}", Settings())


async def place(stack: Stack, number: str = NUMBER) -> str:
    """Make a call; nobody listens to its callbacks."""
    async with sdk_of(stack) as sdk:
        placed = await sdk.create_call(
            PhoneNumberIdentifier(number),
            "http://127.0.0.1:1/",
            source_caller_id_number=OWN,
            headers=first_sent(),
        )
    return placed.call_connection_id or ""


async def latest(stack: Stack, condition: Callable[[Json], Any]) -> Json:
    """Wait until the latest call is so, and return it."""
    async with asyncio.timeout(SECONDS):
        while True:
            call = (await calls(stack))[-1]
            if condition(call):
                return call
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="module")
async def talking(stack: Stack) -> AsyncIterator[str]:
    """Yield the connection of a call that is up, on which nobody says anything."""
    url = f"http://127.0.0.1:{stack.ports.acs}/emulator/outgoing-calls"
    options = {"script": {"lines": []}, "stay": True, "speed": 10}
    async with aiohttp.ClientSession() as http:
        await (await http.put(url, json=options)).release()
        connection = await place(stack, OTHER)
        await latest(stack, lambda call: call["state"] == "connected")
        yield connection
        await (await http.put(url, json={})).release()


async def test_a_call_is_taken_spoken_on_and_hung_up(
    stack: Stack, start: Callable[..., Any]
) -> None:
    phone = await start("phone", "--number", NUMBER)
    await phone.until("waits for a call")
    await place(stack)
    assert await phone.until("rings") == f"{NUMBER} rings: +18005550199\n"
    phone.type("what?")
    await phone.until("Enter, d or b")
    phone.type("")
    await phone.until("You are on the call")
    phone.type("Hello?")
    final = await first_final(stack)
    assert (final["speaker"], final["text"]) == (f"4:{NUMBER}", "Hello?")
    phone.type("/hangup")
    await phone.until("The call is over")
    assert await phone.ends() == 0
    call = (await calls(stack))[-1]
    assert call["targets"] == {f"4:{NUMBER}": "answered"}
    assert call["state"] == "disconnected"


@pytest.mark.parametrize(("typed", "state"), [("d", "declines"), ("b", "busy"), (None, "declines")])
async def test_a_call_is_not_taken(
    stack: Stack, start: Callable[..., Any], typed: str | None, state: str
) -> None:
    phone = await start("phone")
    await phone.until("waits for a call")
    await place(stack)
    await phone.until("Enter answers")
    if typed is None:
        phone.hang()
    else:
        phone.type(typed)
    assert await phone.ends() == 0
    assert (await calls(stack))[-1]["targets"] == {f"4:{NUMBER}": state}


async def test_a_phone_is_added_to_a_call_presses_keys_and_hangs_up(
    stack: Stack, start: Callable[..., Any], talking: str
) -> None:
    phone = await start("phone", "--number", NUMBER)
    await phone.until("waits for a call")
    async with sdk_of(stack) as sdk:
        connection = sdk.get_call_connection(talking)
        who = PhoneNumberIdentifier(NUMBER)
        await connection.add_participant(who, source_caller_id_number=OWN, headers=first_sent())
        await phone.until("Enter answers")
        phone.type("")
        await phone.until("You are on the call")
        await latest(stack, lambda call: f"4:{NUMBER}" in call["people"])
        await connection.start_continuous_dtmf_recognition(who)
        phone.type("/keys x")
        await phone.until("refused")
        phone.type("/keys 1")
        call = await latest(stack, lambda call: "ToneReceived" in str(call["callbacks"]))
    phone.type("/hangup")
    assert await phone.ends() == 0
    call = await latest(stack, lambda call: f"4:{NUMBER}" not in call["people"])
    assert call["state"] == "connected"
    url = f"http://127.0.0.1:{stack.ports.acs}/emulator/phones"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        known = {phone["who"]: phone["phone"] for phone in await response.json()}
    assert known[f"4:{NUMBER}"] is None


async def test_a_phone_that_is_removed_is_told(
    stack: Stack, start: Callable[..., Any], talking: str
) -> None:
    phone = await start("phone", "--number", NUMBER)
    await phone.until("waits for a call")
    async with sdk_of(stack) as sdk:
        connection = sdk.get_call_connection(talking)
        who = PhoneNumberIdentifier(NUMBER)
        await connection.add_participant(who, source_caller_id_number=OWN, headers=first_sent())
        await phone.until("Enter answers")
        phone.type("")
        await phone.until("You are on the call")
        await latest(stack, lambda call: f"4:{NUMBER}" in call["people"])
        await connection.remove_participant(who, headers=first_sent())
    await phone.until("The call is over")
    assert await phone.ends() == 0


async def test_keys_are_pressed_and_one_hangs_up(
    stack: Stack, start: Callable[..., Any], talking: str
) -> None:
    async with sdk_of(stack) as sdk:
        connection = sdk.get_call_connection(talking)
        await connection.start_continuous_dtmf_recognition(PhoneNumberIdentifier(OTHER))
    terminal = await start("keys", "last", "12", "--speaker", OTHER)
    assert await terminal.ends() == 0
    await latest(stack, lambda call: str(call["callbacks"]).count("ToneReceived") == 2)
    terminal = await start("keys", "last", "12", "--speaker", "7")
    await terminal.until("there is no participant 7")
    assert await terminal.ends() == 1
    terminal = await start("hangup", "last", "--who", OTHER)
    assert await terminal.ends() == 0
    await latest(stack, lambda call: call["state"] == "disconnected")


async def test_the_ids_of_a_conversation_are_printed(
    stack: Stack, start: Callable[..., Any]
) -> None:
    arguments = ("--person", "+4930123456", "--person", "8:acs:ada", "--script", "short")
    terminal = await start("converse", *arguments, "--stay", "--at-once", "--speed", "10")
    first = await terminal.until("Conversation")
    assert "4:+4930123456, 8:acs:ada" in first
    room = (await terminal.until("roomId")).split()[1]
    assert await terminal.ends() == 0
    url = f"http://127.0.0.1:{stack.ports.acs}/emulator/conversations"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        found = {one["roomId"]: one for one in await response.json()}
    assert re.search(rf"serverCallId +{re.escape(found[room]['serverCallId'])}", terminal.printed)
    refused = await start("converse", "--person", "nobody", "--person", "+4930123456")
    await refused.until("`people` is a number")
    assert await refused.ends() == 1
