"""scripts/smoke passes against the local stack, leaves nothing, and says what a failure means."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient

from emulator.stack import Stack
from scripts.smoke.checks import CHECKS, Result, run_all
from scripts.smoke.deployed import NEEDED
from scripts.smoke.probe import Probe, ProbeError
from scripts.smoke.target import read_settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
HASTE = {"FINISH_DELAY_SECONDS": "1"}
TABLES = ("Calls", "ActiveCalls", "Transcripts", "Participants")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(new_stack: Callable[..., Stack]) -> AsyncIterator[Stack]:
    async with new_stack(overrides=HASTE) as running:
        yield running


async def _smoke(stack: Stack, **changes: str) -> dict[str, Result]:
    """Run all checks, with some of the settings changed; the timer is fired all the while."""
    settings = read_settings(stack.settings | changes, None, stack.functions.url)
    probe = Probe(stack.functions.url, "", settings)
    timer = asyncio.create_task(_tick(stack))
    try:
        results = await run_all(probe, lambda _result: None)
    finally:
        timer.cancel()
        with suppress(asyncio.CancelledError):
            await timer
        await probe.close()
    return {result.check.name: result for result in results}


async def _tick(stack: Stack) -> None:
    url = f"{stack.functions.url}/admin/functions/reconcile?wait=true"
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.post(url, json={}) as response:
                await response.read()
            await asyncio.sleep(0.5)


async def _left(stack: Stack) -> dict[str, int]:
    connection = stack.azurite.connection_string
    found = {}
    async with TableServiceClient.from_connection_string(connection) as service:
        for name in TABLES:
            rows = service.get_table_client(name).list_entities()
            with suppress(ResourceNotFoundError):
                found[name] = len([row async for row in rows])
    return found


async def test_everything_is_proven_and_nothing_is_left(stack: Stack) -> None:
    results = await _smoke(stack)
    assert [result for result in results.values() if result.outcome != "ok"] == []
    assert list(results) == [check.name for check in CHECKS]
    assert await _left(stack) == dict.fromkeys(TABLES, 0)


async def test_it_passes_by_ticket_too(new_stack: Callable[..., Stack]) -> None:
    """There Web PubSub may even refuse the header of ACS's, where the dial has no token."""
    by_ticket = {"WEBPUBSUB_STREAM_ADMISSION": "ticket"}
    async with new_stack(overrides=HASTE | by_ticket) as running:
        results = await _smoke(running)
        assert [result for result in results.values() if result.outcome != "ok"] == []
        assert await _left(running) == dict.fromkeys(TABLES, 0)


async def test_a_stream_that_is_refused_points_to_the_wiring(stack: Stack) -> None:
    results = await _smoke(stack, WEBPUBSUB_ACCESS_KEY="another-key-than-that-of-the-hub-0000")
    refused = results["Web PubSub takes the stream"]
    assert refused.outcome == "failed"
    assert "WEBPUBSUB_UPSTREAM" in refused.check.points_to
    assert refused.why is not None
    assert "401" in refused.why
    assert "access_token" not in refused.why
    assert results["what is said is stored"].outcome == "not tried"
    assert results["nothing is left behind"].outcome == "ok"


async def test_the_stream_is_dialled_with_a_header_as_acs_does(stack: Stack) -> None:
    """Where Web PubSub refuses such a header, the door for tokens does not open."""
    settings = read_settings(stack.settings, None, stack.functions.url)
    probe = Probe(stack.functions.url, "", settings)
    await _set_stream_hub(stack, ForeignAuthorization="refused")
    try:
        await probe.mint()
        with pytest.raises(ProbeError, match="answered 401"):
            await probe.speak()
    finally:
        await _set_stream_hub(stack, ForeignAuthorization="ignored")
        await probe.close()


async def _set_stream_hub(stack: Stack, **changes: str) -> None:
    url = f"{stack.web_pubsub.url}/emulator/hubs/stream"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            settings = await response.json()
        async with session.put(url, json=settings | changes) as response:
            assert response.status == 200


async def test_settings_are_read_from_a_file_of_either_kind(stack: Stack, tmp_path: Path) -> None:
    values = stack.settings
    local, listed = tmp_path / "local.json", tmp_path / "listed.json"
    local.write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    pairs = [{"name": name, "slotSetting": False, "value": text} for name, text in values.items()]
    listed.write_text(json.dumps(pairs))
    read = [read_settings({}, file, stack.functions.url) for file in (local, listed)]
    assert read[0] == read[1] == read_settings(values, None, stack.functions.url)


async def test_the_command_says_what_is_wrong_with_the_settings() -> None:
    done = await _command("http://localhost:1", environ={"ACS_ENDPOINT": "nonsense"})
    assert done[0] == 2
    assert "ACS_ENDPOINT: expected an http or https address" in done[1]


async def test_the_command_prints_a_table_and_fails_when_a_check_does(
    stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"Values": stack.settings}))
    await stack.functions.stop()
    try:
        code, printed = await _command(stack.functions.url, "--settings", str(file), environ={})
    finally:
        await stack.functions.start()
    assert code == 1
    assert "the app is up" in printed
    assert "503: a setting that is wrong" in printed


async def test_the_command_asks_azd_about_what_it_has_deployed(
    stack: Stack, tmp_path: Path
) -> None:
    """The app is out, so that all it does is to say what it has tried, and with which settings."""
    listed = [{"name": name, "value": text} for name, text in stack.settings.items()]
    values = dict.fromkeys(NEEDED, "test") | {"AZURE_FUNCTION_APP_URL": stack.functions.url}
    (tmp_path / "values").write_text(json.dumps(values))
    (tmp_path / "settings").write_text(json.dumps(listed))
    for tool, answer in (
        ("azd", 'cat "$HOME/values"'),
        ("az", 'case $* in *keys*) echo \'"key"\' ;; *) cat "$HOME/settings" ;; esac'),
    ):
        (tmp_path / tool).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / tool).chmod(0o755)
    await stack.functions.stop()
    try:
        environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
        code, printed = await _command("--azd", environ=environ)
    finally:
        await stack.functions.start()
    assert code == 1, printed
    assert "ok: a made-up call is written" in printed
    assert "failed: the app is up" in printed


async def _command(*arguments: str, environ: dict[str, str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.smoke",
        *arguments,
        env={"COLUMNS": "160", **environ},
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()
