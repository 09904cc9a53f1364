"""What asks for no key is for programs of this machine: no other Host, no page from elsewhere."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from multidict import CIMultiDict

from emulator.acs import server as acs
from emulator.web_pubsub import server as web_pubsub
from tests.emulator.acs.peers import serving
from tests.emulator.acs.stacks import SIGNER

STRANGERS = [
    {"Host": "evil.example"},
    {"Host": "evil.example:8090"},
    {"Host": "localhost.evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost@evil.example"},
    {"Host": ""},
    {"Host": "192.168.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none, cross-site"},
]
FRIENDS = [
    {},
    {"Host": "LOCALHOST:8090"},
    {"Host": "127.0.0.1"},
    {"Host": "[::1]:8090"},
    {"Sec-Fetch-Site": "none"},
    {"Host": "localhost:8090", "Origin": "http://localhost:8090", "Sec-Fetch-Site": "same-origin"},
]


@pytest_asyncio.fixture(params=["acs", "web-pubsub"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Yield the address of an emulator."""
    built = {
        "acs": lambda: acs.build_app(acs.Settings(), SIGNER),
        "web-pubsub": lambda: web_pubsub.build_app(web_pubsub.Settings()),
    }
    async with serving(built[request.param]()) as address:
        yield address


async def post(url: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}{path}", headers=headers) as response,
    ):
        return response.status, await response.text()


@pytest.mark.parametrize("headers", STRANGERS, ids=str)
async def test_a_control_api_is_not_for_other_sites(url: str, headers: dict[str, str]) -> None:
    status, body = await post(url, "/emulator/reset", headers)
    assert status == 403
    assert '"Forbidden"' in body


async def test_two_hosts_are_none_of_ours(url: str) -> None:
    two = CIMultiDict([("Host", "localhost"), ("Host", "evil.example")])
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/emulator/reset", headers=two) as response,
    ):
        assert response.status in (400, 403)


@pytest.mark.parametrize("headers", FRIENDS, ids=str)
async def test_programs_of_this_machine_may_use_it(url: str, headers: dict[str, str]) -> None:
    assert await post(url, "/emulator/reset", headers) == (204, "")


async def test_what_wants_a_proof_may_have_any_name(url: str) -> None:
    """A tunnel keeps the name under which it is reached."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/health", headers={"Host": "tunnel.example"}) as response,
    ):
        assert response.status == 200
