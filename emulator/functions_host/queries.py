"""The query of a request, as the host reads it: names in any case are the same name."""

from aiohttp import web


def values(request: web.Request) -> dict[str, str]:
    """Return the values by name, in the case in which the name came first.

    The values of a repeated name are joined by commas, and empty ones are dropped.
    """
    found: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for name, value in request.rel_url.query.items():
        if value:
            first = spelt.setdefault(name.lower(), name)
            found[first] = f"{found[first]},{value}" if first in found else value
    return found


def value(request: web.Request, name: str) -> str:
    """Return the value of a name in any case, or an empty text."""
    return next(
        (each for known, each in values(request).items() if known.lower() == name.lower()), ""
    )
