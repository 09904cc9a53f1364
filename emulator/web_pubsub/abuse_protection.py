"""Abuse protection: an address gets no events before it has allowed this service to send them.

https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
"""

import asyncio
import time
from dataclasses import dataclass

import aiohttp
from yarl import URL

_NOT_FOUND = 404

# The origins that ask, the one whose events are to come first.
type Origins = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """The result of the last validation of an address; `refusal` is empty if it has agreed."""

    refusal: str
    at: float

    @property
    def allowed(self) -> bool:
        """Tell whether events may be sent to the address."""
        return not self.refusal


class AbuseProtection:
    """Validates each address before its first event, then at most once per `refresh` seconds."""

    def __init__(self, session: aiohttp.ClientSession, timeout: float, refresh: float) -> None:
        self._session = session
        self._timeout = timeout
        self._refresh = refresh
        self._validations: dict[str, Validation] = {}
        self._running: dict[str, asyncio.Task[Validation]] = {}

    async def validation(self, url: str, origins: Origins) -> Validation:
        """Return the validation of an address that applies now."""
        # Microsoft's emulator does the same, "like runtime": only the first validation, or one
        # after a refusal, delays events; a refresh runs beside them and uses the last known result.
        # https://github.com/Azure/azure-webpubsub/tree/main/tools/emulator
        known = self._validations.get(url)
        if known is not None and known.allowed:
            if time.monotonic() - known.at >= self._refresh:
                self._start(url, origins)
            return known
        # Shielded: a client that leaves must not cancel the validation that others wait for.
        return await asyncio.shield(self._start(url, origins))

    def forget(self) -> None:
        """Forget all results: every address is validated again."""
        self._validations.clear()

    def _start(self, url: str, origins: Origins) -> asyncio.Task[Validation]:
        """Return the running validation of an address, or start one."""
        if url not in self._running:
            task = asyncio.create_task(self._validate(url, origins))
            self._running[url] = task
            task.add_done_callback(lambda _: self._running.pop(url))
        return self._running[url]

    async def _validate(self, url: str, origins: Origins) -> Validation:
        try:
            async with asyncio.timeout(self._timeout):
                status, refusal = await self._send("OPTIONS", url, origins)
                # As in Microsoft's emulator, for upstreams that have no route for OPTIONS.
                if status == _NOT_FOUND:
                    _, refusal = await self._send("GET", url, origins)
        except TimeoutError:
            refusal = f"{url} did not answer the validation within {self._timeout:g} s"
        except aiohttp.ClientError as error:
            refusal = f"{url} did not answer the validation: {error}"
        validation = Validation(refusal, time.monotonic())
        self._validations[url] = validation
        return validation

    async def _send(self, method: str, url: str, origins: Origins) -> tuple[int, str]:
        """Return the status and, unless the address has agreed, what is wrong with its answer."""
        headers = {"WebHook-Request-Origin": ", ".join(origins), "ce-awpsversion": "1.0"}
        async with self._session.request(
            method, URL(url, encoded=True), headers=headers, allow_redirects=False
        ) as response:
            # Microsoft's Express middleware answers with one header line for each allowed origin.
            lines = response.headers.getall("WebHook-Allowed-Origin", [])
            names = [name.strip().lower() for line in lines for name in line.split(",")]
            if not response.ok:
                return response.status, f"{method} {url} answered {response.status}"
            # The same middleware names hosts with their port; the origin has none. Where several
            # ask at once, the one whose events are to come must be allowed.
            origin = origins[0]
            if not {"*", origin.lower()} & {name.partition(":")[0] for name in names}:
                return response.status, f"{method} {url} does not allow the origin {origin}"
            return response.status, ""
