"""Settings that are refused: each by its name, all at once, and no value is shown."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscribe.foundation.errors import NotConfiguredError
from callscribe.settings.settings import load
from tests.environments import ADDRESS, LEAST, loaded, problems_with, problems_without

STORAGE = "expected a storage connection string"
ACCOUNT = "expected a storage account's name (3 to 24 of a-z and 0-9)"
HUB = "expected a hub's name (a letter, then letters and digits)"
LOCALE = "expected a language with its region, such as en-US"
KEYS = "expected the access key or both, separated by commas"
NUMBERS = "expected numbers such as +14255550100 or raw ids, separated by commas"
CODE = "expected letters, digits, - . _ or ~ alone"
START = "expected setup or connected or manual"
ADMISSION = "expected token or ticket"
FINISH_DELAY = "expected seconds, from 1 to 600"
GAP = "expected seconds, from 0 to 60"
LONGEST_CALL = "expected hours, from 1 to 31"
AT_ONCE = "expected a whole number from 1 to 1000"
PREFIXES = "expected beginnings of numbers such as +1 or +4930, separated by commas"


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
        ("ACS_ISSUER", "x", "expected an http or https address"),
        ("ACS_ACCESS_KEY", "\u00e4", "expected an access key in base64"),
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
        ("WEBPUBSUB_STREAM_ADMISSION", "acs", ADMISSION),
        (
            "WEBPUBSUB_STREAM_HOST",
            "https://front.example",
            "expected a host's name, such as stream.example.com",
        ),
        (
            "WEBPUBSUB_STREAM_HOST",
            "\u017ftream.example.com",
            "expected a host's name, such as stream.example.com",
        ),
        ("CALLBACK_BASE_URL", "callscribe.azurewebsites.net", ADDRESS),
        ("TRANSCRIPTION_LOCALE", "english", LOCALE),
        ("TRANSCRIPTION_LOCALE", "en-U\u017f", LOCALE),
        ("TRANSCRIPTION_START", "later", START),
        ("TRANSCRIPTION_INTERMEDIATE", "1", "expected true or false"),
        ("ANSWER_NUMBERS", "14255550100", NUMBERS),
        ("CALLER_ID", "8:acs:a_b", "expected a number such as +18005550199"),
        ("DIAL_ALLOW", "+1,*", PREFIXES),
        ("PUBLIC_BASE_URL", "front.example", ADDRESS),
    ],
)
def test_what_is_malformed_is_refused_by_name(name: str, value: str, expected: str) -> None:
    assert problems_with(**{name: value}) == [f"{name}: {expected}"]


def test_an_accounts_name_is_checked() -> None:
    problems = problems_with(TranscriptStorage="", TranscriptStorage__accountName="my-account")
    assert problems == [f"TranscriptStorage__accountName: {ACCOUNT}"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FINISH_DELAY_SECONDS", "86400", FINISH_DELAY),
        ("FINISH_DELAY_SECONDS", "600.5", FINISH_DELAY),
        ("FINISH_DELAY_SECONDS", "0.5", FINISH_DELAY),
        ("FINISH_DELAY_SECONDS", "soon", FINISH_DELAY),
        ("GAP_SECONDS", "61", GAP),
        ("GAP_SECONDS", "-1", GAP),
        ("LONGEST_CALL_HOURS", "0.5", LONGEST_CALL),
        ("LONGEST_CALL_HOURS", "32", LONGEST_CALL),
        ("DIAL_AT_ONCE", "0", AT_ONCE),
        ("DIAL_AT_ONCE", "1001", AT_ONCE),
    ],
)
def test_what_is_out_of_its_range_is_refused_by_name(name: str, value: str, expected: str) -> None:
    assert problems_with(**{name: value}) == [f"{name}: {expected}"]


@pytest.mark.parametrize(
    "name",
    [
        "ANSWER_LEASE_SECONDS",
        "ANSWER_UNTIL_SECONDS",
        "STORAGE_PATIENCE_SECONDS",
        "CONFIRM_SECONDS",
        "QUIET_SECONDS",
        "WEBPUBSUB_STREAM_TOKEN_MINUTES",
    ],
)
def test_what_was_a_setting_once_changes_nothing(name: str) -> None:
    assert loaded(**{name: "0.001"}) == load(LEAST)


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


# Surrogates stand for bytes of the environment that are no UTF-8.
ANYTHING = st.text(st.characters(codec=None, exclude_characters="\0"))
RANGES = {"FINISH_DELAY_SECONDS", "GAP_SECONDS", "LONGEST_CALL_HOURS", "DIAL_AT_ONCE"}
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
    "WEBPUBSUB_STREAM_ADMISSION": "acs",
    "TRANSCRIPTION_START": "later",
    "GAP_SECONDS": "nan",
}


def test_all_that_is_wrong_is_named_at_once_and_no_value_is_shown() -> None:
    with pytest.raises(NotConfiguredError) as refused:
        load(WRONG)
    assert {problem.partition(":")[0] for problem in refused.value.problems} == set(WRONG)
    told = "\n".join([str(refused.value), *refused.value.problems])
    assert "secret" not in told
    assert "c2VjcmV0" not in told


@given(
    environ=st.dictionaries(st.sampled_from(sorted(WRONG.keys() | LEAST.keys() | RANGES)), ANYTHING)
)
def test_whatever_is_set_it_is_loaded_or_named(environ: dict[str, str]) -> None:
    """No other exception: it would leave the host without any function."""
    with contextlib.suppress(NotConfiguredError):
        load(LEAST | environ)


def test_the_settings_can_be_printed_without_their_secrets() -> None:
    shown = repr(loaded(ACS_ACCESS_KEY="c2VjcmV0LWtleQ=="))
    for name in ("TranscriptStorage", "WEBPUBSUB_ACCESS_KEY", "WEBPUBSUB_UPSTREAM_CODE"):
        assert LEAST[name] not in shown
    assert "c2VjcmV0LWtleQ==" not in shown
