import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import UnauthorizedError
from callscribe.trust.tokens import LONGEST_TOKEN, bearer_token, claimed_issuer, key_id
from tests.trust.tokens import HEADER, ISSUER, a_token, encoded
from tests.wire_strategies import ANY_TEXT


class TestBearer:
    @pytest.mark.parametrize(
        "header", ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", " Bearer a.b.c "]
    )
    def test_a_token_follows_the_scheme(self, header: str) -> None:
        assert bearer_token(header) == "a.b.c"

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer ",
            "a.b.c",
            "Basic a.b.c",
            "Bearer Bearer a.b.c",
            "Bearer a.b.c, Bearer a.b.c",
            "Bearer  a.b.c",
            "Bearer\ta.b.c",
            "Bearer " + "a" * (LONGEST_TOKEN + 1),
            "Bearer " + "a" * 100_000,
        ],
    )
    def test_anything_else_is_refused(self, header: str) -> None:
        with pytest.raises(UnauthorizedError):
            bearer_token(header)


class TestClaimedIssuer:
    @pytest.mark.parametrize(
        "changes", [{}, {"exp": 1}, {"aud": ...}, {"aud": 7, "exp": "soon", "nbf": []}]
    )
    def test_it_is_what_the_token_says_however_wrong_the_rest_is(
        self, changes: dict[str, object]
    ) -> None:
        assert claimed_issuer(f"Bearer {a_token(**changes)}") == ISSUER

    def test_a_signature_is_not_looked_at(self) -> None:
        assert claimed_issuer(f"Bearer {a_token()[:-8]}AAAAAAAA") == ISSUER
        unsigned = jwt.encode({"iss": ISSUER}, "", "none")
        assert claimed_issuer(f"Bearer {unsigned}") == ISSUER

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Basic dXNlcjp3b3Jk",
            "Bearer a.b.c",
            "Bearer a.b",
            "Bearer ü",
            f"Bearer {a_token(iss=...)}",
            f"Bearer {a_token(iss=7)}",
            f"Bearer {a_token(claims=b'[]')}",
            f"Bearer {a_token()}, Bearer {a_token()}",
        ],
        ids=lambda text: text[:20],
    )
    def test_what_names_no_issuer_has_none(self, header: str) -> None:
        assert claimed_issuer(header) is None


class TestKeyId:
    def test_it_is_what_the_header_says(self) -> None:
        assert key_id(a_token()) == "one"

    @pytest.mark.parametrize("pointer", ["jku", "x5u", "jwk"])
    def test_pointers_to_keys_elsewhere_are_not_followed(self, pointer: str) -> None:
        assert key_id(a_token(HEADER | {pointer: "https://evil.example"})) == "one"

    @pytest.mark.parametrize(
        "kid", ["A", "a+b/c=", "aB_-9.~", "https://vault.example/keys/one/2", "x" * 256]
    )
    def test_usual_ids_of_keys_are_taken(self, kid: str) -> None:
        assert key_id(a_token(HEADER | {"kid": kid})) == kid

    @pytest.mark.parametrize(
        "kid",
        [
            None,
            "",
            7,
            ["one"],
            "x" * 257,
            "x" * 10_000,
            "../../dev/null",
            "/dev/null",
            "..\\one",
            "a b",
            "one\n",
            "\0",
            "\u0661",
        ],
    )
    def test_what_cannot_be_one_is_refused(self, kid: object) -> None:
        with pytest.raises(UnauthorizedError):
            key_id(a_token(HEADER | {"kid": kid}))

    @pytest.mark.parametrize(
        "alg", ["none", "None", "", "HS256", "RS384", "PS256", "ES256", "rs256", None, 7]
    )
    def test_every_other_algorithm_is_refused(self, alg: object) -> None:
        with pytest.raises(UnauthorizedError):
            key_id(a_token(HEADER | {"alg": alg}))

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "RS256"},
            {"kid": "one"},
            HEADER | {"crit": ["exp"], "exp": 1},
            HEADER | {"crit": ["b64"], "b64": False},
            HEADER | {"crit": ["b64"], "b64": True},
            HEADER | {"crit": []},
            [],
            "text",
            7,
        ],
    )
    def test_other_headers_are_refused(self, header: object) -> None:
        with pytest.raises(UnauthorizedError):
            key_id(a_token(header))

    @given(ANY_TEXT | st.binary().map(lambda data: f"{encoded(data)}.e30.AA"))
    def test_whatever_comes_is_refused_and_nothing_else(self, token: str) -> None:
        with pytest.raises(UnauthorizedError):
            key_id(token)

    @pytest.mark.parametrize(
        "token",
        [
            "a.b",
            "a.b.c",
            "\ud800.b.c",
            encoded(b"[" * 10_000) + ".e30.AA",
            encoded(b"[" * 200_000) + ".e30.AA",
            encoded(b'{"alg":' * 3000 + b"1" + b"}" * 3000) + ".e30.AA",
            encoded(b'{"alg":"RS256","kid":' + b"1" * 9000 + b"}") + ".e30.AA",
        ],
    )
    def test_broken_tokens_are_refused(self, token: str) -> None:
        with pytest.raises(UnauthorizedError):
            key_id(token)
