"""The key for routes that are not anonymous, when one is set."""

import hmac

from aiohttp import web

from emulator.own_machine import is_from_here


class Keys:
    """Decides by authorization level whether a request may pass."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key is not None else None

    def allow(self, request: web.Request, level: str) -> bool:
        """Tell whether `request` may use a route of that level."""
        if level.upper() == "ANONYMOUS":
            return True
        # Without a key whatever comes from this machine is allowed. (Under `func start` anything
        # is.) The real host tells function, system and master keys apart; here one is all of them.
        if self._key is None:
            return is_from_here(request)
        given = request.headers.get("x-functions-key") or request.rel_url.query.get("code") or ""
        # Bytes: `compare_digest` refuses texts that are not ASCII, which anybody can send.
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._key)
