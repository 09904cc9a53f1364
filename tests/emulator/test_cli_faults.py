"""`python -m emulator faults`: what a person types, and what it makes of the two emulators."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from emulator import cli
from emulator.ports import free_ports
from emulator.stack import Stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(new_stack: Callable[..., Stack]) -> AsyncIterator[Stack]:
    async with new_stack(without=["azurite", "functions"]) as stack:
        yield stack


@pytest.fixture
def stack(running: Stack) -> Stack:
    """Return the emulators without any faults."""
    assert _faults(running, "delete") == ""
    return running


def _invoke(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["faults", *arguments], env=environ | {"COLUMNS": "400"})
    return result.exit_code, result.output


def _faults(stack: Stack, *arguments: str) -> str:
    code, printed = _invoke(stack.ports.environ(), *arguments)
    assert code == 0, printed
    return printed


def _ask(port: int, method: str, path: str, body: object = None) -> Any:
    async def ask() -> Any:
        url = f"http://127.0.0.1:{port}/emulator/{path}"
        async with aiohttp.ClientSession() as http, http.request(method, url, json=body) as answer:
            return await answer.json()

    return asyncio.run(ask())


def _ordered(stack: Stack, service: str) -> Any:
    return _ask(stack.ports.acs if service == "acs" else stack.ports.web_pubsub, "GET", "faults")


def _rows(printed: str) -> list[list[str]]:
    """Return the table's cells, row by row, without its head."""
    head, *lines = printed.splitlines()
    starts = [head.index(name) for name in ("Service", "On", "What", "Left", "Call")]
    ends = [*starts[1:], None]
    return [
        [line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in lines
    ]


def test_without_faults_it_says_how_to_add_one(stack: Stack) -> None:
    for arguments in ((), ("list",)):
        assert "faults add --help" in _faults(stack, *arguments)


@pytest.mark.parametrize(
    ("typed", "on", "what", "left"),
    [
        ("acs answer --status 503", "answer", "answered 503, nothing done", "1"),
        (
            "acs answer --status 429 --retry-after 2 --delay 0.5 --times 3",
            "answer",
            "answered 429 (Retry-After: 2) after 0.5 s, nothing done",
            "3",
        ),
        ("acs answer --do loseReply", "answer", "done, never answered", "1"),
        ("acs getCall --do lateReply --delay 2", "getCall", "done, answered 2 s later", "1"),
        ("acs CallConnected --do drop", "CallConnected", "never posted", "1"),
        ("acs callback --do twice", "callback", "posted twice, one after the other", "1"),
        (
            "acs callback --do together --always",
            "callback",
            "posted twice at the same moment",
            "until deleted",
        ),
        ("acs CallDisconnected --delay 1.5", "CallDisconnected", "1.5 s later", "1"),
        (
            "acs TranscriptionStarted --result 403/8565 --message Forbidden",
            "TranscriptionStarted",
            "fails with 403/8565 Forbidden",
            "1",
        ),
        (
            "acs request --status 503 --for 600",
            "request",
            "answered 503, nothing done",
            "600 s from its start",
        ),
        (
            "acs callback --do freeze --for 600 --times 2",
            "callback",
            "held back, done when the fault is over",
            "2, 600 s from its start",
        ),
        (
            "acs startTranscription --do swallow --always",
            "startTranscription",
            "held back, never done",
            "until deleted",
        ),
        ("acs getCall --state disconnected", "getCall", "told to be disconnected", "1"),
        ("acs callback --do drop --skip 2", "callback after 2 others", "never posted", "1"),
        ("acs frame --do drop", "frame", "lost", "1"),
        (
            "acs frame --do silent",
            "frame",
            "lost, and the transcription ends without an event",
            "1",
        ),
        (
            "acs dial --result 400/8581 --always",
            "dial",
            "fails with 400/8581 Action failed.",
            "until deleted",
        ),
        ("web-pubsub upstream deliverTwice", "upstream", "twice, one after the other", "1"),
        (
            "web-pubsub upstream deliverTwice together --always",
            "upstream",
            "twice, at the same moment",
            "until deleted",
        ),
        ("web-pubsub connect delay 0.5", "connect", "0.5 s later", "1"),
        (
            "web-pubsub upstream loseReply --event disconnected",
            "upstream disconnected",
            "taken, the reply is lost",
            "1",
        ),
        (
            "web-pubsub upstream skipId --event message --times 2",
            "upstream message",
            "one event id is never used",
            "2",
        ),
        ("web-pubsub send status 429", "send", "answered 429, nothing done", "1"),
    ],
)
def test_a_fault_is_added_and_listed_in_plain_words(
    stack: Stack, typed: str, on: str, what: str, left: str
) -> None:
    service = typed.split(maxsplit=1)[0]
    printed = _faults(stack, "add", *typed.split())
    assert _rows(printed) == [[service, on, what, left, "any"]]
    (fault,) = _ordered(stack, service)
    point, _, others = on.partition(" after ")
    assert f"{fault['on']} {fault.get('event') or ''}".strip() == point
    assert fault.get("skip", 0) == int(others.partition(" ")[0] or 0)


def test_a_fault_can_be_for_one_call(stack: Stack) -> None:
    ring = {"from": "+14255550123", "to": "+18005550199"}
    call = _ask(stack.ports.acs, "POST", "incoming-calls", ring)["id"]
    printed = _faults(stack, "add", "acs", "answer", "--status", "500", "--call", "last")
    assert _rows(printed)[0][-1] == call


def test_the_faults_of_one_service_can_be_deleted_alone(stack: Stack) -> None:
    _faults(stack, "add", "acs", "answer", "--status", "500")
    _faults(stack, "add", "web-pubsub", "connect", "status", "500")
    assert _faults(stack, "delete", "acs") == ""
    assert [row[0] for row in _rows(_faults(stack))] == ["web-pubsub"]
    assert _faults(stack, "delete") == ""
    assert (_ordered(stack, "acs"), _ordered(stack, "web-pubsub")) == ([], [])


@pytest.mark.parametrize(
    ("typed", "code", "problem"),
    [
        ("add acs anser --status 500", 1, "`on` must be one of"),
        ("add acs answer --result 500", 2, "CODE/SUBCODE"),
        ("add acs answer --status 500 --times 0", 2, "times"),
        ("add web-pubsub connect skipId", 1, "not possible on connect"),
        ("add web-pubsub upstream delay soon", 1, "a number of seconds"),
        ("add web-pubsub upstream delay inf", 1, "a number of seconds"),
        ("add web-pubsub downstream delay 1", 2, "downstream"),
        ("delete everything", 2, "everything"),
    ],
)
def test_a_mistake_is_said_without_a_traceback(
    stack: Stack, typed: str, code: int, problem: str
) -> None:
    exit_code, printed = _invoke(stack.ports.environ(), *typed.split())
    assert exit_code == code
    assert problem in printed
    assert "Traceback" not in printed


async def test_of_a_part_alone_faults_are_listed_added_and_deleted(
    new_stack: Callable[..., Stack],
) -> None:
    async with new_stack(without=["azurite", "functions", "web-pubsub"]) as alone:
        printed = await asyncio.to_thread(
            _faults, alone, *["add", "acs", "answer", "--status", "503"]
        )
        assert _rows(printed) == [["acs", "answer", "answered 503, nothing done", "1", "any"]]
        assert await asyncio.to_thread(_faults, alone, "list") == printed
        assert await asyncio.to_thread(_faults, alone, "delete") == ""
        code, _ = await asyncio.to_thread(_invoke, alone.ports.environ(), "delete", "web-pubsub")
        assert code == 1


def test_without_a_stack_it_says_how_to_start_one() -> None:
    code, printed = _invoke(free_ports().environ())
    assert code == 1
    assert "emulator up" in printed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--help", ["list", "add", "delete"]),
        ("add acs --help", ["startTranscription", "CallDisconnected", "swallow", "never posted"]),
        ("add web-pubsub --help", ["upstream", "deliverTwice", "skipId", "the reply is lost"]),
    ],
)
def test_its_help_says_what_each_fault_does(typed: str, words: list[str]) -> None:
    code, printed = _invoke({}, *typed.split())
    assert code == 0
    assert all(word in printed for word in words)
