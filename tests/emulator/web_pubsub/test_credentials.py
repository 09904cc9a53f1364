"""The doors of a hub: tokens, headers that others issued, and clients without either."""

import json
from typing import Any

import pytest

from emulator.web_pubsub.hubs import ForeignAuthorization

from .peers import Emulator, Upstream, emulator_server

# What ACS brings: a token that another issuer has signed.
FOREIGN = {"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhY3MifQ.c2lnbmVk"}
NAMED: tuple[int, bytes, dict[str, str]] = (200, json.dumps({"userId": "call-1"}).encode(), {})


def address(emulator: Emulator, query: str = "call=1&ticket=t") -> str:
    """Return an address without a token."""
    return f"{emulator.url}/client/hubs/stream?{query}"


async def configure(emulator: Emulator, upstream: Upstream, **settings: Any) -> None:
    await emulator.configure(upstream.url, **settings)


async def test_a_foreign_header_is_ignored_beside_a_token(
    emulator: Emulator, upstream: Upstream
) -> None:
    """By default, as in Microsoft's emulator; upstream does not see it."""
    await emulator.open(emulator.client_url(sub="u"), headers=FOREIGN)

    [connect] = upstream.named("connect")
    assert connect.headers["ce-userId"] == "u"
    assert "Authorization" not in connect.json["headers"]


@pytest.mark.parametrize("how", ["refused", "refusedAlways"])
async def test_a_foreign_header_may_be_refused_in_spite_of_a_good_token(
    emulator: Emulator, upstream: Upstream, how: str
) -> None:
    """Before the upgrade and before any event, as the SignalR emulator does it."""
    await configure(emulator, upstream, ForeignAuthorization=how)

    assert await emulator.refused(emulator.client_url(), headers=FOREIGN) == 401
    assert upstream.requests == []
    assert not (await emulator.dial()).closed


async def test_where_headers_count_first_an_own_one_wins(
    emulator: Emulator, upstream: Upstream
) -> None:
    await configure(emulator, upstream, ForeignAuthorization="refused")
    own = {"Authorization": f"Bearer {emulator.token(sub='header')}"}
    await emulator.open(emulator.client_url(sub="query"), headers=own)

    assert upstream.named("connect")[0].headers["ce-userId"] == "header"


async def test_another_scheme_is_no_token(emulator: Emulator, upstream: Upstream) -> None:
    """Only bearers are looked at; what is left is not forwarded."""
    await configure(
        emulator, upstream, ForeignAuthorization="refusedAlways", ForwardAuthorization=True
    )
    await emulator.open(emulator.client_url(), headers={"Authorization": "Basic eDp5"})

    assert "Authorization" not in upstream.named("connect")[0].json["headers"]


async def test_a_foreign_header_may_reach_upstream(emulator: Emulator, upstream: Upstream) -> None:
    """A token of this service never does: with it upstream could act as the client."""
    await configure(emulator, upstream, ForwardAuthorization=True)
    await emulator.open(emulator.client_url(), headers=FOREIGN)
    own = {"Authorization": f"Bearer {emulator.token()}"}
    await emulator.open(address(emulator), headers=own)

    foreign, own_one = (connect.json for connect in upstream.named("connect"))
    assert foreign["headers"]["Authorization"] == [FOREIGN["Authorization"]]
    assert "access_token" not in foreign["query"]
    assert "Authorization" not in own_one["headers"]


@pytest.mark.parametrize("forward", [False, True])
@pytest.mark.parametrize("how", ["ignored", "refused"])
async def test_an_anonymous_client_is_whom_connect_says(
    emulator: Emulator, upstream: Upstream, how: str, *, forward: bool
) -> None:
    """Its query reaches upstream, claims it has none; a foreign header makes no difference."""
    await configure(
        emulator,
        upstream,
        AnonymousConnect="allow",
        ForeignAuthorization=how,
        ForwardAuthorization=forward,
    )
    upstream.answer("connect", NAMED)
    client = await emulator.open(address(emulator), headers=FOREIGN)
    await client.send_str("x")
    [message] = await upstream.got("message")

    [connect] = upstream.named("connect")
    assert "ce-userId" not in connect.headers
    assert connect.json["claims"] == {}
    assert connect.json["query"] == {"call": ["1"], "ticket": ["t"]}
    assert ("Authorization" in connect.json["headers"]) is forward
    assert message.headers["ce-userId"] == "call-1"


async def test_a_foreign_header_may_be_refused_of_anonymous_clients_too(
    emulator: Emulator, upstream: Upstream
) -> None:
    await configure(
        emulator, upstream, AnonymousConnect="allow", ForeignAuthorization="refusedAlways"
    )
    upstream.answer("connect", NAMED)

    assert await emulator.refused(address(emulator), headers=FOREIGN) == 401
    assert not (await emulator.open(address(emulator))).closed


async def test_where_headers_count_first_a_token_beside_one_is_not_looked_at(
    emulator: Emulator, upstream: Upstream
) -> None:
    """On an anonymous hub such a client is anonymous, whatever its address says."""
    await configure(emulator, upstream, AnonymousConnect="allow", ForeignAuthorization="refused")
    upstream.answer("connect", NAMED)
    await emulator.open(emulator.client_url(sub="u"), headers=FOREIGN)

    assert upstream.named("connect")[0].json["claims"] == {}


@pytest.mark.parametrize(
    "answer",
    [(204, b"", {}), (200, b"{}", {}), (200, b'{"userId": ""}', {}), (200, b'{"roles": []}', {})],
)
async def test_an_anonymous_client_without_a_user_id_is_dropped(
    emulator: Emulator, upstream: Upstream, answer: tuple[int, bytes, dict[str, str]]
) -> None:
    await configure(emulator, upstream, AnonymousConnect="allow")
    upstream.answer("connect", answer)

    assert await emulator.refused(address(emulator)) == 401
    assert "user id" in (await emulator.last("refused"))["closeReason"]
    assert [event.name for event in upstream.events] == ["connect"]


async def test_an_anonymous_hub_without_a_handler_lets_nobody_in(
    emulator: Emulator, upstream: Upstream
) -> None:
    await configure(emulator, upstream, AnonymousConnect="allow", system=["connected"])

    assert await emulator.refused(address(emulator)) == 401
    assert upstream.requests == []


@pytest.mark.parametrize("status", [401, 503])
async def test_upstream_may_refuse_an_anonymous_client(
    emulator: Emulator, upstream: Upstream, status: int
) -> None:
    await configure(emulator, upstream, AnonymousConnect="allow")
    upstream.answer("connect", (status, b"", {}))

    assert await emulator.refused(address(emulator)) == status


async def test_an_anonymous_hub_still_refuses_a_wrong_token(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Who shows a token is judged by it."""
    await configure(emulator, upstream, AnonymousConnect="allow")
    upstream.answer("connect", NAMED)

    assert await emulator.refused(emulator.client_url(exp=1)) == 401
    assert upstream.requests == []


async def test_what_hubs_leave_open_the_emulator_decides(upstream: Upstream) -> None:
    """Also of a hub without any settings."""
    async with emulator_server(
        foreign_authorization=ForeignAuthorization.REFUSED, forward_authorization=True
    ) as emulator:
        assert await emulator.refused(emulator.client_url("new"), headers=FOREIGN) == 401
        await configure(emulator, upstream, ForeignAuthorization="ignored")
        await emulator.open(emulator.client_url(), headers=FOREIGN)

    assert "Authorization" in upstream.named("connect")[0].json["headers"]
