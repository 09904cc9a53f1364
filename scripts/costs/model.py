"""What calls need: Web PubSub units, instances, and amounts of all that is billed. Pure.

Figures with [counted] are those of `python -m bench call`, on the emulators; those with [host] were
measured on Microsoft's own Functions host.
"""

import math
from dataclasses import dataclass

# https://learn.microsoft.com/azure/azure-web-pubsub/concept-billing-model
UNIT_SIZES = (1, 2, 5, 10, 20, 50, 100)
# One unit: https://learn.microsoft.com/azure/azure-web-pubsub/concept-performance
CONNECTIONS_OF_UNIT, EVENTS_OF_UNIT, SENDS_OF_UNIT = 1000, 500, 180
# https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#instance-sizes
CORES = {512: 0.25, 2048: 1.0, 4096: 2.0}

FINALS_A_MINUTE = 20
HYPOTHESES_A_MINUTE = 120
# Host and worker together, where an instance is busy [host].
CPU_SECONDS_A_FRAME = 0.0049
# Of a core: beyond it frames begin to wait.
PLANNED_LOAD = 0.7
# Beside the rows of finals and the looks of the watch [counted].
WRITES_A_CALL, READS_A_CALL, QUEUE_A_CALL = 42, 45, 8
LOOKS_A_MINUTE = 3
CALLS_OF_FUNCTIONS_A_CALL = 20
LOG_BYTES_A_CALL = 19_000
STORED_BYTES_A_FINAL = 1_500


@dataclass(frozen=True, slots=True)
class Plan:
    """How many calls of how many minutes there are, and how the app is set."""

    calls: int
    minutes: float
    at_once: int
    watched: float = 0.0
    hypotheses: bool = True
    memory_mb: int = 2048
    always_ready: int = 0

    @property
    def frames_a_minute(self) -> int:
        """The frames of one call."""
        return FINALS_A_MINUTE + (HYPOTHESES_A_MINUTE if self.hypotheses else 0)

    @property
    def frames_a_second(self) -> float:
        """The frames of all calls that are up at once."""
        return self.at_once * self.frames_a_minute / 60

    @property
    def sends_a_second(self) -> float:
        """The messages for viewers: one for each frame of a call that is watched."""
        return self.frames_a_second * self.watched

    @property
    def connections(self) -> int:
        """The streams and the viewers, one of each call that is watched."""
        return self.at_once + math.ceil(self.at_once * self.watched)

    @property
    def seconds(self) -> float:
        """For how long calls are up."""
        return self.calls * self.minutes * 60 / self.at_once


@dataclass(frozen=True, slots=True)
class Units:
    """The units of Web PubSub that a load needs, and what each limit alone would need."""

    connections: float
    events: float
    sends: float

    @property
    def needed(self) -> float:
        """What the tightest limit needs."""
        return max(self.connections, self.events, self.sends)

    @property
    def size(self) -> int | None:
        """The smallest size that there is for it; None where one resource is too small."""
        return next((size for size in UNIT_SIZES if size >= self.needed), None)


def units(plan: Plan) -> Units:
    """Return the units: by connections, by events to the app, by messages of the app."""
    return Units(
        plan.connections / CONNECTIONS_OF_UNIT,
        plan.frames_a_second / EVENTS_OF_UNIT,
        plan.sends_a_second / SENDS_OF_UNIT,
    )


def calls_of_a_core(frames_a_minute: int) -> float:
    """Return how many calls one core holds when it does nothing else."""
    return 60 / (frames_a_minute * CPU_SECONDS_A_FRAME)


def instances(plan: Plan) -> int:
    """Return how many instances the frames keep busy, at least those that are always ready."""
    cores = plan.frames_a_second * CPU_SECONDS_A_FRAME / PLANNED_LOAD
    return max(1, plan.always_ready, math.ceil(cores / CORES[plan.memory_mb]))


def amounts(plan: Plan) -> dict[str, float]:
    """Return what is billed, by the names of `prices.toml`, for these calls within one day.

    Memory is in GB-seconds of the time in which an instance runs anything: waiting counts, CPU
    does not.
    """
    call_minutes = plan.calls * plan.minutes
    frames = call_minutes * plan.frames_a_minute
    finals = call_minutes * FINALS_A_MINUTE
    gigabytes = plan.memory_mb / 1024
    sent = frames * (1 + plan.watched)
    return {
        "functions-memory": instances(plan) * gigabytes * plan.seconds,
        "functions-executions": frames + plan.calls * CALLS_OF_FUNCTIONS_A_CALL,
        "functions-always-ready": plan.always_ready * gigabytes * 86_400,
        "web-pubsub-units": units(plan).size or UNIT_SIZES[-1],
        "web-pubsub-messages": sent,
        "tables": plan.calls * (WRITES_A_CALL + READS_A_CALL)
        + finals
        + call_minutes * LOOKS_A_MINUTE,
        "queue": plan.calls * QUEUE_A_CALL,
        "stored": finals * STORED_BYTES_A_FINAL / 1e9,
        "logs": plan.calls * LOG_BYTES_A_CALL / 1e9,
        "telephony": call_minutes,
        "transcription": call_minutes,
    }
