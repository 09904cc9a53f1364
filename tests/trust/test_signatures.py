import hmac
from collections.abc import Callable

import pytest

from callscribe.foundation.errors import UnauthorizedError
from callscribe.trust.signatures import check_code, check_signature


class TestSignature:
    access_key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
    connection = "0f8e2c5d1a3b4c6d8e9f0a1b2c3d4e5f"
    good = "sha256=61e775fdf7942ae43335e17b6dc6ea4eee87c982049bd66532f01e154fc4e689"

    @pytest.mark.parametrize(
        "change",
        [
            str,
            lambda good: good.upper(),
            lambda good: f"{good},",
            lambda good: f"sha256={'0' * 64},{good}",
            lambda good: f"{good}, sha256={'0' * 64}",
            lambda good: f" {good} ",
        ],
    )
    def test_one_good_entry_is_enough(self, change: Callable[[str], str]) -> None:
        check_signature(change(self.good), self.connection, (self.access_key,))

    @pytest.mark.parametrize("keys", [("other", access_key), (access_key, "other")])
    def test_either_key_is_current(self, keys: tuple[str, ...]) -> None:
        check_signature(self.good, self.connection, keys)

    @pytest.mark.parametrize(
        ("signature", "connection", "keys"),
        [
            ("", connection, (access_key,)),
            (",", connection, (access_key,)),
            (good[:-1], connection, (access_key,)),
            (good.removeprefix("sha256="), connection, (access_key,)),
            (good.replace("sha256", "sha1"), connection, (access_key,)),
            (f"{good} {good}", connection, (access_key,)),
            (good, connection + "0", (access_key,)),
            (good, connection, ("other",)),
            (good, connection, ()),
            ("caf\udce9", connection, (access_key,)),
            (good, "caf\udce9", (access_key,)),
        ],
    )
    def test_anything_else_is_refused(
        self, signature: str, connection: str, keys: tuple[str, ...]
    ) -> None:
        with pytest.raises(UnauthorizedError):
            check_signature(signature, connection, keys)


class TestCode:
    def test_the_shared_code_is_good(self) -> None:
        check_code("s3cr\xe9t", "s3cr\xe9t")

    @pytest.mark.parametrize(
        ("code", "expected"),
        [("", "secret"), ("secre", "secret"), ("Secret", "secret"), ("\ud800", "secret"), ("", "")],
    )
    def test_another_one_is_refused_and_an_empty_one_always(self, code: str, expected: str) -> None:
        with pytest.raises(UnauthorizedError):
            check_code(code, expected)


def test_the_time_that_a_comparison_takes_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    check_code("code", "code")
    check_signature(TestSignature.good, TestSignature.connection, (TestSignature.access_key,))
    good = TestSignature.good.encode()
    assert compared == [(b"code", b"code"), (good, good)]
