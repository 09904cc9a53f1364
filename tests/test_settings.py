"""Settings: what each defaults to, what is refused, and that a refusal names all and shows none."""

import asyncio
import dataclasses
import os
import sys
from pathlib import Path

import pytest

from callscribe.settings import BY_TOKEN, Entra, Settings, SettingsError, Times, load
from emulator.azurite import connection_string
from emulator.ports import free_ports

ROOT = Path(__file__).parent.parent
LEAST = {
    "TranscriptStorage": connection_string(10000),
    "ACS_ENDPOINT": "https://acs.example/",
    "ACS_RESOURCE_ID": "00000000-0000-4000-8000-0000000000ac",
    "COGNITIVE_SERVICES_ENDPOINT": "https://speech.example/",
    "WEBPUBSUB_ENDPOINT": "https://stream.webpubsub.azure.com/",
    "WEBPUBSUB_ACCESS_KEY": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
    "WEBPUBSUB_UPSTREAM_CODE": "an-upstream-code",
    "WEBSITE_HOSTNAME": "callscribe.azurewebsites.net",
}
ADDRESS = "expected an http or https address"
STORAGE = "expected a storage connection string"
ACCOUNT = "expected a storage account's name (3 to 24 of a-z and 0-9)"
SECONDS = "expected seconds, above 0 and at most 86400"
MINUTES = "expected a whole number of minutes, 1 or more"
HUB = "expected a hub's name (a letter, then letters and digits)"
LOCALE = "expected a language with its region, such as en-US"
KEYS = "expected the access key or both, separated by commas"
NUMBERS = "expected numbers such as +14255550100 or raw ids, separated by commas"
CODE = "expected letters, digits, - . _ or ~ alone"
START = "expected setup or connected (manual needs control_transcription, which is not built)"
DURATIONS = {
    "ANSWER_LEASE_SECONDS": 8,
    "ANSWER_UNTIL_SECONDS": 25,
    "STORAGE_PATIENCE_SECONDS": 45,
    "CONFIRM_SECONDS": 30,
    "QUIET_SECONDS": 120,
    "FINISH_DELAY_SECONDS": 60,
    "GAP_SECONDS": 2,
}


def _with(**settings: str) -> Settings:
    return load(LEAST | settings)


def _without(*names: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load({name: value for name, value in LEAST.items() if name not in names})
    return refused.value.problems


def _refused(**settings: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        _with(**settings)
    return refused.value.problems


def test_the_least_that_must_be_set_gives_the_documented_defaults() -> None:
    settings = load(LEAST)
    assert settings.acs_issuer == "https://acscallautomation.communication.azure.com"
    assert settings.acs_jwks_url == (
        "https://acscallautomation.communication.azure.com/calling/keys"
    )
    assert settings.acs_access_key == ""
    assert (settings.stream_hub, settings.live_hub) == ("stream", "live")
    assert settings.stream_token_minutes == 1440
    assert (settings.locale, settings.speech_model) == ("en-US", "")
    assert settings.start_at_setup
    assert settings.intermediate
    assert settings.answer_numbers == frozenset()
    assert settings.times == Times(*DURATIONS.values())


def test_addresses_lose_their_last_slash_so_that_paths_can_follow() -> None:
    settings = _with(CALLBACK_BASE_URL="https://calls.example/")
    assert settings.acs_endpoint == "https://acs.example"
    assert settings.webpubsub_endpoint == "https://stream.webpubsub.azure.com"
    assert settings.callback_base_url == "https://calls.example"


def test_the_address_for_acs_alone_reaches_it_as_it_was_set() -> None:
    assert load(LEAST).cognitive_services_endpoint == "https://speech.example/"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("callscribe.azurewebsites.net", "https://callscribe.azurewebsites.net"),
        ("localhost:7071", "http://localhost:7071"),
        ("127.0.0.1:7071", "http://127.0.0.1:7071"),
    ],
)
def test_callbacks_come_to_the_apps_own_host_unless_told(host: str, address: str) -> None:
    assert _with(WEBSITE_HOSTNAME=host).callback_base_url == address


def test_without_a_host_name_the_callback_address_must_be_set() -> None:
    assert _without("WEBSITE_HOSTNAME") == [f"CALLBACK_BASE_URL: missing; {ADDRESS}"]


