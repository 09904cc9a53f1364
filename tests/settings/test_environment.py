"""Single settings: in which forms each kind is taken, and what is said of all others."""

import pytest

from callscribe.foundation.moments import Seconds
from callscribe.settings import environment as kinds
from callscribe.settings.environment import Kind, Reader
from tests.environments import ADDRESS

NAME = "SOME_SETTING"
STORAGE = "expected a storage connection string"
ACCOUNT = "expected a storage account's name (3 to 24 of a-z and 0-9)"
SPAN, NUMBER = kinds.spans("seconds", 0, 60), kinds.numbers(1, 1_000)
SECONDS = "expected seconds, from 0 to 60"
WHOLE = "expected a whole number from 1 to 1000"
HOST = "expected a host's name, such as stream.example.com"
CALLER_ID = "expected a number such as +18005550199"
PREFIX = "expected beginnings of numbers such as +1 or +4930"
HUB = "expected a hub's name (a letter, then letters and digits)"
LOCALE = "expected a language with its region, such as en-US"
KEYS = "expected the access key or both"
NUMBERS = "expected numbers such as +14255550100 or raw ids"
CODE = "expected letters, digits, - . _ or ~ alone"
RESOURCE = "expected the immutable id of the resource, not its path"


def reading(value: str) -> Reader:
    return Reader({NAME: value})


def taken(kind: Kind, value: str) -> str | None:
    """Return what is read of a value; nothing may be wrong with it."""
    read = reading(value)
    found = read.optional(NAME, kind)
    assert read.problems == []
    return found


def problems_with(kind: Kind, value: str) -> list[str]:
    """Return what is said of a value of which nothing is taken."""
    read = reading(value)
    assert read.optional(NAME, kind) is None
    return read.problems


class TestReader:
    def test_a_setting_is_read_by_its_name(self) -> None:
        assert reading("text").text(NAME, kinds.TEXT) == "text"
        assert reading("text").optional(NAME, kinds.TEXT) == "text"
        assert reading("text").has(NAME)

    @pytest.mark.parametrize("read", [Reader({}), Reader({NAME: ""}), Reader({NAME: " "})])
    def test_values_are_trimmed_and_an_empty_one_is_as_good_as_missing(self, read: Reader) -> None:
        assert reading("  text ").text(NAME, kinds.TEXT) == "text"
        assert not read.has(NAME)
        assert read.optional(NAME, kinds.TEXT) is None
        assert read.text(NAME, kinds.TEXT, "usual") == "usual"
        assert read.items(NAME, kinds.TEXT) == ()
        assert read.problems == []

    @pytest.mark.parametrize("read", [Reader({}), Reader({NAME: ""}), Reader({NAME: " "})])
    def test_what_has_no_default_is_missed_by_name(self, read: Reader) -> None:
        assert read.text(NAME, kinds.GUID) == ""
        assert read.listed(NAME, kinds.GUID) == ()
        assert read.problems == [f"{NAME}: missing; expected a GUID"] * 2

    def test_what_is_wrong_is_named_once_whatever_its_default(self) -> None:
        read = reading("no guid")
        assert read.text(NAME, kinds.GUID) == ""
        assert read.text(NAME, kinds.GUID, "usual") == "usual"
        assert read.problems == [f"{NAME}: expected a GUID"] * 2

    def test_addresses_lose_their_last_slash_so_that_paths_can_follow(self) -> None:
        assert reading("https://acs.example/").address(NAME) == "https://acs.example"
        assert Reader({}).address(NAME, "https://usual.example/") == "https://usual.example"

    def test_a_span_is_in_seconds_or_in_hours(self) -> None:
        assert reading("0.25").seconds(NAME, SPAN, Seconds(8)) == Seconds(0.25)
        assert Reader({}).seconds(NAME, SPAN, Seconds(8)) == Seconds(8)
        assert reading("soon").seconds(NAME, SPAN, Seconds(8)) == Seconds(8)
        assert reading("1.5").hours(NAME, SPAN, Seconds(8)) == Seconds(5_400)
        assert Reader({}).hours(NAME, SPAN, Seconds(7_200)) == Seconds(7_200)

    def test_a_number_is_whole(self) -> None:
        assert reading("7").number(NAME, NUMBER, 20) == 7
        assert Reader({}).number(NAME, NUMBER, 20) == 20
        assert reading("many").number(NAME, NUMBER, 20) == 20

    @pytest.mark.parametrize("value", ["second", "Second", "SECOND"])
    def test_words_may_be_in_any_case(self, value: str) -> None:
        assert reading(value).choice(NAME, ("first", "second")) == "second"

    def test_of_a_few_words_the_first_is_the_default_and_others_are_none(self) -> None:
        assert Reader({}).choice(NAME, ("first", "second")) == "first"
        read = reading("third")
        assert read.choice(NAME, ("first", "second")) == "first"
        assert read.problems == [f"{NAME}: expected first or second"]

    def test_lists_are_separated_by_commas(self) -> None:
        assert reading("first, second,").items(NAME, kinds.ACCESS_KEY) == ("first", "second")
        assert reading("first").listed(NAME, kinds.ACCESS_KEY) == ("first",)

    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            (kinds.ACCESS_KEY, "Endpoint=https://a.example;AccessKey=abc;Version=1.0;", KEYS),
            (kinds.ACCESS_KEY, "first, sec ond", KEYS),
            (kinds.ACCESS_KEY, ",", KEYS),
            (kinds.NUMBER, "14255550100", NUMBERS),
            (kinds.NUMBER, "+1 425 555 0100", NUMBERS),
            (kinds.NUMBER, ",", NUMBERS),
        ],
    )
    def test_a_list_with_an_item_that_is_wrong_is_refused(
        self, kind: Kind, value: str, expected: str
    ) -> None:
        read = reading(value)
        read.items(NAME, kind)
        assert read.problems == [f"{NAME}: {expected}, separated by commas"]


