"""What the documents tell people to type exists: make targets, commands, options, addresses."""

import json
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from aiohttp import web
from typer.core import TyperGroup

from emulator import cli
from emulator.acs import server as acs
from emulator.ports import Ports
from emulator.web_pubsub import server as web_pubsub
from scripts.probe.__main__ import app as probe
from tests.docs.markdown import (
    DOCUMENTS,
    ROOT,
    blocks,
    code_in,
    prose,
    section,
    shell_lines,
    table,
)
from tests.indexing import index

LINES = sorted(set(shell_lines()))
MAKE = sorted({name for line in LINES for name in re.findall(r"\bmake ([a-z]+)\b", line)})
EMULATOR = [line for line in LINES if "-m emulator" in line]
PROBE = [line for line in LINES if "-m scripts.probe " in line]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
# The functions host's own; everything else on its port is the app's.
HOST_PATHS = {"GET /admin/functions", "GET /admin/host/status", "POST /admin/functions/{name}"}


def _curl_lines() -> list[str]:
    printed = "".join(block.code for document in DOCUMENTS for block in blocks(document))
    lines = [line.strip() for line in printed.splitlines()]
    return sorted({line for line in lines if line.startswith("curl ") and "localhost" in line})


@pytest.fixture(scope="session")
def app_routes() -> set[str]:
    """Return the app's HTTP routes as `METHOD /path`, as the runtime indexes them."""
    bindings = index(ROOT, Path(sys.executable))["functions"].values()
    triggers = [one for each in bindings for one in each if one["type"] == "httpTrigger"]
    return {f"{method} /{one['route']}" for one in triggers for method in one["methods"]}


@pytest.fixture(scope="session")
def routes(app_routes: set[str]) -> dict[int, set[str]]:
    """Return what may be asked of each part of the stack, by its port."""
    ports = Ports()
    return {
        ports.functions: app_routes | HOST_PATHS,
        ports.acs: _routes_of(acs.build_app(acs.Settings())),
        ports.web_pubsub: _routes_of(web_pubsub.build_app(web_pubsub.Settings())),
    }


@pytest.mark.parametrize("target", MAKE)
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_every_variable_given_to_make_exists() -> None:
    given = {name for line in LINES for name in re.findall(r"make \w+ ([A-Z]+)=", line)}
    assert given == {"ALL", "ONCE"}
    assert all(f"\n{name} =" in MAKEFILE for name in given)


@pytest.mark.parametrize("line", EMULATOR)
def test_every_command_of_the_emulator_exists_with_its_arguments(line: str) -> None:
    command, arguments = _command(line)
    with command.make_context("command", arguments):
        pass


@pytest.mark.parametrize("line", PROBE)
def test_every_line_for_the_probe_has_its_arguments(line: str) -> None:
    words = shlex.split(line)
    command = typer.main.get_command(probe)
    with command.make_context("probe", words[words.index("scripts.probe") + 1 :]):
        pass


def test_every_option_named_beside_a_command_of_the_emulator_is_its_own() -> None:
    rows = table(section(ROOT / "docs" / "emulator.md", "Running it"))
    described = {code_in(row[0])[0]: code_in(row[1]) for row in rows if "-m emulator" in row[0]}
    assert described
    for line, codes in described.items():
        known = {option for each in _command(line)[0].params for option in each.opts} | {"--help"}
        assert known >= {code.split()[0] for code in codes if code.startswith("--")}, line


@pytest.mark.parametrize("line", _curl_lines())
def test_every_address_for_curl_exists(line: str, routes: dict[int, set[str]]) -> None:
    words = shlex.split(line)
    (address,) = [word for word in words if word.startswith("http")]
    method = "POST" if {"--json", "--data"} & set(words) else "GET"
    if "--request" in words:
        method = words[words.index("--request") + 1]
    if "--json" in words:
        json.loads(words[words.index("--json") + 1])
    parts = urlsplit(address)
    assert parts.port is not None
    assert _exists(f"{method} {parts.path}", routes[parts.port])


def test_every_route_of_the_app_named_in_a_document_exists(app_routes: set[str]) -> None:
    named = {
        code.partition("?")[0]
        for document in DOCUMENTS
        for code in code_in(prose(document))
        if re.match(r"(GET|POST|OPTIONS) /api/", code)
    }
    assert len(named) > 5
    assert named - {"GET /api/health"} <= app_routes


def _command(line: str) -> tuple[Any, list[str]]:
    """Return the command of the emulator that a line runs, and its arguments."""
    words = shlex.split(line)
    command: Any = typer.main.get_command(cli.app)
    arguments = words[words.index("emulator") + 1 :]
    while isinstance(command, TyperGroup) and arguments:
        name, *arguments = arguments
        command = command.commands[name]
    return command, arguments


def _routes_of(app: web.Application) -> set[str]:
    resources = [(route.method, route.resource) for route in app.router.routes()]
    found = {(method, one.canonical) for method, one in resources if one is not None}
    return {f"{method} {path}" for method, path in found if method != "*"}


def _exists(request: str, routes: Iterable[str]) -> bool:
    patterns = (re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)) for route in routes)
    return any(re.fullmatch(pattern, request) for pattern in patterns)
