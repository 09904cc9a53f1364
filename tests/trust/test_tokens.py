import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from jwt.algorithms import RSAAlgorithm

from callscribe.foundation.errors import UnauthorizedError
from callscribe.trust.tokens import LEEWAY, TokenPolicy, check_claims, check_token
from tests.trust.tokens import HEADER, ISSUER, KEY, In, a_token, encoded, good_claims
from tests.wire_strategies import ANY_TEXT

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWK = jwt.PyJWK(RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "one"})
SIGNATURE = "the signature does not match"
POLICY = TokenPolicy(frozenset({ISSUER, "https://sts.example"}), frozenset({"ours", "ours-too"}))


def check(token: str) -> object:
    return check_token(token, JWK, POLICY)


def assert_good(token: str, policy: TokenPolicy = POLICY) -> None:
    check_claims(token, policy)
    assert check_token(token, JWK, policy)


def assert_claims_refused(token: str, policy: TokenPolicy = POLICY, why: str = "malformed") -> None:
    """Hold that such claims are refused before the signature is looked at, and with a good one."""
    with pytest.raises(UnauthorizedError, match=why):
        check_claims(token, policy)
    with pytest.raises(UnauthorizedError, match=why):
        check_token(token, JWK, policy)


class TestToken:
    def test_its_claims_alone_are_good_whoever_signed_it(self) -> None:
        check_claims(jwt.encode(good_claims(), OTHER_KEY, "RS256", HEADER), POLICY)

    def test_a_good_one_tells_its_claims(self) -> None:
        claims = good_claims()
        assert check(a_token(claims=claims)) == claims

    def test_a_key_that_names_its_algorithm_is_no_different(self) -> None:
        key = jwt.PyJWK(RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "RS256")
        assert check_token(a_token(), key, POLICY)

    def test_one_without_a_signature_is_refused(self) -> None:
        header, payload, _ = a_token(HEADER | {"alg": "none"}).split(".")
        for token in (f"{header}.{payload}.", a_token().rpartition(".")[0] + "."):
            with pytest.raises(UnauthorizedError, match=SIGNATURE):
                check(token)

    def test_one_signed_with_the_public_key_as_a_secret_is_refused(self) -> None:
        pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signed = a_token(HEADER | {"alg": "HS256"}).rpartition(".")[0]
        signature = hmac.digest(pem, signed.encode(), "sha256")
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check(f"{signed}.{encoded(signature)}")

    @pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
    def test_one_of_another_algorithm_with_our_key_is_refused(self, algorithm: str) -> None:
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check(jwt.encode(good_claims(), KEY, algorithm, HEADER | {"alg": algorithm}))

    def test_another_algorithm_is_refused_though_the_issuers_key_names_it(self) -> None:
        key = jwt.PyJWK(RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "RS384")
        token = jwt.encode(good_claims(), KEY, "RS384", HEADER | {"alg": "RS384"})
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check_token(token, key, POLICY)

    def test_one_of_an_elliptic_curve_is_refused(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check(jwt.encode(good_claims(), key, "ES256", HEADER | {"alg": "ES256"}))

    def test_one_signed_by_somebody_else_is_refused(self) -> None:
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check(jwt.encode(good_claims(), OTHER_KEY, "RS256", HEADER))

    def test_one_that_was_changed_is_refused(self) -> None:
        header, _, signature = a_token().split(".")
        forged = encoded(json.dumps(good_claims() | {"exp": In(999).unix}).encode())
        with pytest.raises(UnauthorizedError, match=SIGNATURE):
            check(f"{header}.{forged}.{signature}")

    @pytest.mark.parametrize("claims", [[], "text", 7, b"null", b"no json", b"[" * 100_000])
    def test_one_without_readable_claims_is_refused(self, claims: object) -> None:
        assert_claims_refused(a_token(claims=claims))

    @pytest.mark.parametrize("token", ["\ud800.e30.AA", "e30.\ud800.AA", "e30.e30.\ud800", "é.e.e"])
    def test_one_that_is_no_ascii_is_refused(self, token: str) -> None:
        assert_claims_refused(token)

    @given(ANY_TEXT)
    def test_whatever_comes_is_refused_and_nothing_else(self, token: str) -> None:
        assert_claims_refused(token)

    @pytest.mark.parametrize(
        "issuer",
        [..., None, "", ISSUER + "/", ISSUER + ".evil.example", ISSUER[:-1], [ISSUER], {}, 7],
    )
    def test_another_issuer_is_refused(self, issuer: object) -> None:
        assert_claims_refused(a_token(iss=issuer), why="wrong issuer")

    def test_any_of_our_issuers_is_good(self) -> None:
        assert_good(a_token(iss="https://sts.example"))

    @pytest.mark.parametrize("audience", ["ours", "ours-too", ["ours"], ["ours", "ours-too"]])
    def test_a_token_for_us_alone_is_good(self, audience: object) -> None:
        assert_good(a_token(aud=audience))

    @pytest.mark.parametrize(
        "audience",
        [..., None, "", "theirs", "ours ", [], ["theirs"], ["ours", "theirs"], ["ours", 7], [[]]],
    )
    def test_a_token_for_others_or_for_others_too_is_refused(self, audience: object) -> None:
        assert_claims_refused(a_token(aud=audience), why="wrong audience")

    @pytest.mark.parametrize(
        "times",
        [
            {"exp": In(0)},
            {"exp": In(60 - LEEWAY)},
            {"exp": In(0.5)},
            {"nbf": ...},
            {"nbf": In(LEEWAY - 60)},
            {"iat": In(99_999)},
        ],
    )
    def test_times_within_the_leeway_are_good(self, times: dict[str, object]) -> None:
        assert_good(a_token(**times))

    @pytest.mark.parametrize(
        "times",
        [
            {"exp": ...},
            {"exp": None},
            {"exp": In(-60 - LEEWAY)},
            {"exp": 0},
            {"exp": -1},
            {"exp": "9999999999"},
            {"exp": 1e30},
            {"exp": 10**400},
            {"exp": True},
            {"exp": float("nan")},
            {"exp": float("inf")},
            {"exp": [9_999_999_999]},
            {"nbf": In(LEEWAY + 60)},
            {"nbf": None},
            {"nbf": "1"},
            {"nbf": False},
            {"nbf": 1e30},
            {"nbf": -1},
            {"nbf": float("nan")},
        ],
    )
    def test_other_times_are_refused(self, times: dict[str, object]) -> None:
        whys = "expired|not valid yet|expected a time|malformed"
        assert_claims_refused(a_token(**times), why=whys)

    @pytest.mark.parametrize("claim", ["sub", "jti"])
    def test_a_claim_that_must_be_text_is_refused_when_it_is_not(self, claim: str) -> None:
        assert_claims_refused(a_token(**{claim: 7}))


class TestFurtherClaims:
    WHO = TokenPolicy(
        frozenset({ISSUER}), frozenset({"ours"}), {"tid": frozenset({"us"}), "oid": frozenset("a")}
    )

    def test_a_token_with_all_of_them_is_good(self) -> None:
        token = a_token(tid="us", oid="a")
        assert_good(token, self.WHO)

    @pytest.mark.parametrize(
        "claims",
        [{}, {"tid": "us"}, {"tid": "us", "oid": "b"}, {"tid": "them", "oid": "a"}]
        + [{"tid": "us", "oid": "A"}, {"tid": "us", "OID": "a"}, {"oid": "a"}]
        + [{"tid": "us", "oid": odd} for odd in (None, ["a"], {"a": 1}, "")],
    )
    def test_one_that_lacks_any_is_refused(self, claims: dict[str, object]) -> None:
        assert_claims_refused(a_token(**claims), self.WHO, "wrong (tid|oid)")
