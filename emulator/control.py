"""HTTP clients of the command line: for the emulators' control APIs and for the app's API."""

import json
import os
from types import TracebackType
from typing import Any, Self

import aiohttp

from emulator.console import COMMAND
from emulator.errors import StackError
from emulator.ports import Ports


class ControlError(StackError):
    """A service has refused a request; the message has its answer."""


class UnreachableError(ControlError):
    """A service does not answer."""


class Api:
    """A client of a JSON API."""

    def __init__(self, base: str, what: str, headers: dict[str, str] | None = None) -> None:
        self.base = base
        self._what = what
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=30), headers=headers
        )

    async def get(self, path: str) -> Any:  # noqa: ANN401 (JSON as it comes)
        """Return the answer to a GET."""
        return await self._call("GET", path, None)

    async def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401 (JSON as it comes)
        """Return the answer to a POST, None when it is empty."""
        return await self._call("POST", path, body)

    async def put(self, path: str, body: object) -> None:
        """Send a PUT."""
        await self._call("PUT", path, body)

    async def delete(self, path: str) -> None:
        """Send a DELETE."""
        await self._call("DELETE", path, None)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._session.close()

    async def _call(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401
        url = self.base + path
        try:
            async with self._session.request(method, url, json=body) as response:
                if response.ok:
                    return await response.json() if await response.read() else None
                answer = await response.text()
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            raise UnreachableError(
                f"{self._what} does not answer at {self.base}; "
                f"is the stack up? It starts with: {COMMAND} up"
            ) from error
        raise ControlError(f"{self._what} refused ({response.status}): {_message(answer)}")


def acs_api(ports: Ports) -> Api:
    """Return the control API of the ACS emulator."""
    return Api(f"http://localhost:{ports.acs}", "the ACS emulator")


def web_pubsub_api(ports: Ports) -> Api:
    """Return the control API of the Web PubSub emulator."""
    return Api(f"http://localhost:{ports.web_pubsub}", "the Web PubSub emulator")


def app_api(ports: Ports) -> Api:
    """Return the app's API; FUNCTIONS_KEY is its key where the host wants one."""
    key = os.environ.get("FUNCTIONS_KEY")
    headers = {"x-functions-key": key} if key else None
    return Api(f"http://localhost:{ports.functions}", "the app", headers)


async def show_call(acs: Api, call: str) -> dict[str, Any]:
    """Return a call by its id, or the latest one when `call` is `last`."""
    calls: list[dict[str, Any]] = await acs.get("/emulator/calls")
    if not calls:
        raise ControlError(f"no call has rung yet; try: {COMMAND} ring")
    if call == "last":
        return calls[-1]
    for one in calls:
        if one["id"] == call:
            return one
    raise ControlError(f"there is no call {call}; {COMMAND} calls lists those that have rung")


def _message(answer: str) -> str:
    """Return the message of an error response; any other response as it is."""
    try:
        return str(json.loads(answer)["error"]["message"])
    except (ValueError, TypeError, LookupError):
        return answer[:500]
