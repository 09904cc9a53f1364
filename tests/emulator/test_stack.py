"""The stack: parts that start together, live and die alone, and leave nothing behind."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from emulator.part import Part, PartFailedError, check_port
from emulator.ports import PortError, Ports, free_ports
from emulator.serving import LOOPBACK, PortTakenError
from emulator.stack import Stack
from emulator.wiring import EXAMPLE, check_configured, stack_settings

ROOT = Path(__file__).parents[2]
APP = Path(__file__).with_name("stack_app")
# A host whose storage does not answer does not run; one that has none is served all the same.
NO_STORAGE = {"AzureWebJobsStorage": ""}
type NewStack = Callable[..., Stack]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(new_stack: NewStack) -> AsyncIterator[Stack]:
    async with new_stack(app=APP) as running:
        yield running


async def _get(part: Part, path: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(part.url + path) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def _free(ports: list[int]) -> None:
    """Wait until nothing listens on any of the ports."""
    async with asyncio.timeout(60):
        while True:
            try:
                for port in ports:
                    check_port("a part", port, "ITS_PORT")
            except PortTakenError:
                await asyncio.sleep(0.02)
            else:
                return


async def test_every_part_runs_and_answers(stack: Stack) -> None:
    assert [part.name for part in stack.parts] == ["azurite", "web-pubsub", "acs", "functions"]
    for part in stack.parts:
        assert part.running
        await part.wait_ready()


async def test_the_stream_hub_posts_to_the_app_and_the_live_hub_to_nobody(stack: Stack) -> None:
    stream = await _get(stack.web_pubsub, "/emulator/hubs/stream")
    (handler,) = stream["EventHandlers"]
    code = stack.settings["WEBPUBSUB_UPSTREAM_CODE"]
    assert handler["UrlTemplate"] == f"{stack.functions.url}/api/stream?code={code}"
    assert (await _get(stack.web_pubsub, "/emulator/hubs/live"))["EventHandlers"] == []


async def test_the_stream_hub_takes_anonymous_clients_where_the_app_lets_in_by_ticket(
    stack: Stack, new_stack: NewStack
) -> None:
    """Never the live hub."""
    by_ticket = new_stack(
        without=("azurite", "acs", "functions"),
        overrides={"WEBPUBSUB_STREAM_ADMISSION": "ticket"},
    )
    async with by_ticket as alone:
        hubs = [await _get(alone.web_pubsub, f"/emulator/hubs/{hub}") for hub in ("stream", "live")]
    hubs.append(await _get(stack.web_pubsub, "/emulator/hubs/stream"))

    assert [hub["AnonymousConnect"] for hub in hubs] == ["allow", "deny", "deny"]


async def test_event_grid_has_shaken_hands_with_the_app(stack: Stack) -> None:
    subscription = await _get(stack.acs, "/emulator/event-subscriptions/callscribe")
    assert subscription["provisioningState"] == "Succeeded"


async def test_a_killed_part_leaves_the_others_alone_and_comes_back(stack: Stack) -> None:
    others = {part.name: part.pid for part in stack.parts if part is not stack.functions}
    stack.functions.kill()
    assert not await stack.functions.answers()
    assert {name: part.pid for part in stack.parts if (name := part.name) in others} == others
    await stack.functions.start()
    await stack.functions.wait_ready()


async def test_a_restarted_part_is_told_again_what_it_must_know(stack: Stack) -> None:
    await stack.web_pubsub.stop()
    await stack.web_pubsub.start()
    assert (await _get(stack.web_pubsub, "/emulator/hubs/stream"))["EventHandlers"]
    stack.acs.kill()
    await stack.acs.start()
    subscription = await _get(stack.acs, "/emulator/event-subscriptions/callscribe")
    assert subscription["provisioningState"] == "Succeeded"


async def test_a_frozen_part_hangs_until_it_is_thawed(stack: Stack) -> None:
    stack.acs.freeze()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stack.acs.answers(), 0.3)
    finally:
        stack.acs.thaw()
    await stack.acs.wait_ready()


async def test_a_second_stack_names_part_port_and_variable(stack: Stack, tmp_path: Path) -> None:
    second = Stack(tmp_path, stack.ports, without=["azurite", "web-pubsub"])
    with pytest.raises(PortTakenError, match=f"port {stack.ports.acs} is taken.*acs.*ACS_PORT"):
        await second.start()


async def test_stopping_leaves_no_process_and_no_taken_port(new_stack: NewStack) -> None:
    async with new_stack(app=APP, without=["azurite"], overrides=NO_STORAGE) as running:
        pids = [part.pid for part in running.parts]
        ports = [part.port for part in running.parts]
    assert not any(part.running for part in running.parts)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    await _free(ports)


async def test_a_start_that_fails_shows_why_and_leaves_nothing(
    new_stack: NewStack, tmp_path: Path
) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text("raise RuntimeError('this app is broken')\n")
    broken = new_stack(app=tmp_path, without=["azurite"], overrides=NO_STORAGE)
    with pytest.raises(PartFailedError, match=r"(?s)functions has found no.*this app is broken"):
        await broken.start()
    assert not any(part.running for part in broken.parts)
    await _free([part.port for part in broken.parts])


async def test_a_part_that_does_not_answer_in_time_is_named(tmp_path: Path) -> None:
    port = free_ports().acs
    command = [sys.executable, "-c", "input()"]
    mute = Part("mute", command, ports=[port], variable="MUTE_PORT", log=tmp_path / "mute.log")
    try:
        with pytest.raises(PartFailedError, match=r"mute did not answer within 0\.1 s"):
            await mute.start(within=0.1)
    finally:
        mute.kill()


async def test_a_part_that_ends_by_itself_is_noticed(new_stack: NewStack) -> None:
    async with new_stack(without=["azurite", "functions", "web-pubsub"]) as running:
        os.kill(running.acs.pid, signal.SIGKILL)
        with pytest.raises(PartFailedError, match="acs ended by itself"):
            await asyncio.wait_for(running.watch(), 60)


async def test_no_part_outlives_its_parent_however_that_ends(tmp_path: Path) -> None:
    codes = await asyncio.gather(
        _end_a_stack_by(signal.SIGINT, tmp_path / "int"),
        _end_a_stack_by(signal.SIGTERM, tmp_path / "term"),
        _end_a_stack_by(signal.SIGHUP, tmp_path / "hup"),
        _end_a_stack_by(signal.SIGKILL, tmp_path / "kill"),
    )
    assert [*codes] == [0, 0, 0, -signal.SIGKILL]


async def test_up_ends_with_what_an_app_says_that_is_not_configured(tmp_path: Path) -> None:
    ports = free_ports()
    without = ("web-pubsub", "acs")
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "up", "--data", str(tmp_path)),
        *(word for part in without for word in ("--without", part)),
        cwd=ROOT,
        env=os.environ | ports.environ() | {"GAP_SECONDS": "61", "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(parent.communicate(), 120)
    assert parent.returncode == 1
    assert "the app is not configured:" in printed.decode()
    assert "GAP_SECONDS: expected seconds, from 0 to 60" in printed.decode()
    await _free([ports.functions])


async def test_what_another_app_answers_as_its_health_is_not_judged(stack: Stack) -> None:
    await check_configured(stack.ports)


async def _end_a_stack_by(number: signal.Signals, data: Path) -> int:
    ports = free_ports()
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "up", "--data", str(data)),
        *("--without", "azurite", "--without", "functions", "--without", "web-pubsub"),
        cwd=ROOT,
        env=os.environ | ports.environ(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    async with asyncio.timeout(120):
        while b"Waiting for your app" not in await parent.stdout.readline():
            assert not parent.stdout.at_eof()
    parent.send_signal(number)
    code = await parent.wait()
    await _free([ports.acs])
    return code


def test_on_the_default_ports_the_settings_are_those_of_the_example() -> None:
    values = json.loads(EXAMPLE.read_text())["Values"]
    assert stack_settings(Ports()) == values


def test_on_other_ports_every_address_moves() -> None:
    ports = Ports(azurite=20000, web_pubsub=20003, acs=20004, functions=20005)
    settings = stack_settings(ports, {"GAP_SECONDS": "1"})
    assert settings["ACS_JWKS_URL"] == "http://localhost:20004/calling/keys"
    assert settings["CALLBACK_BASE_URL"] == "http://localhost:20005"
    assert f"TableEndpoint=http://{LOOPBACK}:20002/" in settings["TranscriptStorage"]
    assert settings["WEBPUBSUB_ENDPOINT"] == "http://localhost:20003"
    assert settings["GAP_SECONDS"] == "1"


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1"])
def test_a_port_that_is_none_names_its_variable(text: str) -> None:
    with pytest.raises(PortError, match="ACS_PORT must be a port"):
        Ports.from_environ({"ACS_PORT": text})


def test_the_ports_of_the_environment_go_round() -> None:
    ports = free_ports()
    assert Ports.from_environ(ports.environ()) == ports
    assert Ports.from_environ({}).home() == ROOT / ".stack"
    assert ports.home() == ROOT / ".stack" / f"azurite-{ports.azurite}"
