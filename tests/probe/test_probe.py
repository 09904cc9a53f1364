"""scripts/probe against whatever Web PubSub may be like: what it prints, and its exit code."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import jwt
import pytest
from aiohttp import web
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from typer.testing import CliRunner

from emulator.ports import free_ports
from emulator.web_pubsub.hubs import ForeignAuthorization
from scripts.probe.__main__ import app
from scripts.probe.tokens import why_none
from tests.emulator.web_pubsub.peers import KEY, Emulator, emulator_server, serving, upstream_server

SPACE = re.compile(r"[\s│]+")


class Told:
    """What the command printed, and its exit code."""

    def __init__(self, code: int, printed: str) -> None:
        self.code, self.printed = code, printed

    def chosen(self) -> dict[str, str]:
        """Return the settings that it says to choose."""
        return dict(re.findall(r"^  (WEBPUBSUB_\w+)=(\S+)$", self.printed, re.MULTILINE))

    def row(self, door: str) -> list[str]:
        """Return the words of a door's dial with the header, and its verdict."""
        lines = self.printed.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith(f"│ {door} "))
        return [cell.strip() for cell in lines[first + 1].strip("│").split("│")][2:]

    def says(self, words: str) -> bool:
        """Tell whether the words were printed, however they were laid out."""
        return words in SPACE.sub(" ", self.printed)


async def probe(*arguments: str, environ: Mapping[str, str] | None = None) -> Told:
    """Run the command as from a shell."""
    given = {"COLUMNS": "200", "WEBPUBSUB_ACCESS_KEY": KEY, "WEBPUBSUB_ENDPOINT": ""}
    # A thread of its own: the command has a loop of its own.
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["--hold", "0.1", *arguments], env={**given, **(environ or {})}
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "eyJ" not in result.output
    assert KEY not in result.output
    return Told(result.exit_code, result.output)


@pytest.mark.parametrize("forward", [False, True])
@pytest.mark.parametrize(
    ("how", "token", "ticket", "chosen"),
    [
        ("ignored", "101", "101", "token"),
        ("refused", "401 Unauthorized", "101", "ticket"),
        ("refusedAlways", "401 Unauthorized", "401 Unauthorized", None),
    ],
)
async def test_each_service_gets_the_right_advice(
    how: str, token: str, ticket: str, chosen: str | None, *, forward: bool
) -> None:
    """Any door that opens is success; the token's is preferred, for it needs no event handler."""
    settings = {"foreign_authorization": ForeignAuthorization(how)}
    async with emulator_server(**settings, forward_authorization=forward) as emulator:
        told = await probe(emulator.url)
        left = await hubs_of(emulator)

    assert told.code == (0 if chosen else 1)
    assert told.chosen() == ({"WEBPUBSUB_STREAM_ADMISSION": chosen} if chosen else {})
    arrived = {"101": ["yes", "yes" if forward else "no"], "401 Unauthorized": ["?", "?"]}
    verdicts = {"101": "open", "401 Unauthorized": "shut"}
    for door, answer in (("token", token), ("ticket", ticket)):
        assert told.row(door) == ["as ACS's", answer, *arrived[answer], verdicts[answer]]
    assert told.says("--front HOST") is (chosen is None)
    assert told.says("ACS's own is checked") is (bool(chosen) and forward)
    assert left == []


async def hubs_of(emulator: Emulator) -> list[str]:
    """Return which of the hubs that were dialled have settings."""
    dialled = {one["hub"] for one in await emulator.connections()}
    assert len(dialled) == 2
    found = []
    for hub in dialled:
        async with emulator.session.get(f"{emulator.url}/emulator/hubs/{hub}") as response:
            found += [hub] if response.status == 200 else []
    return found