def test_storage_by_identity_needs_the_accounts_name_alone() -> None:
    environ = LEAST | {"TranscriptStorage": "", "TranscriptStorage__accountName": "transcripts1"}
    settings = load(environ)
    assert (settings.storage_connection, settings.storage_account) == ("", "transcripts1")


def test_values_are_trimmed_and_an_empty_one_is_as_good_as_missing() -> None:
    settings = _with(TRANSCRIPTION_LOCALE="  de-DE ", GAP_SECONDS="", SPEECH_MODEL_ENDPOINT_ID=" ")
    assert settings.locale == "de-DE"
    assert settings.times.gap == 2
    assert settings.speech_model == ""
    assert _refused(ACS_ENDPOINT=" ") == [f"ACS_ENDPOINT: missing; {ADDRESS}"]


def test_lists_are_separated_by_commas() -> None:
    settings = _with(WEBPUBSUB_ACCESS_KEY="first, second,", ANSWER_NUMBERS="+14255550100,8:acs:a_b")
    assert settings.webpubsub_access_keys == ("first", "second")
    assert settings.answer_numbers == {"+14255550100", "8:acs:a_b"}


def test_words_may_be_in_any_case() -> None:
    settings = _with(TRANSCRIPTION_INTERMEDIATE="False", TRANSCRIPTION_START="Connected")
    assert not settings.intermediate
    assert not settings.start_at_setup


@pytest.mark.parametrize("name", DURATIONS)
def test_every_duration_can_be_set(name: str) -> None:
    times = _with(**{name: "0.25"}).times
    place = list(DURATIONS).index(name)
    assert dataclasses.astuple(times)[place] == 0.25


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ACS_ENDPOINT", ADDRESS),
        ("ACS_RESOURCE_ID", "expected the immutable id of the resource, not its path"),
        ("COGNITIVE_SERVICES_ENDPOINT", ADDRESS),
        ("WEBPUBSUB_ENDPOINT", ADDRESS),
    ],
)
def test_what_has_no_default_is_missed_by_name(name: str, expected: str) -> None:
    assert _without(name) == [f"{name}: missing; {expected}"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TranscriptStorage", "not a connection", STORAGE),
        ("TranscriptStorage", "AccountName=a;AccountKey=", STORAGE),
        ("TranscriptStorage", "AccountName=a;AccountKey=no base64", STORAGE),
        ("TranscriptStorage", "SharedAccessSignature=sv=2024&sig=x", STORAGE),
        ("ACS_ENDPOINT", "endpoint=https://acs.example/;accesskey=abc", ADDRESS),
        ("ACS_ENDPOINT", "acs.example", ADDRESS),
        ("ACS_ENDPOINT", "ftp://acs.example", ADDRESS),
        ("ACS_ENDPOINT", "https://", ADDRESS),
        ("ACS_ENDPOINT", "https://[", ADDRESS),
        ("ACS_ENDPOINT", "https://acs.example:port", ADDRESS),
        ("ACS_ENDPOINT", "https://acs.example:0", ADDRESS),
        ("ACS_ENDPOINT", "https://acs .example", ADDRESS),
        ("ACS_ENDPOINT", "https://user:word@acs.example", ADDRESS),
        ("ACS_ACCESS_KEY", "not base64!", "expected an access key in base64"),
        (
            "ACS_RESOURCE_ID",
            "/subscriptions/a/resourceGroups/b",
            "expected the immutable id of the resource, not its path",
        ),
        ("ACS_JWKS_URL", "/calling/keys", ADDRESS),
        ("COGNITIVE_SERVICES_ENDPOINT", "speech.example", ADDRESS),
        ("WEBPUBSUB_ENDPOINT", "wss://stream.webpubsub.azure.com", ADDRESS),
        ("WEBPUBSUB_ACCESS_KEY", "Endpoint=https://a.example;AccessKey=abc;Version=1.0;", KEYS),
        ("WEBPUBSUB_ACCESS_KEY", ",", KEYS),
        ("WEBPUBSUB_UPSTREAM_CODE", "{event}", CODE),
        ("WEBPUBSUB_UPSTREAM_CODE", "a+b=", CODE),
        ("WEBPUBSUB_STREAM_HUB", "1stream", HUB),
        ("WEBPUBSUB_STREAM_HUB", "my-stream", HUB),
        ("WEBPUBSUB_LIVE_HUB", "l" * 129, HUB),
        ("WEBPUBSUB_LIVE_HUB", "überall", HUB),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "0", MINUTES),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "0.5", MINUTES),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "-5", MINUTES),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "1e3", MINUTES),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "٦٠", MINUTES),
        ("CALLBACK_BASE_URL", "callscribe.azurewebsites.net", ADDRESS),
        ("CALLBACK_BASE_URL", "https://calls.example/?key=1", ADDRESS),
        ("CALLBACK_BASE_URL", "https://calls.example/#here", ADDRESS),
        ("TRANSCRIPTION_LOCALE", "en", LOCALE),
        ("TRANSCRIPTION_LOCALE", "english", LOCALE),
        ("TRANSCRIPTION_LOCALE", "en-US,de-DE", LOCALE),
        ("TRANSCRIPTION_START", "manual", START),
        ("TRANSCRIPTION_START", "later", START),
        ("TRANSCRIPTION_INTERMEDIATE", "1", "expected true or false"),
        ("ANSWER_NUMBERS", "14255550100", NUMBERS),
        ("ANSWER_NUMBERS", "+1 425 555 0100", NUMBERS),
        ("ANSWER_NUMBERS", ",", NUMBERS),
    ],
)
def test_what_is_malformed_is_refused_by_name(name: str, value: str, expected: str) -> None:
    assert _refused(**{name: value}) == [f"{name}: {expected}"]


