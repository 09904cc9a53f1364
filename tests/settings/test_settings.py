"""Settings: what each is called, and what it defaults to."""

from dataclasses import replace

import pytest

from callscribe.foundation.moments import Seconds
from callscribe.settings.settings import TIMES, Times, load
from tests.environments import ADDRESS, LEAST, loaded, problems_with, problems_without


def test_the_least_that_must_be_set_gives_the_documented_defaults() -> None:
    settings = load(LEAST)
    assert settings.acs_issuer == "https://acscallautomation.communication.azure.com"
    assert settings.acs_jwks_url == (
        "https://acscallautomation.communication.azure.com/calling/keys"
    )
    assert settings.acs_access_key is None
    assert (settings.stream_hub, settings.live_hub) == ("stream", "live")
    assert (settings.stream_admission, settings.stream_host) == ("token", None)
    assert not settings.by_ticket
    assert (settings.locale, settings.speech_model) == ("en-US", None)
    assert settings.start == "setup"
    assert settings.intermediate
    assert settings.answer_numbers == frozenset()
    assert (settings.caller_id, settings.dial_allow, settings.dial_at_once) == (None, (), 20)
    assert settings.public_base_url is None
    assert settings.times == Times(
        finish_delay=Seconds(60),
        gap=Seconds(2),
        longest_call=Seconds(108_000),
        answer_lease=Seconds(8),
        answer_until=Seconds(25),
    )


def test_addresses_lose_their_last_slash_so_that_paths_can_follow() -> None:
    settings = loaded(
        CALLBACK_BASE_URL="https://calls.example/", PUBLIC_BASE_URL="https://front.example/"
    )
    assert settings.acs_endpoint == "https://acs.example"
    assert settings.webpubsub_endpoint == "https://stream.webpubsub.azure.com"
    assert settings.callback_base_url == "https://calls.example"
    assert settings.public_base_url == "https://front.example"


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
    assert loaded(WEBSITE_HOSTNAME=host).callback_base_url == address


def test_without_a_host_name_the_callback_address_must_be_set() -> None:
    assert problems_without("WEBSITE_HOSTNAME") == [f"CALLBACK_BASE_URL: missing; {ADDRESS}"]


def test_storage_by_identity_needs_the_accounts_name_alone() -> None:
    environ = LEAST | {"TranscriptStorage": "", "TranscriptStorage__accountName": "transcripts1"}
    settings = load(environ)
    assert (settings.storage_connection, settings.storage_account) == (None, "transcripts1")


def test_values_are_trimmed_and_an_empty_one_is_as_good_as_missing() -> None:
    settings = loaded(TRANSCRIPTION_LOCALE="  de-DE ", GAP_SECONDS="", SPEECH_MODEL_ENDPOINT_ID=" ")
    assert settings.locale == "de-DE"
    assert settings.times.gap == Seconds(2)
    assert settings.speech_model is None
    assert problems_with(ACS_ENDPOINT=" ") == [f"ACS_ENDPOINT: missing; {ADDRESS}"]


def test_lists_are_separated_by_commas() -> None:
    settings = loaded(
        WEBPUBSUB_ACCESS_KEY="first, second,", ANSWER_NUMBERS="+14255550100,8:acs:a_b"
    )
    assert settings.webpubsub_access_keys == ("first", "second")
    assert settings.answer_numbers == {"+14255550100", "8:acs:a_b"}
    assert loaded(DIAL_ALLOW="+1, +4930").dial_allow == ("+1", "+4930")


def test_words_may_be_in_any_case() -> None:
    settings = loaded(TRANSCRIPTION_INTERMEDIATE="False", TRANSCRIPTION_START="Connected")
    assert not settings.intermediate
    assert settings.start == "connected"


@pytest.mark.parametrize(("value", "by_ticket"), [("token", False), ("Ticket", True)])
def test_streams_come_in_by_token_or_by_ticket(value: str, *, by_ticket: bool) -> None:
    settings = loaded(WEBPUBSUB_STREAM_ADMISSION=value)
    assert (settings.stream_admission, settings.by_ticket) == (value.lower(), by_ticket)


def test_transcription_can_be_left_off_until_it_is_asked_for() -> None:
    settings = loaded(TRANSCRIPTION_START="manual")
    assert settings.start == "manual"


def test_every_duration_can_be_set() -> None:
    settings = loaded(FINISH_DELAY_SECONDS="1.5", GAP_SECONDS="0", LONGEST_CALL_HOURS="1")
    assert settings.times == replace(
        TIMES, finish_delay=Seconds(1.5), gap=Seconds(0), longest_call=Seconds(3_600)
    )


@pytest.mark.parametrize(("hours", "seconds"), [("30", 111_600), ("1", 7_200)])
def test_a_streams_address_outlives_the_longest_call_by_an_hour(hours: str, seconds: int) -> None:
    assert loaded(LONGEST_CALL_HOURS=hours).times.address == Seconds(seconds)


def test_what_is_no_setting_can_be_shortened_by_who_loads_them() -> None:
    shorter = replace(TIMES, answer_lease=Seconds(1), gap=Seconds(0.5))
    assert load(LEAST, shorter).times == shorter
    assert load(LEAST | {"GAP_SECONDS": "3"}, shorter).times == replace(shorter, gap=Seconds(3))


def test_what_is_set_for_placing_calls_is_read() -> None:
    settings = loaded(
        CALLER_ID="+18005550199", DIAL_AT_ONCE="3", WEBPUBSUB_STREAM_HOST="front.example"
    )
    assert (settings.caller_id, settings.dial_at_once) == ("+18005550199", 3)
    assert settings.stream_host == "front.example"
