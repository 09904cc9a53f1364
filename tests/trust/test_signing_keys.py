"""What an issuer publishes besides its RS256 keys proves nothing, and spoils nothing."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from callscribe.foundation.errors import BadInputError
from callscribe.trust.signing_keys import published_keys

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TOKEN = jwt.encode({"iss": "issuer"}, KEY, "RS256")
PUBLIC = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
OTHER = RSAAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True)
GOOD = PUBLIC | {"kid": "one", "use": "sig", "alg": "RS256"}


def _public(size: int) -> dict[str, object]:
    small = rsa.generate_private_key(public_exponent=65537, key_size=size)
    return RSAAlgorithm.to_jwk(small.public_key(), as_dict=True)


ODD_KEYS: dict[str, object] = {
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0"},
    "a shared secret that calls itself RS256": {"kty": "oct", "k": "c2VjcmV0", "alg": "RS256"},
    "an elliptic curve": {"kty": "EC", "crv": "P-256", "x": PUBLIC["n"], "y": PUBLIC["n"]},
    "a private half": RSAAlgorithm.to_jwk(OTHER_KEY, as_dict=True) | {"key_ops": ["verify"]},
    "a small key": _public(1024),
    "a key to encrypt with": OTHER | {"use": "enc"},
    "a key to sign with": OTHER | {"key_ops": ["sign"]},
    "operations that are no list": OTHER | {"key_ops": "verify"},
    "another hash": OTHER | {"alg": "RS384"},
    "another padding": OTHER | {"alg": "PS256"},
    "an algorithm that is none": OTHER | {"alg": ["RS256"]},
    "a use that is none": OTHER | {"use": ["sig"]},
    "no modulus": {"kty": "RSA", "e": "AQAB"},
    "a modulus that is none": {"kty": "RSA", "e": "AQAB", "n": 7},
    "an exponent of one": OTHER | {"e": "AQ"},
    "no text": OTHER | {"n": "\ud800\u0661"},
    "a type that is none": OTHER | {"kty": {}},
    "no type": {"n": PUBLIC["n"], "e": PUBLIC["e"]},
}


ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | ANY_TEXT,
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=5,
)


def proves(key: jwt.PyJWK) -> bool:
    return jwt.decode(TOKEN, key, algorithms=["RS256"]) == {"iss": "issuer"}


class TestKeys:
    def test_an_issuers_keys_are_known_by_their_ids(self) -> None:
        found = published_keys({"keys": [GOOD, OTHER | {"kid": "two"}]})
        assert list(found) == ["one", "two"]
        assert proves(found["one"])

    @pytest.mark.parametrize(
        "says",
        [
            {},
            {"use": "sig"},
            {"alg": "RS256"},
            {"key_ops": ["sign", "verify"]},
            {"use": None, "alg": None, "key_ops": None},
            {"x5c": [7]},
        ],
    )
    def test_a_key_need_not_say_what_it_is_for(self, says: dict[str, object]) -> None:
        plain = {"kty": "RSA", "n": PUBLIC["n"], "e": PUBLIC["e"], "kid": "one"}
        assert list(published_keys({"keys": [plain | says]})) == ["one"]

    @pytest.mark.parametrize("odd", ODD_KEYS.values(), ids=ODD_KEYS.keys())
    def test_a_key_that_signs_no_tokens_of_ours_neither_counts_nor_spoils_the_others(
        self, odd: dict[str, object]
    ) -> None:
        """Before the good one, after it, or under the same id."""
        for kid in ("odd", "one"):
            named = odd | {"kid": kid}
            for keys in ([named, GOOD], [GOOD, named]):
                found = published_keys({"keys": keys})
                assert list(found) == ["one"]
                assert proves(found["one"])
            with pytest.raises(BadInputError):
                published_keys({"keys": [named]})

    @pytest.mark.parametrize("kid", [None, "", 7, ["one"], {"one": 1}, True])
    def test_a_key_without_an_id_is_none(self, kid: object) -> None:
        assert list(published_keys({"keys": [OTHER | {"kid": kid}, GOOD]})) == ["one"]

    def test_a_key_that_says_nothing_of_an_id_is_none(self) -> None:
        assert list(published_keys({"keys": [OTHER, GOOD]})) == ["one"]

    def test_of_two_keys_of_one_id_the_first_counts(self) -> None:
        found = published_keys({"keys": [GOOD, OTHER | {"kid": "one"}]})
        assert proves(found["one"])

    @pytest.mark.parametrize(
        "document",
        [{}, {"keys": []}, {"keys": None}, {"keys": "one"}, {"keys": GOOD}, {"keys": [1, [], {}]}],
        ids=["nothing", "no keys", "null", "text", "an object", "things that are no keys"],
    )
    def test_a_document_without_any_is_refused(self, document: dict[str, object]) -> None:
        with pytest.raises(BadInputError):
            published_keys(document)

    @given(st.dictionaries(st.sampled_from(["kty", "n", "e", "d", "alg", "use", "kid"]), ANY_JSON))
    def test_whatever_is_published_spoils_nothing(self, odd: dict[str, object]) -> None:
        assert "one" in published_keys({"keys": [OTHER | {"kid": "odd"} | odd, GOOD]})
