"""The app's identity and a transport that sends nothing, to see what would be sent with it."""

import time
from types import SimpleNamespace
from typing import Any, Self

from azure.core.credentials import AccessToken


class Identity:
    """An identity that has a token for one scope."""

    def __init__(self, scope: str) -> None:
        self._scope = scope

    async def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert scopes == (self._scope,)
        return AccessToken("the-token", int(time.time()) + 3600)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


class Recording:
    """A transport that notes what would be sent, and answers with a status."""

    def __init__(self, status: int) -> None:
        self._status = status

    async def send(self, request: Any, **_: object) -> Any:
        self.sent = request
        return SimpleNamespace(status_code=self._status, headers={})
