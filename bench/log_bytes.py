"""How many bytes of log a call makes: the app's lines as they are, the platform's by its rules.

Sizes of the platform's records were read from the real host's telemetry, for a frame: one request
of 1,022 bytes, two traces of 1,182 bytes. Which records there are follows from `host.json`:
https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-categories
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.functions_host.log_levels import LogLevels

REQUEST_BYTES = 1022
TRACE_BYTES = 1182
# What a trace has beside its message: the two of a call have some 125 bytes of that.
ENVELOPE_BYTES = TRACE_BYTES - 125
# Where host.json does not say: per instance and kind of record.
USUAL_PER_SECOND = 20
_EXECUTION = re.compile(r"^      (?:Executing|Executed) '", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CallLog:
    """What a call has left in the log, in bytes as Log Analytics counts them."""

    own_lines: int
    own: int
    platform: int

    @property
    def whole(self) -> int:
        """All of it."""
        return self.own + self.platform


def call_log(log: str, host: Mapping[str, Any], executions: int, seconds: float) -> CallLog:
    """Return what a call makes that has printed `log` in so many seconds of Azure's time.

    `executions` is how many calls of functions there were, frames and all.
    """
    own = [line for line in log.splitlines() if line.startswith('{"event": ')]
    traces = len(_EXECUTION.findall(log))
    requests = sampled_requests(host["logging"], executions, seconds)
    return CallLog(
        own_lines=len(own),
        own=sum(ENVELOPE_BYTES + len(line) for line in own),
        platform=traces * TRACE_BYTES + requests * REQUEST_BYTES,
    )


def sampled_requests(section: Mapping[str, Any], executions: int, seconds: float) -> int:
    """Return how many request records an instance sends for executions that succeed."""
    levels = LogLevels.parse(section.get("logLevel", {}))
    if not levels.let_through("Host.Results", logging.INFO):
        return 0
    sampling = section.get("applicationInsights", {}).get("samplingSettings", {})
    if not sampling.get("isEnabled", True) or "Request" in _types(sampling):
        return executions
    most = float(sampling.get("maxTelemetryItemsPerSecond", USUAL_PER_SECOND))
    return min(executions, round(most * seconds))


def _types(sampling: Mapping[str, Any]) -> Sequence[str]:
    return str(sampling.get("excludedTypes", "")).split(";")