async def test_a_named_hub_that_denies_anonymous_clients_leaves_a_door_untried() -> None:
    """The token's door is open all the same: a hub without any settings shows that."""
    async with emulator_server() as emulator:
        await emulator.configure("http://127.0.0.1:1/", hub="mine")
        told = await probe(emulator.url, "--hub", "mine")

    assert told.code == 0
    assert told.chosen() == {"WEBPUBSUB_STREAM_ADMISSION": "token"}
    assert told.row("ticket") == ["as ACS's", "401 Unauthorized", "?", "?", "unknown"]


async def test_a_named_hub_that_denies_them_and_a_header_that_counts_first() -> None:
    """Nothing opens, and how the other door could be tried is said."""
    settings = {"foreign_authorization": ForeignAuthorization.REFUSED}
    async with emulator_server(**settings) as emulator:
        await emulator.configure("http://127.0.0.1:1/", hub="mine")
        told = await probe(emulator.url, "--hub", "mine")

    assert told.code == 1
    assert told.chosen() == {}
    assert told.row("token")[-1] == "shut"
    assert told.says("name a scratch hub that allows anonymous clients")
    assert not told.says("--front")


async def test_a_named_hub_with_an_event_handler_of_ones_own() -> None:
    """Its answer opens the ticket's door; what reached it is not known here."""
    settings = {"foreign_authorization": ForeignAuthorization.REFUSED}
    async with emulator_server(**settings) as emulator, upstream_server() as upstream:
        upstream.answer("connect", (200, b'{"userId": "u"}', {}))
        await emulator.configure(upstream.url, hub="mine", AnonymousConnect="allow")
        told = await probe(emulator.url, "--hub", "mine")

    assert told.code == 0
    assert told.chosen() == {"WEBPUBSUB_STREAM_ADMISSION": "ticket"}
    assert told.row("ticket") == ["as ACS's", "101", "?", "?", "open"]
    assert told.row("token")[-1] == "shut"


async def test_a_named_hub_whose_events_come_here() -> None:
    """As through a tunnel. On an anonymous hub a token that does not count opens nothing."""
    settings = {
        "foreign_authorization": ForeignAuthorization.REFUSED,
        "forward_authorization": True,
    }
    port = free_ports().functions
    async with emulator_server(**settings) as emulator:
        url = f"http://127.0.0.1:{port}/{{event}}"
        await emulator.configure(url, hub="mine", AnonymousConnect="allow")
        told = await probe(emulator.url, "--hub", "mine", "--listen", str(port))

    assert told.code == 0
    assert told.chosen() == {"WEBPUBSUB_STREAM_ADMISSION": "ticket"}
    assert told.row("token") == ["as ACS's", "401 Unauthorized", "yes", "yes", "shut"]
    assert told.row("ticket") == ["as ACS's", "101", "yes", "yes", "open"]


async def test_a_front_that_takes_the_header_away() -> None:
    settings = {"foreign_authorization": ForeignAuthorization.REFUSED_ALWAYS}
    async with emulator_server(**settings) as emulator, front(emulator) as host:
        told = await probe(emulator.url, "--front", host)

    assert told.code == 0
    assert told.chosen() == {
        "WEBPUBSUB_STREAM_ADMISSION": "token",
        "WEBPUBSUB_STREAM_HOST": host,
    }
    assert told.says(f"Open as well: ticket, through {host}.")


async def test_a_front_that_is_none() -> None:
    """Not even itself is found: nothing is chosen, and what it must do is said."""
    settings = {"foreign_authorization": ForeignAuthorization.REFUSED_ALWAYS}
    async with emulator_server(**settings) as emulator:
        told = await probe(emulator.url, "--front", "127.0.0.1:1")

    assert told.code == 1
    assert told.says("The front does not help")
    assert told.says("no answer (ClientConnectorError)")


@asynccontextmanager
async def front(emulator: Emulator) -> AsyncIterator[str]:
    """Serve a front that passes handshakes on, without their Authorization; yield its host."""

    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            async with emulator.session.ws_connect(emulator.url + request.path_qs):
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                await socket.receive()
                return socket
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status)

    app = web.Application()
    app.router.add_get("/client/hubs/{hub}", serve)
    async with serving(app) as url:
        yield url.removeprefix("http://")


