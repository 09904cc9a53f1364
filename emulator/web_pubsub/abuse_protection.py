"""The webhook validation: no address gets events before it has allowed this service to send them.

https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
"""

import asyncio
import time
from dataclasses import dataclass

import aiohttp
from yarl import URL

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an address answered when it was last asked; `refusal` is empty if it agreed."""

    refusal: str
    at: float

    @property
    def allowed(self) -> bool:
        """Say whether events may be sent."""
        return not self.refusal


class AbuseProtection:
    """Asks each address before its first event, and again at most once per `refresh` seconds."""

    def __init__(self, session: aiohttp.ClientSession, limit: float, refresh: float) -> None:
        self._session = session
        self._limit = limit
        self._refresh = refresh
        self._verdicts: dict[str, Verdict] = {}
        self._questions: dict[str, asyncio.Task[Verdict]] = {}

    async def verdict(self, url: str, origin: str) -> Verdict:
        """Return the answer that counts now.

        Only the first question and one that follows a refusal are waited for; a refresh goes on
        beside the events, which use the last known answer.
        """
        known = self._verdicts.get(url)
        if known is not None and known.allowed:
            if time.monotonic() - known.at >= self._refresh:
                self._question(url, origin)
            return known
        return await asyncio.shield(self._question(url, origin))

    def forget(self) -> None:
        """Ask every address anew."""
        self._verdicts.clear()

    def _question(self, url: str, origin: str) -> asyncio.Task[Verdict]:
        """Return the question under way for the address, or ask it."""
        if url not in self._questions:
            task = asyncio.create_task(self._ask(url, origin))
            self._questions[url] = task
            task.add_done_callback(lambda _: self._questions.pop(url))
        return self._questions[url]

    async def _ask(self, url: str, origin: str) -> Verdict:
        try:
            async with asyncio.timeout(self._limit):
                status, refusal = await self._send("OPTIONS", url, origin)
                if status == _NOT_FOUND:
                    _, refusal = await self._send("GET", url, origin)
        except TimeoutError:
            refusal = f"{url} did not answer the validation within {self._limit:g} s"
        except aiohttp.ClientError as error:
            refusal = f"{url} did not answer the validation: {error}"
        verdict = Verdict(refusal, time.monotonic())
        self._verdicts[url] = verdict
        return verdict

    async def _send(self, method: str, url: str, origin: str) -> tuple[int, str]:
        """Return the status and, unless the address agreed, what was wrong with its answer."""
        headers = {"WebHook-Request-Origin": origin, "ce-awpsversion": "1.0"}
        async with self._session.request(
            method, URL(url, encoded=True), headers=headers, allow_redirects=False
        ) as response:
            lines = response.headers.getall("WebHook-Allowed-Origin", [])
            names = [name.strip().lower() for line in lines for name in line.split(",")]
            if not response.ok:
                return response.status, f"{method} {url} answered {response.status}"
            # Some upstreams name hosts with their port; the origin has none.
            if not {"*", origin.lower()} & {name.partition(":")[0] for name in names}:
                return response.status, f"{method} {url} does not allow the origin {origin}"
            return response.status, ""
