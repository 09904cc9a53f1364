"""`python -m scripts.routes FILE --url URL`: brings a deployment's routes to the app."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer

from callscribe.foundation.identifiers import participant_id, participant_raw_id

EVERYBODY = "*"
DEPLOYED = "deployment"
CHANGED = 412

type Route = dict[str, Any]
type Tell = Callable[[str], None]


class RouteError(Exception):
    """The file, or the app, does not take a route; the message says which and why."""


def main(
    file: Annotated[Path, typer.Argument(help="The routes, as docs/deploying.md shows them.")],
    url: Annotated[str, typer.Option(help="The app's address.")],
    key: Annotated[
        str | None,
        typer.Option(envvar="CALLSCRIBE_FUNCTION_KEY", help="A function key of the app."),
    ] = None,
) -> None:
    """Make, change and delete a deployment's routes; those of people stay as they are."""
    try:
        wanted = wanted_in(file.read_text(encoding="utf-8"))
        asyncio.run(bring(wanted, url.rstrip("/"), key, typer.echo))
    except (OSError, RouteError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def wanted_in(text: str) -> dict[str, Route]:
    """Read a file of routes; return them by whose they are.

    Raises RouteError naming the one that is wrong; what the app would refuse, it says itself.
    """
    try:
        routes = json.loads(text)["routes"]
        found = {_key(route): route | {"origin": DEPLOYED} for route in routes}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RouteError('expected {"routes": [{"rawId": …, "action": …}, …]}') from error
    if len(found) != len(routes):
        raise RouteError("two routes are of the same one")
    return found


async def bring(wanted: dict[str, Route], url: str, key: str | None, tell: Tell) -> None:
    """Have the app hold these routes. Raises RouteError where it refuses one."""
    headers = {} if key is None else {"x-functions-key": key}
    async with aiohttp.ClientSession(headers=headers) as http:
        _, listed = await _ask(http, "GET", f"{url}/api/routes")
        there = {each["participant"]: each for each in listed["routes"]}
        for whose, route in wanted.items():
            tell(f"{_named(route)}: {await _put(http, url, whose, route, there.get(whose))}")
        for whose in there.keys() - wanted.keys():
            if there[whose].get("origin") == DEPLOYED:
                tell(f"{_named(there[whose])}: {await _delete(http, url, whose)}")


async def _put(
    http: aiohttp.ClientSession, url: str, whose: str, route: Route, there: Route | None
) -> str:
    if there is None:
        condition, done = {"If-None-Match": "*"}, "made"
    elif there.get("origin") != DEPLOYED:
        return "left as a person has made it"
    elif all(there.get(name) == value for name, value in _written(route).items()):
        return "as it is"
    else:
        condition, done = {"If-Match": await _version(http, url, whose)}, "changed"
    status, _ = await _ask(http, "PUT", f"{url}/api/routes/{whose}", route, condition)
    return "left as somebody is changing it" if status == CHANGED else done


async def _delete(http: aiohttp.ClientSession, url: str, whose: str) -> str:
    condition = {"If-Match": await _version(http, url, whose)}
    status, _ = await _ask(http, "DELETE", f"{url}/api/routes/{whose}", None, condition)
    return "left as somebody is changing it" if status == CHANGED else "deleted"


async def _version(http: aiohttp.ClientSession, url: str, whose: str) -> str:
    async with http.get(f"{url}/api/routes/{whose}") as answer:
        return answer.headers.get("ETag", "")


async def _ask(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    body: Route | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    async with http.request(method, url, json=body, headers=headers) as answer:
        text = await answer.text()
        if answer.status < 300 or answer.status == CHANGED:  # noqa: PLR2004 - a success
            return answer.status, json.loads(text) if text else None
        raise RouteError(f"{'' if body is None else _named(body) + ': '}{answer.status} {text}")


def _written(route: Route) -> Route:
    """Return a route as the app shows it."""
    raw_id = route.get("rawId")
    return route if raw_id is None else route | {"rawId": _raw_id(raw_id)}


def _key(route: Route) -> str:
    raw_id = route.get("rawId")
    return EVERYBODY if raw_id is None else participant_id(_raw_id(raw_id))


def _raw_id(text: str) -> str:
    return participant_raw_id(f"4:{text}" if text.startswith("+") else text)


def _named(route: Route) -> str:
    return str(route.get("rawId", "everybody else"))


if __name__ == "__main__":
    typer.run(main)
