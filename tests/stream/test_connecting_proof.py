"""ACS's own token counts in both doors: a bad one is refused, a good one is noted."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from callscribe.calls.tickets import with_ticket
from callscribe.foundation.errors import NotFoundError, UnauthorizedError
from callscribe.foundation.moments import Seconds, later
from callscribe.stream.upstream import Kind, UpstreamEvent
from tests.fakes.clock import START
from tests.fakes.settings import settings
from tests.fakes.world import CALL_ID, LOST, World, outcome

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = jwt.PyJWK(RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "one"})
TICKET = "t" * 43


@pytest.fixture(params=["token", "ticket"])
def world(request: pytest.FixtureRequest) -> World:
    world = World(settings(WEBPUBSUB_STREAM_ADMISSION=request.param))
    world.keys.published = {"one": PUBLIC}
    world.given()
    world.calls.put(with_ticket(world.call, TICKET, later(START, Seconds(3_600)), START))
    return world


def dial(world: World, **claims: Any) -> UpstreamEvent:
    now = int(time.time())
    usual = {"iss": world.settings.acs_issuer, "aud": "resource", "exp": now + 300}
    token = jwt.encode(usual | claims, KEY, "RS256", {"kid": "one"})
    headers = {"Authorization": [f"Bearer {token}"]}
    body = {"query": {"call": [CALL_ID], "ticket": [TICKET]}, "headers": headers}
    return world.upstream(Kind.CONNECT, 0, body)


def proof(world: World) -> object:
    [row] = world.transcripts.of_kind(CALL_ID, "c")
    assert "Bearer" not in repr(row)
    return row["Proof"]


async def test_a_good_one_is_noted(world: World) -> None:
    await world.receive(dial(world), 10)
    assert proof(world) == f"{world.entrance.name}+acs"


async def test_one_of_somebody_else_changes_nothing(world: World) -> None:
    await world.receive(dial(world, iss="https://other.example"), 10)
    assert proof(world) == world.entrance.name


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"exp": 1}])
async def test_a_bad_one_is_refused_and_stores_nothing(
    world: World, claims: dict[str, Any]
) -> None:
    before = world.calls.saved.copy()
    failure = await outcome(world.receive(dial(world, **claims), 10))
    assert isinstance(failure, UnauthorizedError)
    assert world.calls.saved == before
    assert world.transcripts.log == []


async def test_where_acs_publishes_no_keys_now_the_doors_own_proof_is_enough(world: World) -> None:
    world.keys.down = True
    await world.receive(dial(world), 10)
    assert proof(world) == f"{world.entrance.name}+unchecked"
    assert world.clock.now() <= START + 2_000


async def test_a_token_of_acs_opens_no_door_by_itself(world: World) -> None:
    world.calls.saved.clear()
    failure = await outcome(world.receive(dial(world), 10))
    assert isinstance(failure, NotFoundError | UnauthorizedError)
    assert world.keys.log == []


async def test_a_bad_one_is_refused_also_where_storage_is_out() -> None:
    world = World()
    world.calls.fail("read", LOST)
    failure = await outcome(world.receive(dial(world, aud="another"), 10))
    assert isinstance(failure, UnauthorizedError)