class TestKinds:
    @pytest.mark.parametrize(
        "value",
        [
            "UseDevelopmentStorage=true",
            "SharedAccessSignature=sv=2024&sig=%3D;QueueEndpoint=https://b/;TableEndpoint=https://c/",
            "DefaultEndpointsProtocol=https;AccountName=abc;AccountKey=a2V5;EndpointSuffix=core.windows.net",
            "AccountName=abc;AccountKey=a2V5",
            "AccountName=abc;AccountKey=a2V5;TableEndpoint=http://t:1/abc;QueueEndpoint=http://q:2/abc",
        ],
    )
    def test_every_form_of_connection_string_is_taken(self, value: str) -> None:
        assert taken(kinds.CONNECTION, value) == value

    @pytest.mark.parametrize("value", ["de-DE", "es-419", "sr-Latn-RS", "fil-PH", "zh-CN-shandong"])
    def test_every_language_with_a_region_is_taken(self, value: str) -> None:
        assert taken(kinds.LOCALE, value) == value

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (kinds.ADDRESS, "https://acs.example:8443/path"),
            (kinds.ADDRESS, "http://127.0.0.1:7071"),
            (kinds.ACCOUNT, "transcripts1"),
            (kinds.BASE64_KEY, "c2VjcmV0LWtleQ=="),
            (kinds.RESOURCE_ID, "00000000-0000-4000-8000-0000000000ac"),
            (kinds.GUID, "1A111111-2222-4333-8444-55555555555b"),
            (kinds.CODE, "an-upstream.code_~1"),
            (kinds.HUB, "stream_1"),
            (kinds.HOST, "stream.example.com"),
            (kinds.HOST, "localhost"),
            (kinds.CALLER_ID, "+18005550199"),
            (kinds.PREFIX, "+"),
            (kinds.PREFIX, "+4930"),
            (NUMBER, "1"),
            (NUMBER, "1000"),
            (SPAN, "0"),
            (SPAN, "0.25"),
            (SPAN, "60"),
            (kinds.NUMBER, "+14255550100"),
            (kinds.NUMBER, "8:acs:a_b"),
        ],
    )
    def test_what_is_well_formed_is_taken(self, kind: Kind, value: str) -> None:
        assert taken(kind, value) == value

    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            (kinds.CONNECTION, "not a connection", STORAGE),
            (kinds.CONNECTION, "UseDevelopmentStorage=true;AccountName=a", STORAGE),
            (kinds.CONNECTION, "AccountName=a;AccountKey=", STORAGE),
            (kinds.CONNECTION, "AccountName=a;AccountKey=no base64", STORAGE),
            (kinds.CONNECTION, "SharedAccessSignature=sv=2024&sig=x", STORAGE),
            (kinds.CONNECTION, "SharedAccessSignature=sv=1;TableEndpoint=https://t", STORAGE),
            (
                kinds.CONNECTION,
                "SharedAccessSignature=s;TableEndpoint=ftp://t;QueueEndpoint=https://q",
                STORAGE,
            ),
            (kinds.CONNECTION, "AccountName=a b;AccountKey=a2V5", STORAGE),
            (kinds.CONNECTION, "AccountName=ABC;AccountKey=a2V5", STORAGE),
            (kinds.CONNECTION, "AccountName=abc;AccountKey=a2V5;EndpointSuffix=", STORAGE),
            (kinds.CONNECTION, "AccountName=abc;AccountKey=a2V5;EndpointSuffix=a b", STORAGE),
            (kinds.CONNECTION, "AccountName=abc;AccountKey=a2V5;TableEndpoint=nonsense", STORAGE),
            (
                kinds.CONNECTION,
                "DefaultEndpointsProtocol=ftp;AccountName=abc;AccountKey=a2V5",
                STORAGE,
            ),
            (kinds.ADDRESS, "endpoint=https://acs.example/;accesskey=abc", ADDRESS),
            (kinds.ADDRESS, "acs.example", ADDRESS),
            (kinds.ADDRESS, "/calling/keys", ADDRESS),
            (kinds.ADDRESS, "ftp://acs.example", ADDRESS),
            (kinds.ADDRESS, "wss://stream.webpubsub.azure.com", ADDRESS),
            (kinds.ADDRESS, "https://", ADDRESS),
            (kinds.ADDRESS, "https://[", ADDRESS),
            (kinds.ADDRESS, "https://acs.example:port", ADDRESS),
            (kinds.ADDRESS, "https://acs.example:0", ADDRESS),
            (kinds.ADDRESS, "https://acs .example", ADDRESS),
            (kinds.ADDRESS, "https://user:word@acs.example", ADDRESS),
            (kinds.ADDRESS, "https://calls.example/?key=1", ADDRESS),
            (kinds.ADDRESS, "https://calls.example/#here", ADDRESS),
            (kinds.BASE64_KEY, "not base64!", "expected an access key in base64"),
            (kinds.RESOURCE_ID, "/subscriptions/a/resourceGroups/b", RESOURCE),
            (kinds.GUID, "contoso", "expected a GUID"),
            (kinds.CODE, "{event}", CODE),
            (kinds.CODE, "a+b=", CODE),
            (kinds.HUB, "1stream", HUB),
            (kinds.HUB, "my-stream", HUB),
            (kinds.HUB, "l" * 129, HUB),
            (kinds.HUB, "überall", HUB),
            (kinds.HOST, "https://stream.example.com", HOST),
            (kinds.HOST, "stream.example.com:443", HOST),
            (kinds.HOST, "stream.example.com/client", HOST),
            (kinds.HOST, "stream..example.com", HOST),
            (kinds.HOST, "-stream.example.com", HOST),
            (kinds.HOST, f"{'stream.' * 40}com", HOST),
            (kinds.CALLER_ID, "8:acs:a_b", CALLER_ID),
            (kinds.CALLER_ID, "18005550199", CALLER_ID),
            (kinds.PREFIX, "1", PREFIX),
            (kinds.PREFIX, "*", PREFIX),
            (NUMBER, "0", WHOLE),
            (NUMBER, "1001", WHOLE),
            (NUMBER, "0.5", WHOLE),
            (NUMBER, "-5", WHOLE),
            (NUMBER, "1e3", WHOLE),
            (NUMBER, "٦٠", WHOLE),
            (NUMBER, "9" * 5_000, WHOLE),
            (kinds.LOCALE, "en", LOCALE),
            (kinds.LOCALE, "english", LOCALE),
            (kinds.LOCALE, "en-US,de-DE", LOCALE),
        ],
    )
    def test_what_is_malformed_is_refused_by_name(
        self, kind: Kind, value: str, expected: str
    ) -> None:
        assert problems_with(kind, value) == [f"{NAME}: {expected}"]

    @pytest.mark.parametrize("value", ["-3", "Zz", "Transcripts", "a" * 25, "my-account"])
    def test_an_accounts_name_is_checked(self, value: str) -> None:
        assert problems_with(kinds.ACCOUNT, value) == [f"{NAME}: {ACCOUNT}"]

    @pytest.mark.parametrize(
        "value", ["-1", "nan", "inf", "1e1", "60.001", "1_0", "٦", ".", "soon"]
    )
    def test_no_duration_is_anything_but_seconds(self, value: str) -> None:
        assert problems_with(SPAN, value) == [f"{NAME}: {SECONDS}"]
