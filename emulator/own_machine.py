"""Who may use what asks for no key: programs of this machine, and no web page from elsewhere.

A page can have its reader's browser post to any port here. By a name of its own that leads to this
machine (DNS rebinding) it can even read what is answered: only the Host header tells.
https://www.w3.org/TR/fetch-metadata/
"""

import re
from http import HTTPStatus

from aiohttp import web

from emulator.serving import Handler, error

PLACES = ("/emulator/", "/admin/")
_LOOPBACK = re.compile(
    r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE
)


def is_from_here(request: web.Request) -> bool:
    """Tell whether a request is to this machine by name, and by no page of another origin."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0]):
        return False
    own = f"http://{hosts[0]}".lower()
    origins = request.headers.getall("Origin", [])
    sites = request.headers.getall("Sec-Fetch-Site", [])
    return all(origin.lower() == own for origin in origins) and all(
        site.lower() in ("none", "same-origin") for site in sites
    )


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 where somebody else wants to use a control API."""
    resource = request.match_info.route.resource
    guarded = resource is not None and resource.canonical.startswith(PLACES)
    if guarded and not is_from_here(request):
        what = "only programs of this machine may use this: not another Host, and no other site"
        return error(HTTPStatus.FORBIDDEN, "Forbidden", what)
    return await handler(request)
