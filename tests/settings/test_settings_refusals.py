"""Settings that are refused: each by its name, all at once, and no value is shown."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from callscribe.settings.settings import SettingsError, load
from emulator.ports import free_ports
from tests.environments import ADDRESS, DURATIONS, LEAST, loaded, problems_with, problems_without

ROOT = Path(__file__).parents[2]
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
    assert problems_without(name) == [f"{name}: missing; {expected}"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TranscriptStorage", "not a connection", STORAGE),
        ("ACS_ENDPOINT", "acs.example", ADDRESS),
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
        ("WEBPUBSUB_UPSTREAM_CODE", "{event}", CODE),
        ("WEBPUBSUB_STREAM_HUB", "1stream", HUB),
        ("WEBPUBSUB_LIVE_HUB", "my-stream", HUB),
        ("WEBPUBSUB_STREAM_TOKEN_MINUTES", "0", MINUTES),
        ("CALLBACK_BASE_URL", "callscribe.azurewebsites.net", ADDRESS),
        ("TRANSCRIPTION_LOCALE", "english", LOCALE),
        ("TRANSCRIPTION_START", "manual", START),
        ("TRANSCRIPTION_START", "later", START),
        ("TRANSCRIPTION_INTERMEDIATE", "1", "expected true or false"),
        ("ANSWER_NUMBERS", "14255550100", NUMBERS),
    ],
)
def test_what_is_malformed_is_refused_by_name(name: str, value: str, expected: str) -> None:
    assert problems_with(**{name: value}) == [f"{name}: {expected}"]


def test_an_accounts_name_is_checked() -> None:
    problems = problems_with(TranscriptStorage="", TranscriptStorage__accountName="my-account")
    assert problems == [f"TranscriptStorage__accountName: {ACCOUNT}"]


@pytest.mark.parametrize("name", DURATIONS)
def test_no_duration_is_anything_but_seconds(name: str) -> None:
    assert problems_with(**{name: "soon"}) == [f"{name}: {SECONDS}"]


def test_storage_must_be_named_in_one_of_its_two_forms() -> None:
    (problem,) = problems_without("TranscriptStorage")
    assert problem.startswith("TranscriptStorage: missing; ")
    assert problem.endswith("TranscriptStorage__accountName")


def test_storage_in_both_forms_is_refused_because_they_may_be_two_accounts() -> None:
    assert problems_with(TranscriptStorage__accountName="transcripts") == [
        "TranscriptStorage__accountName: TranscriptStorage is set too, and would win"
    ]


def test_viewers_may_not_share_the_hub_whose_events_come_to_the_app() -> None:
    assert problems_with(WEBPUBSUB_LIVE_HUB="Stream") == [
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
    shown = repr(loaded(ACS_ACCESS_KEY="c2VjcmV0LWtleQ=="))
    for name in ("TranscriptStorage", "WEBPUBSUB_ACCESS_KEY", "WEBPUBSUB_UPSTREAM_CODE"):
        assert LEAST[name] not in shown
    assert "c2VjcmV0LWtleQ==" not in shown


async def test_an_app_with_wrong_settings_has_no_functions_and_says_every_name() -> None:
    """Through the functions host: the way in which a person who deploys it sees it."""
    app = {"FUNCTIONS_APP": str(ROOT), "FUNCTIONS_PORT": str(free_ports().functions)}
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "functions", "--until-input-ends"),
        env=os.environ | app | {"AzureWebJobsStorage": ""} | WRONG,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed = b""
    async with asyncio.timeout(600):
        while b"runs without any function" not in printed:
            line = await host.stdout.readline()  # type: ignore[union-attr] # there is a pipe
            assert line, printed
            printed += line
        rest, _ = await host.communicate()  # which ends its input
    assert [name for name in WRONG if f"{name}: " not in (printed + rest).decode()] == []
    assert "secret" not in (printed + rest).decode()
