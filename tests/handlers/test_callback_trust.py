"""Who may send callbacks: ACS alone, by a token that is its own, for us and of now."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from multidict import CIMultiDict

from callscribe.foundation.identifiers import new_call_id
from callscribe.foundation.moments import Ms
from emulator.stack import Stack
from tests.handlers.acs_peer import AUDIENCE, KEY_ID, AcsPeer
from tests.handlers.conftest import TIMES, surface_settings
from tests.handlers.surface import Surface
from tests.handlers.wire import Call, assert_refused, callback

pytestmark = pytest.mark.asyncio(loop_scope="session")

MakeToken = Callable[[AcsPeer], str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def call(app: Surface) -> Call:
    """One call that the refused callbacks of this file are for."""
    return await app.ring()


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjp3b3Jk",
        "Bearer Bearer {token}",
        "{token}",
        "Bearer {token},Bearer {token}",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer " + "x" * 7_000,
    ],
    ids=lambda text: str(text)[:30],
)
async def test_without_one_token_nothing_is_looked_at(
    app: Surface, call: Call, authorization: str | None
) -> None:
    before, fetches = await app.stored(call.id), app.acs.key_fetches
    token = app.acs.token()
    headers = {"Authorization": authorization.format(token=token)} if authorization else {}
    body = json.dumps([callback(call, "CallDisconnected")])
    answer = await app.request("POST", f"/api/callbacks/{call.id}", data=body, headers=headers)
    assert_refused(answer, 401, "unauthorized")
    assert await app.stored(call.id) == before
    assert app.acs.key_fetches == fetches


@pytest.mark.parametrize("second", ["Bearer {token}", "Bearer x", "Basic eA=="])
async def test_of_two_lines_with_a_token_none_is_chosen(
    app: Surface, call: Call, second: str
) -> None:
    before, token = await app.stored(call.id), app.acs.token()
    headers = CIMultiDict({"Authorization": f"Bearer {token}"})
    headers.add("Authorization", second.format(token=token))
    body = json.dumps([callback(call, "CallDisconnected")])
    answer = await app.request("POST", f"/api/callbacks/{call.id}", data=body, headers=headers)
    assert_refused(answer, 401, "unauthorized")
    assert await app.stored(call.id) == before


def _unsigned(acs: AcsPeer) -> str:
    return acs.token(key="", algorithm="none")


def _signed_with_the_public_key(acs: AcsPeer) -> str:
    """The well-known confusion: the public key taken for a shared secret; made by hand."""
    public = acs.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = acs.token().split(".")[1]
    signed = f"{_base64({'alg': 'HS256', 'kid': KEY_ID})}.{claims}"
    signature = jwt.get_algorithm_by_name("HS256").sign(signed.encode(), public)
    return f"{signed}.{_base64(signature)}"


def _base64(content: bytes | dict[str, Any]) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _changed(acs: AcsPeer) -> str:
    head, _, signature = acs.token().split(".")
    _, claims, _ = acs.token(exp=int(time.time()) + 999).split(".")
    return f"{head}.{claims}.{signature}"


def _elsewhere(header: str) -> MakeToken:
    return lambda acs: acs.token(acs.other_key, headers={header: f"{acs.url}/elsewhere/keys"})


def _claims(**claims: Any) -> MakeToken:
    return lambda acs: acs.token(**claims)


def _in(seconds: float, name: str) -> MakeToken:
    def make(acs: AcsPeer) -> str:
        claims: dict[str, Any] = {name: int(time.time() + seconds)}
        return acs.token(**claims)

    return make


def _header(**headers: Any) -> MakeToken:
    return lambda acs: acs.token(headers=headers)


def _with_its_own_key(acs: AcsPeer) -> str:
    public = RSAAlgorithm.to_jwk(acs.other_key.public_key(), as_dict=True)
    return acs.token(acs.other_key, headers={"jwk": public})


def _with_text_expiry(acs: AcsPeer) -> str:
    """PyJWT would not make one: signed by hand."""
    head = acs.token().split(".")[0]
    signed = f"{head}.{_base64({'iss': acs.url, 'aud': AUDIENCE, 'exp': 'tomorrow'})}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), acs.key)
    return f"{signed}.{_base64(signature)}"


ALGORITHM, SIGNATURE = "expected an RS256 token", "the signature does not match"
KEY, AUDIENCES, ISSUERS = "expected a key id", "wrong audience", "wrong issuer"
FORGED: dict[str, tuple[MakeToken, str]] = {
    "alg none": (_unsigned, ALGORITHM),
    "HS256 with the public key": (_signed_with_the_public_key, ALGORITHM),
    "RS384": (lambda acs: acs.token(algorithm="RS384"), ALGORITHM),
    "PS256": (lambda acs: acs.token(algorithm="PS256"), ALGORITHM),
    "ES256": (lambda acs: acs.token(ec.generate_private_key(ec.SECP256R1()), "ES256"), ALGORITHM),
    "another key": (lambda acs: acs.token(acs.other_key), SIGNATURE),
    "another key with jku": (_elsewhere("jku"), SIGNATURE),
    "another key with x5u": (_elsewhere("x5u"), SIGNATURE),
    "a jwk of its own": (_with_its_own_key, SIGNATURE),
    "changed claims": (_changed, SIGNATURE),
    "unknown crit": (_header(crit=["exp"], exp=1), "not a token"),
    "no kid": (_header(kid=None), KEY),
    "a long kid": (_header(kid="k" * 300), KEY),
    "a path as kid": (_header(kid="../../etc/passwd"), KEY),
    "wrong audience": (_claims(aud="another"), AUDIENCES),
    "audience with another": (_claims(aud=[AUDIENCE, "another"]), AUDIENCES),
    "no audience": (_claims(aud=None), AUDIENCES),
    "empty audience": (_claims(aud=[]), AUDIENCES),
    "wrong issuer": (_claims(iss="https://login.example"), ISSUERS),
    "issuer that begins like ours": (lambda acs: acs.token(iss=f"{acs.url}.evil"), ISSUERS),
    "no issuer": (_claims(iss=None), ISSUERS),
    "expired": (_in(-400, "exp"), "expired"),
    "not yet valid": (_in(400, "nbf"), "not valid yet"),
    "no expiry": (_claims(exp=None), "expected a time"),
    "an expiry beyond time": (_claims(exp=1e30), "expected a time in this age"),
    "an expiry that is no number": (_with_text_expiry, "malformed"),
}


@pytest.mark.parametrize(("make", "why"), FORGED.values(), ids=FORGED.keys())
async def test_a_token_that_is_not_the_issuers_own_is_refused(
    app: Surface, call: Call, make: MakeToken, why: str
) -> None:
    before, fetches = await app.stored(call.id), app.acs.key_fetches
    body = [callback(call, "CallDisconnected")]
    message = assert_refused(await app.call_back(call.id, body, make(app.acs)), 401, "unauthorized")
    assert message == "the sender could not be verified"
    assert app.logged("refused")[-1]["why"] == why
    assert await app.stored(call.id) == before
    assert app.acs.key_fetches <= fetches + 1  # of the first callback there was
    assert app.acs.led_astray == 0


@pytest.mark.parametrize(
    "make",
    [_claims(), _claims(aud=[AUDIENCE]), _in(-200, "exp"), _in(200, "nbf"), _claims(nbf=None)],
    ids=["plain", "audience as a list", "just expired", "clock behind", "no nbf"],
)
async def test_a_token_within_five_minutes_of_the_clock_is_accepted(
    app: Surface, call: Call, make: MakeToken
) -> None:
    assert (await app.call_back(call.id, [], make(app.acs))).status == 200


@asynccontextmanager
async def _another(
    app: Surface, new_stack: Callable[..., Stack], jwks_url: str
) -> AsyncIterator[Surface]:
    """Start another instance of the app, which knows no keys yet, over the same storage."""
    shared = ("TranscriptStorage", "AzureWebJobsStorage", "WEBPUBSUB_ENDPOINT")
    same = {name: app.stack.settings[name] for name in shared}
    overrides = surface_settings(app.acs) | same | {"ACS_JWKS_URL": jwks_url}
    without = ["azurite", "web-pubsub", "acs"]
    async with new_stack(without=without, overrides=overrides, times=TIMES) as stack:
        yield app.beside(stack)


async def test_unknown_key_ids_cost_the_issuer_one_fetch_and_may_be_new_keys(
    app: Surface, call: Call, new_stack: Callable[..., Stack]
) -> None:
    """Within the cooldown it may be a key that was just rotated in: waited for, then 503."""
    token = app.acs.token(app.acs.other_key, headers={"kid": "another-key"})
    async with _another(app, new_stack, f"{app.acs.url}/calling/keys") as new:
        assert (await new.call_back(call.id, [])).status == 200
        fetches = new.acs.key_fetches
        answers = await asyncio.gather(*(new.call_back(call.id, [], token) for _ in range(8)))
    for answer in answers:
        code = {401: "unauthorized", 503: "unavailable"}[answer.status]
        assert_refused(answer, answer.status, code)
    assert [answer.status for answer in answers].count(503) >= 7
    assert app.acs.key_fetches <= fetches + 1


async def test_unknown_key_ids_for_a_call_that_never_was_cost_no_fetch_and_are_not_waited_for(
    app: Surface, call: Call, new_stack: Callable[..., Stack]
) -> None:
    """Though the issuer was asked a moment ago; and the same key for a call that there is is."""
    unknown = new_call_id(Ms(1_795_373_643_000), "nobody rang")
    async with _another(app, new_stack, f"{app.acs.url}/calling/keys") as new:
        fetches = new.acs.key_fetches
        tokens = [app.acs.token(headers={"kid": f"invented-{number}"}) for number in range(40)]
        work = (new.call_back(unknown, [], token) for token in tokens)
        for answer in await asyncio.gather(*work):
            assert_refused(answer, 401, "unauthorized")
        assert new.acs.key_fetches == fetches
        assert (await new.call_back(call.id, [])).status == 200
        assert new.acs.key_fetches == fetches + 1
        assert_refused(await new.call_back(unknown, []), 404, "notFound")


async def test_a_refused_sender_is_logged_with_the_reason(app: Surface) -> None:
    call = await app.ring()
    await app.call_back(call.id, [], app.acs.token(aud="another"))
    (line,) = app.logged("refused", callId=call.id)
    assert line == {
        "event": "refused",
        "callId": call.id,
        "function": "call_events",
        "status": 401,
        "why": "wrong audience",
    }


@pytest_asyncio.fixture(loop_scope="session")
async def cold(
    app: Surface, acs: AcsPeer, new_stack: Callable[..., Stack]
) -> AsyncIterator[Surface]:
    """Another instance of the app, whose key document has moved elsewhere."""
    async with _another(app, new_stack, f"{acs.url}/redirecting/keys") as moved:
        yield moved


async def test_without_signing_keys_the_answer_is_503_and_no_redirect_is_followed(
    cold: Surface, call: Call
) -> None:
    """Not 401: ACS must not learn that its own callbacks are refused for good."""
    fetches, body = cold.acs.key_fetches, [callback(call, "CallConnected")]
    for answer in await asyncio.gather(*(cold.call_back(call.id, body) for _ in range(3))):
        assert_refused(answer, 503, "unavailable")
    assert cold.acs.key_fetches > fetches
    assert cold.acs.led_astray == 0
    assert cold.leaks() == []