@pytest.mark.parametrize("value", ["-3", "Zz", "Transcripts", "a" * 25, "my-account"])
def test_an_accounts_name_is_checked(value: str) -> None:
    problems = _refused(TranscriptStorage="", TranscriptStorage__accountName=value)
    assert problems == [f"TranscriptStorage__accountName: {ACCOUNT}"]


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e300", "86401", "soon"])
def test_no_duration_is_anything_but_seconds(name: str, value: str) -> None:
    assert _refused(**{name: value}) == [f"{name}: {SECONDS}"]


@pytest.mark.parametrize(
    "value",
    [
        "UseDevelopmentStorage=true",
        "SharedAccessSignature=sv=2024&sig=%3D;QueueEndpoint=https://b/;TableEndpoint=https://c/",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net",
    ],
)
def test_every_form_of_connection_string_is_taken(value: str) -> None:
    assert _with(TranscriptStorage=value).storage_connection == value


@pytest.mark.parametrize("value", ["de-DE", "es-419", "sr-Latn-RS", "fil-PH", "zh-CN-shandong"])
def test_every_language_with_a_region_is_taken(value: str) -> None:
    assert _with(TRANSCRIPTION_LOCALE=value).locale == value


def test_storage_must_be_named_in_one_of_its_two_forms() -> None:
    (problem,) = _without("TranscriptStorage")
    assert problem.startswith("TranscriptStorage: missing; ")
    assert problem.endswith("TranscriptStorage__accountName")


def test_storage_in_both_forms_is_refused_because_they_may_be_two_accounts() -> None:
    assert _refused(TranscriptStorage__accountName="transcripts") == [
        "TranscriptStorage__accountName: TranscriptStorage is set too, and would win"
    ]


@pytest.mark.parametrize("name", ["WEBPUBSUB_UPSTREAM_CODE", "WEBPUBSUB_ACCESS_KEY"])
def test_half_a_proof_of_the_streams_sender_is_none(name: str) -> None:
    (problem,) = _without(name)
    assert problem.startswith(f"{name}: missing; ")
    assert "together prove who sends the stream's events" in problem


def test_without_any_proof_of_the_streams_sender_the_app_does_not_start() -> None:
    problems = _without("WEBPUBSUB_UPSTREAM_CODE", "WEBPUBSUB_ACCESS_KEY")
    assert [problem.partition(":")[0] for problem in problems] == [
        "WEBPUBSUB_UPSTREAM_CODE",
        "WEBPUBSUB_ACCESS_KEY",
    ]


TENANT = "1a111111-2222-4333-8444-55555555555b"
IDENTITY = "66666666-7777-4888-9999-aaaaaaaaaaaa"
TOKEN = {
    "WEBPUBSUB_UPSTREAM_AUDIENCE": "api://stream, 0a0a0a0a-0000-4000-8000-0b0b0b0b0b0b",
    "WEBPUBSUB_UPSTREAM_TENANT": TENANT,
    "WEBPUBSUB_UPSTREAM_OBJECT_ID": IDENTITY,
    "WEBPUBSUB_UPSTREAM_CODE": "",
    "WEBPUBSUB_ACCESS_KEY": "",
}
"""As in Azure: a token is the proof, and there is no key."""


