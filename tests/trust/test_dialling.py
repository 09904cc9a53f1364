"""ACS's own token on a dial is verified like a callback's; other senders' are none of ours."""

import asyncio

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from callscribe.foundation.deadline import Deadline
from callscribe.foundation.errors import UnauthorizedError
from callscribe.foundation.moments import Seconds
from callscribe.trust.dialling import PATIENCE, DialVerifier, Signed
from callscribe.trust.tokens import TokenPolicy
from callscribe.trust.verifying import TokenVerifier
from tests.fakes.keys import FakeSigningKeys
from tests.trust.tokens import HEADER, ISSUER, KEY, In, a_token

PUBLIC = jwt.PyJWK(RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "one"})


@pytest.fixture
def keys() -> FakeSigningKeys:
    keys = FakeSigningKeys()
    keys.published = {"one": PUBLIC}
    return keys


async def everybody(_call_id: str) -> bool:
    return True


async def proved(keys: FakeSigningKeys, *tokens: str, seconds: float = 10) -> Signed:
    policy = TokenPolicy(frozenset({ISSUER}), frozenset({"ours"}))
    verifier = DialVerifier(TokenVerifier(keys, policy, asyncio.Semaphore(2), everybody), ISSUER)
    bearers = [f"Bearer {each}" for each in tokens]
    return await verifier.verify(bearers, "call", Deadline.after(Seconds(seconds)))


async def test_a_token_of_acs_is_a_proof(keys: FakeSigningKeys) -> None:
    assert await proved(keys, a_token()) is Signed.ACS


@pytest.mark.parametrize("tokens", [(), ("a.b.c",), (a_token(iss="https://other.example"),)])
async def test_what_is_not_of_acs_proves_and_spoils_nothing(
    keys: FakeSigningKeys, tokens: tuple[str, ...]
) -> None:
    assert await proved(keys, *tokens) is Signed.ABSENT
    assert keys.log == []
    assert await proved(keys, *tokens, a_token()) is Signed.ACS


@pytest.mark.parametrize(
    "token",
    [
        a_token(aud="another's"),
        a_token(aud=["ours", "another's"]),
        a_token(exp=In(-301)),
        a_token(exp=...),
        a_token(nbf=In(86_400)),
        a_token(HEADER | {"alg": "HS256"}),
        a_token(HEADER | {"kid": "unknown"}),
        f"{a_token()[:-8]}AAAAAAAA",
        jwt.encode({"iss": ISSUER, "aud": "ours"}, "", "none"),
    ],
)
async def test_one_that_claims_to_be_and_is_not_valid_is_refused(
    keys: FakeSigningKeys, token: str
) -> None:
    with pytest.raises(UnauthorizedError):
        await proved(keys, token)


async def test_of_two_none_is_chosen(keys: FakeSigningKeys) -> None:
    with pytest.raises(UnauthorizedError):
        await proved(keys, a_token(), a_token())


@pytest.mark.parametrize(("left", "waited"), [(10, PATIENCE), (1, 1)])
async def test_keys_that_cannot_be_had_are_not_waited_for_long(
    keys: FakeSigningKeys, left: float, waited: float
) -> None:
    keys.down = True
    began = asyncio.get_running_loop().time()
    assert await proved(keys, a_token(), seconds=left) is Signed.UNCHECKED
    assert asyncio.get_running_loop().time() - began <= waited


async def test_a_token_with_wrong_claims_is_refused_though_keys_cannot_be_had(
    keys: FakeSigningKeys,
) -> None:
    keys.down = True
    with pytest.raises(UnauthorizedError):
        await proved(keys, a_token(aud="another's"))
