"""Nothing is believed without its proof; keys that cannot be had are not a wrong proof."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from callscribe.domain.errors import KeysUnavailableError, UnauthorizedError
from callscribe.domain.trust import TokenPolicy
from callscribe.services.verifying import EntraUpstream, TokenVerifier
from tests.fakes.clock import START, FakeClock
from tests.fakes.keys import FakeSigningKeys
from tests.services.world import outcome

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = jwt.PyJWK(RSAAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True) | {"kid": "one"})
POLICY = TokenPolicy(frozenset({"issuer"}), frozenset({"audience"}))


def token(key_id: str = "one", **claims: Any) -> str:
    now = START // 1000
    usual = {"iss": "issuer", "aud": "audience", "nbf": now, "exp": now + 300}
    return f"Bearer {jwt.encode(usual | claims, PRIVATE, 'RS256', headers={'kid': key_id})}"


@pytest.fixture
def keys() -> FakeSigningKeys:
    published = FakeSigningKeys()
    published.published["one"] = PUBLIC
    return published


async def test_a_good_token_is_believed(keys: FakeSigningKeys) -> None:
    claims = await TokenVerifier(keys, POLICY, FakeClock()).verify(token())
    assert claims["iss"] == "issuer"


@pytest.mark.parametrize("claims", [{"iss": "other"}, {"aud": "other"}, {"exp": 1}])
async def test_a_token_for_somebody_else_is_not(
    keys: FakeSigningKeys, claims: dict[str, Any]
) -> None:
    work = TokenVerifier(keys, POLICY, FakeClock()).verify(token(**claims))
    assert isinstance(await outcome(work), UnauthorizedError)


@pytest.mark.parametrize(
    "header", ["", "Basic x", "Bearer", "Bearer  x", "Bearer " + "x" * 100_000]
)
async def test_what_is_no_token_costs_no_fetch(keys: FakeSigningKeys, header: str) -> None:
    work = TokenVerifier(keys, POLICY, FakeClock()).verify(header)
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
    work = TokenVerifier(keys, POLICY, FakeClock()).verify(token("invented", **claims))
    assert isinstance(await outcome(work), UnauthorizedError)
    assert keys.log == []


async def test_a_key_that_the_issuer_does_not_have_is_no_proof(keys: FakeSigningKeys) -> None:
    work = TokenVerifier(keys, POLICY, FakeClock()).verify(token("two"))
    assert isinstance(await outcome(work), UnauthorizedError)


async def test_keys_that_cannot_be_had_are_unavailable_and_not_unauthorized(
    keys: FakeSigningKeys,
) -> None:
    keys.down = True
    work = TokenVerifier(keys, POLICY, FakeClock()).verify(token())
    assert isinstance(await outcome(work), KeysUnavailableError)


WHO = TokenPolicy(
    frozenset({"issuer"}),
    frozenset({"audience"}),
    {"tid": frozenset({"tenant"}), "oid": frozenset({"identity"})},
)


async def test_an_upstream_event_is_believed_by_its_token_alone(keys: FakeSigningKeys) -> None:
    upstream = EntraUpstream(TokenVerifier(keys, WHO, FakeClock()))
    await upstream.verify({"authorization": token(tid="tenant", oid="identity")}, "no code")


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
    upstream = EntraUpstream(TokenVerifier(keys, WHO, FakeClock()))
    work = upstream.verify({"authorization": token(**claims)}, "code")
    assert isinstance(await outcome(work), UnauthorizedError)


async def test_an_upstream_event_without_a_token_is_not(keys: FakeSigningKeys) -> None:
    upstream = EntraUpstream(TokenVerifier(keys, WHO, FakeClock()))
    work = upstream.verify({"ce-signature": "sha256=x"}, "code")
    assert isinstance(await outcome(work), UnauthorizedError)
