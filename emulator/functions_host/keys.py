"""The keys for what is not anonymous, and which doors each of them opens.

https://learn.microsoft.com/azure/azure-functions/function-keys-how-to#understand-keys
"""

import hmac
from http import HTTPStatus

from aiohttp import web

from emulator.functions_host import queries
from emulator.functions_host.settings import Settings
from emulator.own_machine import is_from_here

ANONYMOUS, FUNCTION, SYSTEM, ADMIN = "ANONYMOUS", "FUNCTION", "SYSTEM", "ADMIN"


class Keys:
    """Decides by the key of a request and the level of a door whether the request may pass.

    The master key opens all of them, each other key those of its own level.
    """

    def __init__(self, settings: Settings) -> None:
        keys = {
            ADMIN: settings.master_key,
            FUNCTION: settings.function_key,
            SYSTEM: settings.event_grid_key,
        }
        self._keys = {level: key.encode() for level, key in keys.items() if key}

    def refusal(self, request: web.Request, level: str) -> HTTPStatus | None:
        """Return with which status a request is refused at a door of that level; None if not.

        401 without a key that is known, 403 with the key of other doors.
        """
        if level.upper() == ANONYMOUS:
            return None
        # Without any key whatever comes from this machine is allowed. (Under `func start` anything
        # is.)
        if not self._keys:
            return None if is_from_here(request) else HTTPStatus.UNAUTHORIZED
        opened = self._opened(request)
        if opened & {ADMIN, level.upper()}:
            return None
        return HTTPStatus.FORBIDDEN if opened else HTTPStatus.UNAUTHORIZED

    def _opened(self, request: web.Request) -> set[str]:
        """Return the levels whose key a request has."""
        given = request.headers.get("x-functions-key") or queries.value(request, "code")
        # Bytes: `compare_digest` refuses texts that are not ASCII, which anybody can send.
        sent = given.encode("utf-8", "replace")
        return {level for level, key in self._keys.items() if hmac.compare_digest(sent, key)}
