"""The checks, in order: what each does, and which role or setting it points to when it fails."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from azure.core.exceptions import AzureError

from callscribe.foundation.errors import CallscribeError
from callscribe.foundation.moments import Seconds
from scripts.smoke.call import SAID
from scripts.smoke.probe import Probe, ProbeError, until

# The app's timer checks its active calls once in this time.
MINUTE = Seconds(60)
# For a cold start, the polling of the queue, and the network.
SLACK = Seconds(45)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to prove; `needs` names the checks that must have succeeded before it."""

    name: str
    points_to: str
    run: Callable[[Probe], Awaitable[None]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a check went: `ok`, `failed` or `not tried`; and why it failed."""

    check: Check
    outcome: str
    why: str | None = None


async def run_all(probe: Probe, on_result: Callable[[Result], None]) -> list[Result]:
    """Run every check. The last one, which cleans up, runs even where others have failed."""
    results: list[Result] = []
    for check in CHECKS:
        failed = {each.check.name for each in results if each.outcome != "ok"}
        missing = [name for name in check.needs if name in failed]
        result = Result(check, "not tried") if missing else await _tried(check, probe)
        results.append(result)
        on_result(result)
    return results


async def _tried(check: Check, probe: Probe) -> Result:
    try:
        await check.run(probe)
    except (ProbeError, CallscribeError, AzureError, aiohttp.ClientError, TimeoutError) as error:
        return Result(check, "failed", f"{type(error).__name__}: {error}".splitlines()[0])
    return Result(check, "ok")


async def _health(probe: Probe) -> None:
    answer = await probe.api("GET", "/api/health")
    if answer != {"status": "ok"}:
        raise ProbeError(f"another answer: {answer}")


async def _list(probe: Probe) -> None:
    answer = await probe.api("GET", "/api/calls?limit=1")
    if "calls" not in answer:
        raise ProbeError(f"another answer: {answer}")


async def _write(probe: Probe) -> None:
    await probe.write_call()


async def _show(probe: Probe) -> None:
    await probe.api_of_call()


async def _watch(probe: Probe) -> None:
    answer = await probe.api_of_call("/live", "POST")
    await probe.watch(str(answer["url"]))


async def _mint(probe: Probe) -> None:
    await probe.mint()


async def _speak(probe: Probe) -> None:
    await probe.speak()


async def _stored(probe: Probe) -> None:
    await until(probe.texts, lambda texts: texts == list(SAID))


async def _seen(probe: Probe) -> None:
    await until(probe.seen, lambda texts: bool({*texts} & {*SAID}))


async def _transcript(probe: Probe) -> None:
    answer = await probe.api_of_call("/transcript?format=json")
    texts = [segment["text"] for segment in answer["segments"]]
    if texts != list(SAID):
        raise ProbeError(f"another transcript: {texts}")


async def _polled(probe: Probe) -> None:
    await probe.stop_speaking()
    await until(probe.api_of_call, _over, Seconds(MINUTE + SLACK))


async def _reported(probe: Probe) -> None:
    delay = probe.settings.times.finish_delay
    await until(probe.api_of_call, _has_report, Seconds(delay + SLACK))


async def _remove(probe: Probe) -> None:
    await probe.stop_speaking()
    await until(probe.remove, lambda left: not left)


def _over(call: dict[str, Any]) -> bool:
    return bool(call["state"] == "ended")


def _has_report(call: dict[str, Any]) -> bool:
    return "finishedAt" in call and bool(call["report"]["finals"] == len(SAID))


# The role of whoever runs the checks.
OWN = "your own role"
CHECKS = (
    Check(
        "the app is up",
        "503: a setting that is wrong, as the answer says. Else: its log stream",
        _health,
    ),
    Check(
        "it lists calls",
        "401: the function key. 5xx: the app's Storage Table Data Contributor, "
        "TranscriptStorage__accountName",
        _list,
    ),
    Check(
        "a made-up call is written",
        f"{OWN} Storage Table Data Contributor (smokePrincipalId)",
        _write,
    ),
    Check(
        "the app shows it",
        "TranscriptStorage__accountName here is not the app's",
        _show,
        ("it lists calls", "a made-up call is written"),
    ),
    Check(
        "it issues an address for viewers",
        "the app's Web PubSub Service Owner, WEBPUBSUB_ENDPOINT, WEBPUBSUB_LIVE_HUB",
        _watch,
        ("the app shows it",),
    ),
    Check(
        "an address for the stream is made",
        f"{OWN} Web PubSub Service Owner (smokePrincipalId)",
        _mint,
    ),
    Check(
        "Web PubSub takes the stream",
        "the stream hub's event handler (wiring.bicep), WEBPUBSUB_UPSTREAM_*: "
        "the app's log has `refused` lines that say why. 401 without one: "
        "the header as ACS's; ask scripts.probe",
        _speak,
        ("an address for the stream is made", "the app shows it"),
    ),
    Check(
        "what is said is stored",
        "WEBPUBSUB_UPSTREAM_*, the app's Storage Table Data Contributor",
        _stored,
        ("Web PubSub takes the stream",),
    ),
    Check(
        "viewers see it",
        "the app's Web PubSub Service Owner, WEBPUBSUB_LIVE_HUB",
        _seen,
        ("it issues an address for viewers", "what is said is stored"),
    ),
    Check(
        "the app shows the transcript",
        "the app's log",
        _transcript,
        ("what is said is stored",),
    ),
    Check(
        "the app asks ACS about the call",
        "the app's role on ACS (acsRoleDefinitionId), ACS_ENDPOINT: `reconcileFailed` in its log",
        _polled,
        ("the app shows it",),
    ),
    Check(
        "jobs run: the call is reported on",
        "the app's Storage Queue Data Contributor; TranscriptStorage__queueServiceUri, "
        "if a sleeping app is not woken (docs/unverified.md)",
        _reported,
        ("what is said is stored", "the app asks ACS about the call"),
    ),
    Check("nothing is left behind", f"{OWN} Storage Table Data Contributor", _remove),
)
