"""docs/emulator.md lists every control route, every variable and the versions that are locked."""

import json
import re

import pytest
from aiohttp import web

from emulator.acs import server as acs
from emulator.web_pubsub import server as web_pubsub
from tests.docs.markdown import ROOT, code_in, prose, section, table

PAGE = ROOT / "docs" / "emulator.md"
SETTINGS = ROOT / "docs" / "settings.md"
PARTS = {
    "Control API of ACS": acs.build_app(acs.Settings()),
    "Control API of Web PubSub": web_pubsub.build_app(web_pubsub.Settings()),
}
_VARIABLE = re.compile(r'"((?:ACS|AZURITE|EVENT_GRID|FUNCTIONS|WEBPUBSUB)_[A-Z_]+)"')


def control_routes(app: web.Application) -> set[str]:
    """Return the routes of a control API as `METHOD /path`."""
    found = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/emulator/")
    }
    return {route for route in found if not route.startswith("HEAD ")}


@pytest.mark.parametrize("title", PARTS)
def test_every_route_of_a_control_api_is_documented_and_no_other(title: str) -> None:
    documented = {
        code_in(row[0])[0] for row in table(section(PAGE, title)) if "/emulator/" in row[0]
    }
    assert documented == control_routes(PARTS[title])


def test_every_variable_that_the_emulators_read_is_documented_and_no_other() -> None:
    files = [
        *ROOT.glob("emulator/*.py"),
        *ROOT.glob("emulator/*_*/*.py"),
        *ROOT.glob("emulator/acs/*.py"),
    ]
    sources = "\n".join(path.read_text("utf-8") for path in files)
    rows = table(section(PAGE, "Running it"))
    documented = {name for row in rows for name in code_in(row[0]) if name.isupper()}
    of_the_app = set(code_in(prose(SETTINGS)))
    read = set(_VARIABLE.findall(sources))
    assert documented <= read
    assert read <= documented | of_the_app


def test_the_versions_are_those_that_are_locked() -> None:
    locked = dict(
        re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    )
    for folder in ("emulator", "tests/emulator/clients"):
        locked |= json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
    for name, version in table(section(PAGE, "What it was tried with")):
        assert locked[code_in(name)[0]] == version


def test_what_is_not_emulated_refers_to_a_page_that_is_there() -> None:
    serving = (ROOT / "emulator" / "serving.py").read_text()
    assert PAGE.relative_to(ROOT).as_posix() in serving
