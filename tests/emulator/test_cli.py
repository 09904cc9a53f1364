"""The command line: what a person types, and what comes back without a terminal."""

import asyncio
import io
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient
from rich.console import Console
from typer.testing import CliRunner

from emulator import cli, console
from emulator.acs import dialogues
from emulator.demo import compare
from emulator.ports import Ports, free_ports
from emulator.stack import Stack

ROOT = Path(__file__).parents[2]
APP = Path(__file__).with_name("stack_app")
APP_CALL = "01KAR0MNT0000000000000TEST"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(new_stack: Callable[..., Stack]) -> AsyncIterator[Stack]:
    overrides = {"AzureWebJobsStorage": ""}
    async with new_stack(app=APP, without=["azurite"], overrides=overrides) as running:
        yield running


async def _start(ports: Ports, *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", *arguments),
        cwd=ROOT,
        env=os.environ | ports.environ(),
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
    )


def _emulator(ports: Ports, *arguments: str) -> tuple[int, str]:
    wide = {"COLUMNS": "400"}  # so that no path is broken over two lines
    result = CliRunner().invoke(cli.app, arguments, env=ports.environ() | wide)
    return result.exit_code, result.output


def test_a_call_is_rung_talked_on_listed_and_hung_up(stack: Stack) -> None:
    code, printed = _emulator(stack.ports, "ring", "--from", "+4930123456", "--stay")
    assert code == 0
    found = re.match(r"Ringing \+18005550199 from \+4930123456: call (\w+)\n", printed)
    assert found
    assert f"emulator watch {found[1]}\n" in printed
    assert "\x1b" not in printed
    code, printed = _emulator(stack.ports, "calls")
    assert code == 0
    (line,) = [line for line in printed.splitlines() if found[1] in line]
    assert "ringing" in line
    assert "+4930123456" in line
    assert _emulator(stack.ports, "hangup", "last") == (0, "")
    _, printed = _emulator(stack.ports, "calls")
    assert "missed" in printed


def test_a_dialogue_may_be_a_file(stack: Stack, tmp_path: Path) -> None:
    script = tmp_path / "own.json"
    lines = [{"speaker": 0, "at": 0, "text": "Hello?"}]
    script.write_text(json.dumps({"participants": [{}, {}], "lines": lines}))
    code, _ = _emulator(stack.ports, "ring", "--script", str(script), "--speed", "10")
    assert code == 0
    script.write_text("{")
    code, printed = _emulator(stack.ports, "ring", "--script", str(script))
    assert code == 2
    assert "own.json" in printed


def test_what_the_service_refuses_is_said(stack: Stack) -> None:
    _emulator(stack.ports, "ring")
    code, printed = _emulator(stack.ports, "ring", "--script", "operetta")
    assert code == 1
    known = ", ".join(dialogues.names())
    assert (
        f"Error: the ACS emulator refused (400): there is no dialogue 'operetta', only {known}"
        in (printed)
    )
    code, printed = _emulator(stack.ports, "say", "nobody", "Hello?")
    assert code == 1
    assert re.fullmatch(r"Error: there is no call nobody; .* calls lists .*\n", printed)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["ring", "--speed", "0"], "--speed"),
        (["ring", "--speed", "nan"], "--speed"),
        (["ring", "--reconnect", "inf"], "--reconnect"),
        (["ring", "--deliveries", "0"], "--deliveries"),
        (["up", "--once", "--speed", "0"], "--speed"),
        (["up", "--once", "--without", "functions"], "the demo call needs acs and functions"),
        (["faults", "add", "acs", "answer", "--delay", "nan"], "--delay"),
    ],
)
def test_what_can_never_work_is_refused_at_once(typed: list[str], problem: str) -> None:
    code, printed = _emulator(free_ports(), *typed)
    assert code == 2
    assert problem in printed


