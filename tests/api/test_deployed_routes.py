"""`python -m scripts.routes` brings a deployment's routes to the app, over no person's change."""

import json
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from scripts import routes
from tests.api.running import KEY, Api

ONE, OTHER = "+18005550101", "+18005550102"


@pytest.fixture
def nothing(api: Api) -> Api:
    """Delete all routes that other tests have made."""
    for each in kept(api):
        api.ask(f"/api/routes/{each['participant']}", "DELETE", {"x-functions-key": KEY})
    return api


def kept(api: Api) -> list[dict[str, Any]]:
    answer = api.ask("/api/routes", headers={"x-functions-key": KEY})
    found: list[dict[str, Any]] = answer.json()["routes"]
    return found


def bring(api: Api, tmp_path: Any, *told: dict[str, Any]) -> str:
    """Run the command; return what it prints."""
    file = tmp_path / "routes.json"
    file.write_text(json.dumps({"routes": told}))
    app = Typer()
    app.command()(routes.main)
    done = CliRunner().invoke(app, [str(file), "--url", api.url, "--key", KEY])
    assert done.exit_code == 0, done.output
    return done.output


def test_routes_are_made_changed_and_deleted(nothing: Api, tmp_path: Any) -> None:
    first = bring(nothing, tmp_path, {"rawId": ONE, "action": "reject"}, {"action": "ignore"})
    assert first == f"{ONE}: made\neverybody else: made\n"
    second = bring(nothing, tmp_path, {"rawId": ONE, "action": "reject"}, {"action": "answer"})
    assert second == f"{ONE}: as it is\neverybody else: changed\n"
    assert bring(nothing, tmp_path, {"action": "answer"}) == (
        f"everybody else: as it is\n4:{ONE}: deleted\n"
    )
    assert [(each["participant"], each["origin"]) for each in kept(nothing)] == [
        ("*", "deployment")
    ]


def test_what_a_person_has_made_or_changed_stays(nothing: Api, tmp_path: Any) -> None:
    bring(nothing, tmp_path, {"rawId": ONE, "action": "reject"})
    [made] = kept(nothing)
    body = json.dumps({"rawId": ONE, "action": "answer"}).encode()
    path = f"/api/routes/{made['participant']}"
    assert nothing.ask(path, "PUT", {"x-functions-key": KEY}, body).status == 200
    said = bring(nothing, tmp_path, {"rawId": ONE, "action": "reject"})
    assert said == f"{ONE}: left as a person has made it\n"
    assert bring(nothing, tmp_path) == ""
    assert [each["action"] for each in kept(nothing)] == ["answer"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"routes": [1]}', json.dumps({"routes": [{"rawId": ONE}, {"rawId": f"4:{ONE}"}]})],
)
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(routes.RouteError):
        routes.wanted_in(text)


def test_what_the_app_refuses_is_named(nothing: Api, tmp_path: Any) -> None:
    with pytest.raises(AssertionError, match="action: expected one of"):
        bring(nothing, tmp_path, {"rawId": OTHER, "action": "forward"})
