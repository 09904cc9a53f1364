"""The one key that opens the app's protected doors, when there is one."""

import hmac

from aiohttp import web


class Keys:
    """Decides by authorization level; without a key every door is open, as under `func start`."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key is not None else None

    def allow(self, request: web.Request, level: str) -> bool:
        """Say whether `request` may pass a door of that level."""
        if self._key is None or level.upper() == "ANONYMOUS":
            return True
        given = request.headers.get("x-functions-key") or request.rel_url.query.get("code") or ""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._key)
