"""host.json: what the host would take in silence, and the app could not work with."""

import json
from pathlib import Path
from typing import Any

import pytest

from callscribe.settings.host_json import OVERRIDE, host_problems

ROOT = Path(__file__).parents[2]
OURS = (ROOT / "host.json").read_bytes()
PREFIX = 'host.json extensions.http.routePrefix: expected "", since every route is written out'
ENCODING = (
    "host.json extensions.queues.messageEncoding: expected base64, which is how jobs are written"
)
HIDDEN = (
    "host.json extensions.queues.visibilityTimeout: "
    "expected hh:mm:ss and less than an hour, such as 00:00:30"
)


def _changed(section: str, name: str, value: object) -> bytes:
    """Return our host.json with one value changed; None takes it away."""
    host: dict[str, Any] = json.loads(OURS)
    host["extensions"][section][name] = value
    if value is None:
        del host["extensions"][section][name]
    return json.dumps(host).encode()


def test_ours_is_fine() -> None:
    assert host_problems(OURS, {}) == []


@pytest.mark.parametrize("value", ["api", "/v1/", "/", None])
def test_a_prefix_would_move_every_route(value: str | None) -> None:
    assert host_problems(_changed("http", "routePrefix", value), {}) == [PREFIX]


@pytest.mark.parametrize("value", ["none", "None", "bogus"])
def test_in_another_encoding_no_job_could_be_read(value: str) -> None:
    assert host_problems(_changed("queues", "messageEncoding", value), {}) == [ENCODING]


@pytest.mark.parametrize("value", [30, "30", "01:00:00", "1.00:00:30"])
def test_a_job_that_failed_must_not_be_hidden_for_days(value: object) -> None:
    assert host_problems(_changed("queues", "visibilityTimeout", value), {}) == [HIDDEN]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("queues", "messageEncoding", "Base64"),
        ("queues", "messageEncoding", None),
        ("queues", "visibilityTimeout", "00:01:00.5"),
        ("queues", "visibilityTimeout", None),
    ],
)
def test_what_means_the_same_to_the_host_is_fine(section: str, name: str, value: object) -> None:
    assert host_problems(_changed(section, name, value), {}) == []


def test_names_are_in_any_case() -> None:
    host = {"Extensions": {"HTTP": {"ROUTEPREFIX": ""}, "Queues": {"MessageEncoding": "none"}}}
    assert host_problems(json.dumps(host).encode(), {}) == [ENCODING]


@pytest.mark.parametrize("content", [None, b"{}", b'{"extensions": []}', b"[]"])
def test_what_is_not_set_is_the_hosts_default(content: bytes | None) -> None:
    assert host_problems(content, {}) == [PREFIX]


def test_an_app_setting_overrides_the_file() -> None:
    wrong = {f"{OVERRIDE}extensions__queues__messageEncoding": "none"}
    right = {"azurefunctionsjobhost__EXTENSIONS__http__routeprefix": ""}
    assert host_problems(OURS, wrong) == [ENCODING]
    assert host_problems(_changed("http", "routePrefix", "api"), right) == []


def test_a_file_that_only_the_host_can_read_is_not_judged_but_what_overrides_it_is() -> None:
    commented = b'{"version": "2.0" // as always\n}'
    assert host_problems(commented, {}) == []
    wrong = {f"{OVERRIDE}extensions__http__routePrefix": "api"}
    assert host_problems(commented, wrong) == [PREFIX]


def test_no_value_is_shown() -> None:
    secret = _changed("http", "routePrefix", "heliotrope")
    assert "heliotrope" not in "".join(host_problems(secret, {}))
