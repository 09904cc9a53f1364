"""Requests are signed with the access key."""

import dataclasses

import aiohttp
import pytest
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from .stacks import Stack, client, stack

URL = "/calling/callConnections/unknown?api-version=2026-03-12"


async def test_another_key_is_refused(acs: Stack) -> None:
    other = dataclasses.replace(acs.settings, access_key="b3RoZXI=")
    async with client(acs.url, other) as sdk:
        with pytest.raises(ClientAuthenticationError, match="the signature does not match"):
            await sdk.get_call_connection("unknown").get_call_properties()


async def test_a_request_without_a_signature_is_refused(acs: Stack) -> None:
    async with acs.http.get(acs.url + URL) as response:
        assert response.status == 401
        assert (await response.json())["error"]["code"] == "Denied"


async def test_a_signature_is_for_one_body(acs: Stack) -> None:
    headers: dict[str, str] = {}

    async def note(_session: object, _context: object, sent: object) -> None:
        headers.update(getattr(sent, "headers", {}))

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(note)
    async with (
        aiohttp.ClientSession(trace_configs=[tracing]) as session,
        client(acs.url, acs.settings, session=session, session_owner=False) as sdk,
    ):
        with pytest.raises(ResourceNotFoundError):
            await sdk.get_call_connection("unknown").get_call_properties()
    async with acs.http.get(acs.url + URL, headers=headers) as response:
        assert response.status == 404
    async with acs.http.get(acs.url + URL, headers=headers, data=b"{}") as response:
        assert response.status == 401


async def test_the_check_can_be_off() -> None:
    async with stack(access_key=None) as acs, acs.http.get(acs.url + URL) as response:
        assert response.status == 404


async def test_the_keys_are_public(acs: Stack) -> None:
    async with acs.http.get(f"{acs.url}/calling/keys") as response:
        assert response.status == 200
