"""A share of all requests fails, by chance that is the same each time; and connections break."""

from typing import Any

import pytest
from azure.communication.callautomation import PhoneNumberIdentifier
from azure.core.exceptions import AzureError, ServiceRequestError

from .calling import create, only_call, outgoing
from .peers import CALLEE, Json
from .stacks import Stack, first_sent

NUMBERS = [f"+4989{number:06}" for number in range(60)]


async def season(acs: Stack, **forecast: Any) -> tuple[list[str], Json]:
    """Make a call to each number, and return what became of each, and the weather's own count."""
    await acs.control("POST", "reset")
    assert (await acs.control("PUT", "weather", forecast))[0] == 204
    became = []
    for number in NUMBERS:
        try:
            await create(acs, PhoneNumberIdentifier(number))
        except AzureError as problem:
            became.append(f"{type(problem).__name__} {getattr(problem, 'status_code', '')}".strip())
        else:
            became.append("placed")
    return became, (await acs.control("GET", "weather"))[1]


async def test_the_same_seed_strikes_the_same_requests(acs: Stack) -> None:
    first, counted = await season(acs, share=0.3, seed=1, hold=0.01)
    assert await season(acs, share=0.3, seed=1, hold=0.01) == (first, counted)
    assert (await season(acs, share=0.3, seed=2, hold=0.01))[0] != first
    struck = sum(counted["struck"]["createCall"].values())
    assert counted["asked"] == len(NUMBERS)
    assert 8 <= struck <= 30
    assert len(counted["struck"]["createCall"]) > 3


@pytest.mark.parametrize(
    ("kind", "dialled", "became"),
    [
        ("429", 0, "HttpResponseError 429"),
        ("500", 0, "HttpResponseError 500"),
        ("503", 0, "HttpResponseError 503"),
        ("timeout", 60, "placed"),
        ("swallowed", 0, "ServiceRequestError"),
        ("reset", 0, "ServiceRequestError"),
        ("replyLost", 60, "ServiceRequestError"),
    ],
)
async def test_each_kind_is_done_or_not(acs: Stack, kind: str, dialled: int, became: str) -> None:
    found, counted = await season(acs, share=1, kinds=[kind], on=["createCall"], hold=0.001)
    assert set(found) == {became}
    assert counted["struck"] == {"createCall": {kind: 60}}
    phones = (await acs.control("GET", "phones"))[1]
    assert sum(phone["dialled"] for phone in phones) == dialled


async def test_only_the_operations_that_are_named_are_struck(acs: Stack) -> None:
    await acs.control("PUT", "weather", {"share": 1, "on": ["hangUp"], "kinds": ["503"]})
    await outgoing(acs, stay=True)
    created = await create(acs)
    await acs.peer.callback("CallConnected")
    connection = acs.sdk.get_call_connection(created.call_connection_id or "")
    with pytest.raises(AzureError, match="Service Unavailable"):
        await connection.hang_up(is_for_everyone=True, headers=first_sent())
    assert (await acs.control("DELETE", "weather"))[0] == 204
    await connection.hang_up(is_for_everyone=True, headers=first_sent())
    assert (await acs.control("GET", "weather"))[1]["forecast"] is None


async def test_a_connection_breaks_before_anything_is_done(acs: Stack) -> None:
    await outgoing(acs, stay=True)
    await acs.fault(on="createCall", do="reset")
    with pytest.raises(ServiceRequestError):
        await create(acs)
    assert await acs.list_calls() == []
    await create(acs)
    assert (await only_call(acs))["to"] == f"4:{CALLEE}"


async def test_an_impossible_forecast_is_refused(acs: Stack) -> None:
    for forecast in ({"share": 0}, {"share": 1, "on": ["redirect"]}, {"share": 1, "kinds": []}):
        assert (await acs.control("PUT", "weather", forecast))[0] == 400