def test_without_a_place_for_data_there_is_no_stack(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    code, printed = _emulator(free_ports(), "up", "--data", str(occupied / "data"))
    assert code == 1
    assert re.fullmatch(r"Error: data and logs cannot be kept in .*/file/data: .*\n", printed)


def test_on_a_narrow_terminal_nothing_is_cut(stack: Stack) -> None:
    _, printed = _emulator(stack.ports, "ring", "--from", "+49301234567890")
    call = printed.rsplit(maxsplit=1)[-1]
    shown = io.StringIO()
    narrow = console.table("Call", "State", "From")
    narrow.add_row(call, "ringing", "+49301234567890")
    Console(file=shown, width=20).print(narrow)
    first = "".join(line[: line.find(" ")] for line in shown.getvalue().splitlines()[1:])
    assert first == call


async def test_a_watcher_sees_finals_and_states_as_they_come(stack: Stack) -> None:
    watcher = await _start(stack.ports, "watch", APP_CALL)
    assert watcher.stdout is not None
    async with asyncio.timeout(60):
        assert APP_CALL.encode() in await watcher.stdout.readline()
        await _publish(stack, {"type": "intermediate", "speakerId": "4:+1", "text": "Good"})
        segment = {"speakerId": "4:+14255550123", "text": "Good morning."}
        await _publish(stack, {"type": "segment", "startTime": "2026-11-22T10:11:12.5Z"} | segment)
        line = (await watcher.stdout.readline()).decode()
        await _publish(stack, {"type": "state", "callId": APP_CALL, "state": "ended"})
        state = (await watcher.stdout.readline()).decode()
        assert await watcher.stdout.read() == b"The call is over\n"
        assert await watcher.wait() == 0
    assert line.split() == ["10:11:12", "+14255550123", "Good", "morning."]
    assert state.strip() == "state ended"


async def _publish(stack: Stack, message: dict[str, str]) -> None:
    key = AzureKeyCredential(stack.settings["WEBPUBSUB_ACCESS_KEY"])
    async with WebPubSubServiceClient(stack.web_pubsub.url, "live", key) as live:
        await live.send_to_group(APP_CALL, message, content_type="application/json")


def test_without_a_stack_it_says_how_to_start_one() -> None:
    code, printed = _emulator(free_ports(), "calls")
    assert code == 1
    assert "emulator up" in printed
    assert "Traceback" not in printed


def test_a_malformed_port_is_one_line() -> None:
    result = CliRunner().invoke(cli.app, ["calls"], env={"ACS_PORT": "many"})
    assert result.exit_code == 1
    assert result.output == "Error: ACS_PORT must be a port between 1 and 65535, and is 'many'\n"
    result = CliRunner().invoke(cli.app, ["calls"], env={"AZURITE_PORT": "65534"})
    assert "AZURITE_PORT must be a port between 1 and 65533" in result.output


async def test_a_part_alone_explains_a_taken_port(stack: Stack) -> None:
    process = await _start(stack.ports, "acs")
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert printed.decode().startswith(f"acs: port {stack.ports.acs} is taken")
    assert b"Traceback" not in printed


async def test_a_part_alone_says_where_it_listens_until_ctrl_c() -> None:
    ports = free_ports()
    for part, port in (("acs", ports.acs), ("web-pubsub", ports.web_pubsub)):
        process = await _start(ports, part)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
            assert line.endswith(f" listens on http://localhost:{port}\n")
            process.send_signal(signal.SIGINT)
            assert await process.stdout.read() == b""
            assert await process.wait() == 0


async def test_its_help_names_every_command() -> None:
    process = await _start(Ports(), "--help")
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    commands = "up install ring say keys hangup calls watch faults azurite web-pubsub acs functions"
    assert all(f" {command} " in printed.decode() for command in commands.split())


async def test_its_help_names_every_dialogue() -> None:
    _, printed = _emulator(Ports(), "ring", "--help")
    assert all(name in printed for name in dialogues.names())


def test_frames_may_lack_fields(stack: Stack) -> None:
    fields = ("--leave-out", "duration", "--leave-out", "words")
    code, _ = _emulator(stack.ports, "ring", "--script", "greek-reservation", *fields)
    assert code == 0


async def test_everything_that_the_demo_call_says_is_stored_in_order_once(tmp_path: Path) -> None:
    arguments = ("up", "--once", "--speed", "20", "--data", str(tmp_path))
    process = await _start(free_ports(), *arguments)
    printed, _ = await asyncio.wait_for(process.communicate(), 300)
    lines = printed.decode().splitlines()
    assert process.returncode == 0, printed.decode()
    assert "OK  spoken 12 finals, stored 12, in order, once" in lines
    assert any(line.endswith("Good morning, Harbour Books, how can I help?") for line in lines)
    assert "\x1b" not in printed.decode()


def test_the_verdict_wants_every_final_in_order_once() -> None:
    spoken = ["a", "b", "b", "c"]
    assert compare(spoken, ["a", "b", "b", "c"]).complete
    assert compare(spoken, ["a", "b", "c"]).missing == ["b"]
    assert compare(spoken, ["a", "b", "b", "c", "c"]).unexpected == ["c"]
    assert not compare(spoken, ["b", "a", "b", "c"]).in_order
    assert compare(spoken, []).missing == spoken