async def test_another_key_than_the_services() -> None:
    """The token's door cannot be tried with it; the ticket's needs none."""
    async with emulator_server() as emulator:
        told = await probe(emulator.url, environ={"WEBPUBSUB_ACCESS_KEY": "another-key" * 4})

    assert told.code == 0
    assert told.row("token") == ["as ACS's", "401 Unauthorized", "?", "?", "unknown"]
    assert told.chosen() == {"WEBPUBSUB_STREAM_ADMISSION": "ticket"}


async def test_a_connection_that_is_dropped_after_the_upgrade_is_not_open() -> None:
    """And a service that is not the emulator has no scratch hub for tickets."""

    async def drop(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if "Authorization" in request.headers:
            await socket.close(code=1008)
        await socket.receive()
        return socket

    other = web.Application()
    other.router.add_get("/client/hubs/{hub}", drop)
    async with serving(other) as url:
        told = await probe(url, "--hold", "1")

    assert told.code == 1
    assert told.row("token") == ["as ACS's", "101, then closed (1008)", "?", "?", "shut"]
    assert told.says("not tried: no hub that allows anonymous clients")


def test_a_role_that_is_missing_is_named() -> None:
    """Without a key Web PubSub issues the token, to those who have the role."""
    refused, unreachable = HttpResponseError("Forbidden"), ServiceRequestError("no such host\nx")
    refused.status_code = 403

    assert "answered 403; needed is the role Web PubSub Service Owner" in why_none(refused)
    assert why_none(unreachable) == "no token: no such host"


async def test_nobody_there() -> None:
    told = await probe("http://localhost:1")

    assert told.code == 1
    assert told.says("is the address right")


async def test_a_port_that_is_taken_is_bad_input() -> None:
    async with emulator_server() as emulator:
        port = emulator.url.rpartition(":")[2]
        told = await probe(emulator.url, "--hub", "mine", "--listen", port)

    assert told.code == 2
    assert told.says(f"--listen: port {port} cannot be used")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "expected Web PubSub's address"),
        (["https://a.example/path"], "expected Web PubSub's address"),
        (["https://a.example:port"], "expected Web PubSub's address"),
        (["http://a.example"], "must begin with https"),
        (["Endpoint=https://a.example;Key=secret"], "the connection string has no 'accesskey'"),
        (["http://localhost:8080", "--key", ""], "give its access key"),
        (["https://a.example", "--hub", "1st"], "--hub: expected a hub's name"),
        (["https://a.example", "--front", "https://b.example/x"], "--front: expected a host"),
        (["https://a.example", "--listen", "8000"], "--listen: name the hub"),
    ],
)
async def test_bad_input_gets_a_clear_error(arguments: list[str], message: str) -> None:
    told = await probe(*arguments)

    assert told.code == 2
    assert told.says(message)
    assert "secret" not in told.printed


async def test_it_runs_as_a_module_with_a_connection_string() -> None:
    """From the environment, where no list of processes shows it."""
    async with emulator_server() as emulator:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.probe", "--hold", "0.1"),
            env={"PATH": os.environ["PATH"], "WEBPUBSUB_ENDPOINT": emulator.connection_string},
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await child.communicate()

    assert child.returncode == 0, printed
    assert b"WEBPUBSUB_STREAM_ADMISSION=token" in printed


async def test_the_header_is_like_that_of_acs() -> None:
    """A token of its issuer, signed, new for each dial; and the call's id."""
    dials: list[Mapping[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        dials.append(request.headers)
        return web.Response(status=401)

    service = web.Application()
    service.router.add_get("/client/hubs/{hub}", note)
    async with serving(service) as url:
        await probe(url, "--hub", "mine")

    tokens = [one["Authorization"] for one in dials if "Authorization" in one]
    assert len(dials) == 4
    assert len({*tokens}) == 2
    assert all("x-ms-call-connection-id" in one for one in dials)
    claims = jwt.decode(tokens[0].removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["iss"] == "https://acscallautomation.communication.azure.com"
