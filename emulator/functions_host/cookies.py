"""The cookies that functions set, in the form in which ASP.NET Core writes them."""

from urllib.parse import quote
from wsgiref.handlers import format_date_time

from emulator.functions_host.messages import RpcHttpCookie

# 0 is "not set": the attribute is left out. Numbers as in FunctionRpc.proto (RpcHttpCookie).
SAME_SITE = {1: "lax", 2: "strict", 3: "none"}


def header(cookie: RpcHttpCookie) -> str:
    """Return the value of the `Set-Cookie` header for `cookie`."""
    parts = [f"{quote(cookie.name, safe='')}={quote(cookie.value, safe='')}"]
    if cookie.expires is not None:
        parts.append(f"expires={format_date_time(cookie.expires.value.seconds)}")
    if cookie.max_age is not None:
        parts.append(f"max-age={int(cookie.max_age.value)}")
    if cookie.domain is not None and cookie.domain.value:
        parts.append(f"domain={cookie.domain.value}")
    parts.append(f"path={cookie.path.value if cookie.path and cookie.path.value else '/'}")
    if cookie.secure is not None and cookie.secure.value:
        parts.append("secure")
    if cookie.same_site in SAME_SITE:
        parts.append(f"samesite={SAME_SITE[cookie.same_site]}")
    if cookie.http_only is not None and cookie.http_only.value:
        parts.append("httponly")
    return "; ".join(parts)
