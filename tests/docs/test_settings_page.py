"""docs/settings.md names every setting that the app reads, and its default."""

import json
from collections.abc import Iterator, Mapping

import pytest

from callscribe.foundation.errors import NotConfiguredError
from callscribe.settings.settings import BY_CODE, BY_TOKEN, load
from tests.docs.markdown import ROOT, code_in, section, table

PAGE = ROOT / "docs" / "settings.md"
EXAMPLE: dict[str, str] = json.loads((ROOT / "local.settings.json.example").read_text())["Values"]
TITLES = (
    "Storage",
    "Azure Communication Services",
    "Azure Web PubSub",
    "Who may send the stream's events",
    "Calls",
    "Placing calls",
    "Times",
)
ROWS = [row for title in TITLES for row in table(section(PAGE, title))]
DEFAULTS = {code_in(name)[0]: default for name, default, _ in ROWS}
CALLBACKS = "CALLBACK_BASE_URL"


GUID = "00000000-0000-4000-8000-000000000000"
TOKEN = dict.fromkeys(BY_TOKEN, GUID)
OTHER_WAYS = {
    "TranscriptStorage": {"TranscriptStorage__accountName": "account"},
    "WEBPUBSUB_ACCESS_KEY": TOKEN,
    "WEBPUBSUB_UPSTREAM_CODE": TOKEN,
}


class Noted(Mapping[str, str]):
    """An environment that notes which names it is asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.asked: set[str] = set()
        self._values = values

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def test_every_setting_that_the_app_reads_is_documented_and_no_other() -> None:
    environ = Noted(EXAMPLE)
    load(environ)
    assert environ.asked == DEFAULTS.keys() | {"WEBSITE_HOSTNAME"}


@pytest.mark.parametrize("name", [name for name, default in DEFAULTS.items() if code_in(default)])
def test_every_default_is_the_documented_one(name: str) -> None:
    (default,) = code_in(DEFAULTS[name])
    rest = _without(name)
    if name == CALLBACKS:
        rest["WEBSITE_HOSTNAME"] = "app.example"
        default = "https://app.example"
    assert load(rest) == load(rest | {name: default})


@pytest.mark.parametrize("name", [name for name, default in DEFAULTS.items() if not default])
def test_what_has_no_default_must_be_set(name: str) -> None:
    with pytest.raises(NotConfiguredError) as refused:
        load(_without(name))
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [name]


@pytest.mark.parametrize("name", [name for name, default in DEFAULTS.items() if default == "none"])
def test_what_may_be_left_out_may_be_if_its_other_way_is_set(name: str) -> None:
    left_out = BY_CODE if name in BY_CODE else (name,)
    load(_without(*left_out) | OTHER_WAYS.get(name, {}))


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_of_two_ways_one_must_be_set(name: str) -> None:
    with pytest.raises(NotConfiguredError):
        load(_without(name))


def test_the_examples_settings_are_all_documented() -> None:
    host = {
        code_in(row[0])[0] for row in table(section(PAGE, "What only the Functions host reads"))
    }
    assert EXAMPLE.keys() <= DEFAULTS.keys() | host


def _without(*names: str) -> dict[str, str]:
    return {name: value for name, value in EXAMPLE.items() if name not in names}
