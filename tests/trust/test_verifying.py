"""Nothing is believed without its proof; keys that cannot be had are not a wrong proof."""

import asyncio
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import KeysUnavailableError, UnauthorizedError
from callscribe.foundation.moments import Seconds, elapsed, later
from callscribe.trust.tokens import TokenPolicy
from callscribe.trust.verifying import MOST_WAITING, EntraUpstream, TokenVerifier
from tests.fakes.clock import START, FakeClock
from tests.fakes.keys import FakeSigningKeys
from tests.fakes.world import outcome

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = jwt.PyJWK(RSAAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True) | {"kid": "one"})
PATIENCE = Seconds(21)
CALL, INVENTED = "a-call", "no-call-that-there-is"
POLICY = TokenPolicy(frozenset({"issuer"}), frozenset({"audience"}))


def token(key_id: str = "one", **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": "issuer", "aud": "audience", "nbf": now, "exp": now + 300}
    return f"Bearer {jwt.encode(usual | claims, PRIVATE, 'RS256', headers={'kid': key_id})}"


def a_verifier(
    keys: FakeSigningKeys, policy: TokenPolicy = POLICY, waiting: asyncio.Semaphore | None = None
) -> TokenVerifier:
    """Return a verifier that knows of one call."""
    places = waiting or asyncio.Semaphore(MOST_WAITING)
    return TokenVerifier(keys, policy, places, is_known)


def unread() -> str:
    """Stand for what a sender says, where that is not to be looked at."""
    raise AssertionError("parsed for nobody")


async def is_known(call_id: str) -> bool:
    return call_id == CALL


def in_time() -> Deadline:
    """Return the deadline of a request that begins now."""
    return Deadline.after(PATIENCE)


@pytest.fixture
def keys() -> FakeSigningKeys:
    published = FakeSigningKeys()
    published.published["one"] = PUBLIC
    return published


async def test_a_good_token_is_believed(keys: FakeSigningKeys) -> None:
    claims = await a_verifier(keys).verify(token(), lambda: CALL, in_time())
    assert claims["iss"] == "issuer"


@pytest.mark.parametrize("claims", [{"iss": "other"}, {"aud": "other"}, {"exp": 1}])
async def test_a_token_for_somebody_else_is_not(
    keys: FakeSigningKeys, claims: dict[str, Any]
) -> None:
    work = a_verifier(keys).verify(token(**claims), lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)


@pytest.mark.parametrize(
    "header", ["", "Basic x", "Bearer", "Bearer  x", "Bearer " + "x" * 100_000]
)
async def test_what_is_no_token_costs_no_fetch(keys: FakeSigningKeys, header: str) -> None:
    work = a_verifier(keys).verify(header, lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)
    assert keys.log == []


@pytest.mark.parametrize(
    "claims", [{"iss": "other"}, {"aud": "other"}, {"aud": ["audience", "other"]}, {"exp": 1}]
)
async def test_claims_that_are_not_ours_cost_no_fetch_and_are_wrong_whatever_the_key(
    keys: FakeSigningKeys, claims: dict[str, Any]
) -> None:
    """Who does not know whom our tokens are for cannot have keys fetched by inventing ids."""
    keys.down = True
    work = a_verifier(keys).verify(token("invented", **claims), lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)
    assert keys.log == []


async def test_a_key_that_the_issuer_does_not_have_is_no_proof(keys: FakeSigningKeys) -> None:
    work = a_verifier(keys).verify(token("two"), lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)


async def test_keys_that_cannot_be_had_are_unavailable_and_not_unauthorized(
    keys: FakeSigningKeys,
) -> None:
    keys.down = True
    work = a_verifier(keys).verify(token(), lambda: CALL, in_time())
    assert isinstance(await outcome(work), KeysUnavailableError)


async def test_a_rotated_key_is_waited_for_and_no_stream_is_hung_up(keys: FakeSigningKeys) -> None:
    """Twenty streams go on speaking, each event after the other, while the key is unknown."""
    verifier, clock = a_verifier(keys), FakeClock()

    async def stream(name: str) -> None:
        for _ in range(3):
            await verifier.verify(token(name), lambda: CALL, in_time())

    await stream("one")
    keys.down = True
    streams = [asyncio.ensure_future(stream("two")) for _ in range(20)]
    await asyncio.sleep(15)
    keys.published["two"] = PUBLIC
    keys.down = False
    await asyncio.gather(*streams)
    assert clock.now() <= later(START, Seconds(17))


async def test_while_a_new_key_is_waited_for_known_ones_are_good_at_once(
    keys: FakeSigningKeys,
) -> None:
    verifier, clock = a_verifier(keys), FakeClock()
    await verifier.verify(token(), lambda: CALL, in_time())
    keys.down = True
    crowd = [
        asyncio.ensure_future(outcome(verifier.verify(token("two"), lambda: CALL, in_time())))
        for _ in range(99)
    ]
    await asyncio.sleep(1)
    await verifier.verify(token(), lambda: CALL, in_time())
    assert clock.now() == later(START, Seconds(1))
    await asyncio.gather(*crowd)


async def test_only_so_many_wait_for_a_key_and_the_others_hear_at_once(
    keys: FakeSigningKeys,
) -> None:
    """Not even who knows of a call can take all the requests of an instance."""
    verifier, clock = a_verifier(keys), FakeClock()
    keys.down = True
    told: list[float] = []

    async def invent(number: int) -> None:
        failure = await outcome(
            verifier.verify(token(f"invented-{number}"), lambda: CALL, in_time())
        )
        assert isinstance(failure, KeysUnavailableError)
        told.append(elapsed(START, clock.now()))

    await asyncio.gather(*(invent(number) for number in range(100)))
    assert told[: 100 - MOST_WAITING] == [0] * (100 - MOST_WAITING)
    assert all(PATIENCE - 2 <= when <= PATIENCE for when in told[100 - MOST_WAITING :])

    asyncio.get_running_loop().call_later(5, setattr, keys, "down", False)
    await verifier.verify(token(), lambda: CALL, in_time())


@pytest.mark.parametrize("down", [False, True])
async def test_who_names_no_call_waits_for_no_key_and_has_none_fetched(
    keys: FakeSigningKeys, *, down: bool
) -> None:
    """However many key ids are invented: nothing is held, whatever the issuer does."""
    verifier, clock = a_verifier(keys), FakeClock()
    keys.down = down
    keys.hang("find", 3600)

    async def invent(number: int) -> None:
        work = verifier.verify(token(f"invented-{number}"), lambda: INVENTED, in_time())
        assert isinstance(await outcome(work), UnauthorizedError)

    await asyncio.gather(*(invent(number) for number in range(100)))
    assert keys.log == []
    assert clock.now() == START


async def test_strangers_take_no_place_of_those_who_wait_for_a_new_key(
    keys: FakeSigningKeys,
) -> None:
    """A key is rotated in while its issuer is out, and strangers invent ids all the time."""
    verifier, clock = a_verifier(keys), FakeClock()
    await verifier.verify(token(), lambda: CALL, in_time())
    keys.down = True

    async def strangers() -> None:
        for number in range(100):
            crowd = (
                outcome(
                    verifier.verify(token(f"invented-{number}-{each}"), lambda: INVENTED, in_time())
                )
                for each in range(3)
            )
            await asyncio.gather(*crowd)
            await asyncio.sleep(0.1)

    crowd = asyncio.ensure_future(strangers())
    streams = [
        asyncio.ensure_future(verifier.verify(token("two"), lambda: CALL, in_time()))
        for _ in range(MOST_WAITING)
    ]
    await asyncio.sleep(5)
    keys.published["two"] = PUBLIC
    keys.down = False
    await asyncio.gather(*streams)
    assert clock.now() <= later(START, Seconds(7))
    await crowd


async def test_a_known_key_is_enough_whatever_call_is_named(keys: FakeSigningKeys) -> None:
    """That there is no such call is then for others to say."""
    verifier = a_verifier(keys)
    await verifier.verify(token(), lambda: CALL, in_time())
    assert await verifier.verify(token(), lambda: INVENTED, in_time())


async def test_an_issuer_that_hangs_is_given_up_in_time(keys: FakeSigningKeys) -> None:
    clock = FakeClock()
    keys.fail("find", KeysUnavailableError("cooldown"))
    keys.hang("find", 3600)
    failure = await outcome(a_verifier(keys).verify(token(), lambda: CALL, in_time()))
    assert isinstance(failure, KeysUnavailableError)
    assert clock.now() == later(START, PATIENCE)


WHO = TokenPolicy(
    frozenset({"issuer"}),
    frozenset({"audience"}),
    {"tid": frozenset({"tenant"}), "oid": frozenset({"identity"})},
)


def _event(**claims: Any) -> dict[str, str]:
    return {"authorization": token(**claims)}


async def test_an_upstream_event_is_believed_by_its_token_alone(keys: FakeSigningKeys) -> None:
    upstream = EntraUpstream(a_verifier(keys, WHO))
    await upstream.verify(_event(tid="tenant", oid="identity"), "no code", lambda: CALL, in_time())


async def test_an_event_of_no_call_has_no_key_fetched(keys: FakeSigningKeys) -> None:
    upstream = EntraUpstream(a_verifier(keys, WHO))
    event = _event(tid="tenant", oid="identity")
    work = upstream.verify(event, "no code", lambda: INVENTED, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)
    assert keys.log == []


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"tid": "tenant"},
        {"oid": "identity"},
        {"tid": "tenant", "oid": "somebody"},
        {"tid": "elsewhere", "oid": "identity"},
        {"tid": ["tenant"], "oid": "identity"},
    ],
)
async def test_a_token_of_another_identity_is_not(
    keys: FakeSigningKeys, claims: dict[str, Any]
) -> None:
    upstream = EntraUpstream(a_verifier(keys, WHO))
    work = upstream.verify(_event(**claims), "code", lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)


async def test_an_upstream_event_without_a_token_is_not(keys: FakeSigningKeys) -> None:
    upstream = EntraUpstream(a_verifier(keys, WHO))
    work = upstream.verify({"ce-signature": "sha256=x"}, "code", lambda: CALL, in_time())
    assert isinstance(await outcome(work), UnauthorizedError)


@pytest.mark.parametrize("claims", [{}, {"aud": "elsewhere"}])
async def test_what_a_sender_says_is_not_looked_at_where_the_key_or_the_claims_decide(
    keys: FakeSigningKeys, claims: dict[str, Any]
) -> None:
    verifier = a_verifier(keys)
    await verifier.verify(token(), lambda: CALL, in_time())
    refused = await outcome(verifier.verify(token(**claims), unread, in_time()))
    assert type(refused) is (UnauthorizedError if claims else type(None))