def test_entras_token_is_a_proof_and_its_addresses_follow_from_the_tenant() -> None:
    assert _with(**TOKEN).entra == Entra(
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
    assert _with(**TOKEN | upper).entra == _with(**TOKEN).entra


def test_entras_addresses_can_be_another_clouds() -> None:
    issuer, keys = "https://login.microsoftonline.us/x/v2.0", "https://login.microsoftonline.us/k"
    overrides = {"WEBPUBSUB_UPSTREAM_ISSUER": issuer, "WEBPUBSUB_UPSTREAM_JWKS_URL": keys}
    entra = _with(**TOKEN, **overrides).entra
    assert entra is not None
    assert (entra.issuers, entra.jwks_url) == (frozenset({issuer}), keys)


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_proof_by_token_needs_all_its_parts(name: str) -> None:
    (problem,) = _refused(**TOKEN | {name: ""})
    assert problem.startswith(f"{name}: missing; expected ")


@pytest.mark.parametrize("name", ["WEBPUBSUB_UPSTREAM_TENANT", "WEBPUBSUB_UPSTREAM_OBJECT_ID"])
def test_who_is_trusted_is_named_by_a_guid(name: str) -> None:
    assert _refused(**TOKEN | {name: "contoso"}) == [f"{name}: expected a GUID"]


def test_of_two_proofs_the_weaker_one_would_count() -> None:
    (problem,) = _refused(**TOKEN | {"WEBPUBSUB_UPSTREAM_CODE": "code"})
    assert problem.startswith("WEBPUBSUB_UPSTREAM_CODE: ")
    assert problem.endswith("; expected one of both")


def test_viewers_may_not_share_the_hub_whose_events_come_to_the_app() -> None:
    assert _refused(WEBPUBSUB_LIVE_HUB="Stream") == [
        "WEBPUBSUB_LIVE_HUB: expected another hub than WEBPUBSUB_STREAM_HUB"
    ]


WRONG = {
    "TranscriptStorage": "AccountKey=c2VjcmV0LWtleQ==",
    "ACS_ENDPOINT": "secret-endpoint",
    "ACS_ACCESS_KEY": "secret-acs-key",
    "ACS_RESOURCE_ID": "",
    "COGNITIVE_SERVICES_ENDPOINT": "",
    "WEBPUBSUB_ENDPOINT": "secret-endpoint",
    "WEBPUBSUB_ACCESS_KEY": "secret key",
    "WEBPUBSUB_UPSTREAM_CODE": "secret code",
    "WEBPUBSUB_UPSTREAM_AUDIENCE": "",
    "WEBPUBSUB_UPSTREAM_TENANT": "secret-tenant",
    "WEBPUBSUB_UPSTREAM_OBJECT_ID": "secret-identity",
    "CALLBACK_BASE_URL": "secret-address",
    "TRANSCRIPTION_START": "manual",
    "GAP_SECONDS": "nan",
}


def test_all_that_is_wrong_is_named_at_once_and_no_value_is_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        load(WRONG)
    assert {problem.partition(":")[0] for problem in refused.value.problems} == set(WRONG)
    assert "secret" not in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_the_settings_can_be_printed_without_their_secrets() -> None:
    shown = repr(_with(ACS_ACCESS_KEY="c2VjcmV0LWtleQ=="))
    for name in ("TranscriptStorage", "WEBPUBSUB_ACCESS_KEY", "WEBPUBSUB_UPSTREAM_CODE"):
        assert LEAST[name] not in shown
    assert "c2VjcmV0LWtleQ==" not in shown


async def test_the_app_does_not_start_and_says_every_name() -> None:
    """Through the functions host: the way in which a person who deploys it sees it."""
    app = {"FUNCTIONS_APP": str(ROOT), "FUNCTIONS_PORT": str(free_ports().functions)}
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "functions"),
        env=os.environ | app | WRONG,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(host.communicate(), 30)
    assert host.returncode not in (None, 0)
    assert [name for name in WRONG if f"{name}: " not in printed.decode()] == []
    assert "secret" not in printed.decode()
