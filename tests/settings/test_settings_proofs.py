"""Settings that prove who sends the stream's events: a key with a code, or Entra's token."""

import pytest

from callscribe.settings.settings import BY_TOKEN, Entra
from tests.environments import loaded, problems_with, problems_without

TENANT = "1a111111-2222-4333-8444-55555555555b"
IDENTITY = "66666666-7777-4888-9999-aaaaaaaaaaaa"
# As in Azure: a token is the proof, and there is no key.
TOKEN = {
    "WEBPUBSUB_UPSTREAM_AUDIENCE": "api://stream, 0a0a0a0a-0000-4000-8000-0b0b0b0b0b0b",
    "WEBPUBSUB_UPSTREAM_TENANT": TENANT,
    "WEBPUBSUB_UPSTREAM_OBJECT_ID": IDENTITY,
    "WEBPUBSUB_UPSTREAM_CODE": "",
    "WEBPUBSUB_ACCESS_KEY": "",
}


@pytest.mark.parametrize("name", ["WEBPUBSUB_UPSTREAM_CODE", "WEBPUBSUB_ACCESS_KEY"])
def test_half_a_proof_of_the_streams_sender_is_none(name: str) -> None:
    (problem,) = problems_without(name)
    assert problem.startswith(f"{name}: missing; ")
    assert "together prove who sends the stream's events" in problem


def test_without_any_proof_of_the_streams_sender_the_app_does_not_work() -> None:
    problems = problems_without("WEBPUBSUB_UPSTREAM_CODE", "WEBPUBSUB_ACCESS_KEY")
    assert [problem.partition(":")[0] for problem in problems] == [
        "WEBPUBSUB_UPSTREAM_CODE",
        "WEBPUBSUB_ACCESS_KEY",
    ]


def test_entras_token_is_a_proof_and_its_addresses_follow_from_the_tenant() -> None:
    assert loaded(**TOKEN).entra == Entra(
        audiences=frozenset({"api://stream", "0a0a0a0a-0000-4000-8000-0b0b0b0b0b0b"}),
        tenant=TENANT,
        object_id=IDENTITY,
        issuers=frozenset(
            {
                f"https://sts.windows.net/{TENANT}/",
                f"https://login.microsoftonline.com/{TENANT}/v2.0",
            }
        ),
        jwks_url=f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
    )


def test_ids_are_taken_in_the_case_in_which_entra_writes_them() -> None:
    """Tokens hold them in lower case; a portal or a person may not."""
    names = ("WEBPUBSUB_UPSTREAM_TENANT", "WEBPUBSUB_UPSTREAM_OBJECT_ID")
    upper = {name: TOKEN[name].upper() for name in names}
    assert loaded(**TOKEN | upper).entra == loaded(**TOKEN).entra


def test_entras_addresses_can_be_another_clouds() -> None:
    issuer, keys = "https://login.microsoftonline.us/x/v2.0", "https://login.microsoftonline.us/k"
    overrides = {"WEBPUBSUB_UPSTREAM_ISSUER": issuer, "WEBPUBSUB_UPSTREAM_JWKS_URL": keys}
    entra = loaded(**TOKEN, **overrides).entra
    assert entra is not None
    assert (entra.issuers, entra.jwks_url) == (frozenset({issuer}), keys)


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_proof_by_token_needs_all_its_parts(name: str) -> None:
    (problem,) = problems_with(**TOKEN | {name: ""})
    assert problem.startswith(f"{name}: missing; expected ")


@pytest.mark.parametrize("name", ["WEBPUBSUB_UPSTREAM_TENANT", "WEBPUBSUB_UPSTREAM_OBJECT_ID"])
def test_who_is_trusted_is_named_by_a_guid(name: str) -> None:
    assert problems_with(**TOKEN | {name: "contoso"}) == [f"{name}: expected a GUID"]


def test_of_two_proofs_the_weaker_one_would_count() -> None:
    (problem,) = problems_with(**TOKEN | {"WEBPUBSUB_UPSTREAM_CODE": "code"})
    assert problem.startswith("WEBPUBSUB_UPSTREAM_CODE: ")
    assert problem.endswith("; expected one of both")
