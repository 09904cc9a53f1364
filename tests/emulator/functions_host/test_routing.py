"""Route templates, their constraints, and which function a path finds."""

import pytest

from emulator.functions_host.errors import AppError
from emulator.functions_host.function import Function
from emulator.functions_host.routing import RouteTable, Template, decoded


def http_function(name: str, route: str | None = None) -> Function:
    trigger = {"type": "httpTrigger", "name": "req", "route": route}
    return Function(name, name, (trigger,))


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("calls", "/calls", {}),
        ("calls", "/CALLS", {}),
        ("calls", "/calls/1", None),
        ("calls/{id}", "/calls/a b", {"id": "a b"}),
        ("calls/{id}", "/calls/", None),
        ("calls/{id}", "/calls", None),
        ("calls/{id?}", "/calls", {}),
        ("calls/{id?}", "/calls/1", {"id": "1"}),
        ("{id?}", "/", {}),
        ("calls/{id?}/{part?}", "/calls/1", {"id": "1"}),
        ("calls/{id=7}", "/calls", {"id": "7"}),
        ("calls/{id=7}", "/calls/8", {"id": "8"}),
        ("files/{*rest}", "/files/a/b.txt", {"rest": "a/b.txt"}),
        ("files/{*rest}", "/files", {}),
        ("{**rest}", "/a/b", {"rest": "a/b"}),
        ("{name}.{ext}", "/a.b.txt", {"name": "a.b", "ext": "txt"}),
        ("v{version:int}/x", "/v2/x", {"version": "2"}),
        ("a.c", "/abc", None),
    ],
)
def test_a_template_fits_a_path(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert Template.parse(template).match(path) == expected


@pytest.mark.parametrize(
    ("constraint", "fits", "does_not"),
    [
        ("int", "-2147483648", "2147483648"),
        ("int", "+7", "7.0"),
        ("int", "7", "\u0667"),
        ("long", "9223372036854775807", "9223372036854775808"),
        ("bool", "True", "1"),
        ("guid", "c0ffee00-0000-4000-8000-000000000000", "c0ffee"),
        ("datetime", "2026-11-22T18:30:00", "today"),
        ("double", "-1.5e3", "1,5"),
        ("alpha", "Tea", "Tea2"),
        ("min(3)", "3", "2"),
        ("max(3)", "-3", "4"),
        ("range(3,5)", "5", "6"),
        ("length(2)", "ab", "abc"),
        ("length(2,3)", "abc", "a"),
        ("minlength(2)", "ab", "a"),
        ("maxlength(2)", "ab", "abc"),
        (r"regex(^\d{{3}}$)", "123", "1234"),
        ("int:min(1)", "1", "0"),
        ("alpha:maxlength(3)", "abc", "abcd"),
    ],
)
def test_a_constraint_decides_on_the_value(constraint: str, fits: str, does_not: str) -> None:
    template = Template.parse(f"x/{{value:{constraint}}}")
    assert template.match(f"/x/{fits}") == {"value": fits}
    assert template.match(f"/x/{does_not}") is None


def test_an_optional_parameter_is_only_checked_when_it_is_there() -> None:
    template = Template.parse("x/{value:int?}")
    assert template.match("/x") == {}
    assert template.match("/x/a") is None


@pytest.mark.parametrize("template", ["x/{value:nosuch}", "x/{value:min}", "x/{", "x/{}", "x/}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    with pytest.raises(AppError, match=r"^thing: "):
        RouteTable([http_function("thing", template)], "api")


@pytest.mark.parametrize(
    ("prefix", "route"), [("", "admin/x"), ("", "Runtime"), ("", "runtimeX/x"), ("admin", "x")]
)
def test_the_hosts_own_routes_are_not_for_functions_and_the_others_stay(
    prefix: str, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They are told by how they begin, as texts."""
    table = RouteTable([http_function("thing", route), http_function("other", "o")], prefix)
    assert table.find("GET", f"/{prefix}/{route}".replace("//", "/")) is None
    assert "conflicts with the host's own routes" in caplog.text
    assert prefix or table.find("GET", "/o") is not None


def test_the_root_is_a_parameter_that_must_be_empty() -> None:
    """https://github.com/Azure/azure-functions-host/issues/4638: no function has an empty route."""
    table = RouteTable([http_function("root", "{ignored:maxlength(0)?}")], "")
    found = table.find("GET", "/")
    assert found is not None
    assert found[1] == {}
    assert table.find("GET", "/x") is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/a/../b", "/b"),
        ("/a/./b", "/a/b"),
        ("/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/a//../b", "/a/b"),
        ("/a/.b/..c", "/a/.b/..c"),
        ("/a/..", "/"),
    ],
)
def test_dots_are_resolved(raw: str, path: str) -> None:
    assert decoded(raw) == path


def test_a_function_without_a_route_is_found_by_its_name() -> None:
    found = RouteTable([http_function("thing")], "api").find("PATCH", "/api/thing")
    assert found is not None
    assert found[0].name == "thing"


@pytest.mark.parametrize(
    ("raw", "path"),
    [("/a%20b", "/a b"), ("/a%2Fb", "/a%2Fb"), ("/a%2fb", "/a%2Fb"), ("/a/", "/a"), ("/", "/")],
)
def test_an_encoded_slash_stays_encoded(raw: str, path: str) -> None:
    assert decoded(raw) == path
