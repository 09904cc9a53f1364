"""Random calls: what a seed asks for. The same seed asks for the same, on every machine."""

import random
from dataclasses import dataclass
from typing import Any

PHRASES = (
    "Hello, this is the help desk.",
    "Can you hear me now?",
    "The line is bad today, I think.",
    "It is number forty-seven.",
    "One moment, please.",
    "Let me look that up for you.",
    "Καλησπέρα, τι ώρα κλείνετε;",
    "नमस्ते, आप कैसे हैं?",
    "もう一度お願いします。",
    "שלום, מה שלומך? 😊",
    "شكرًا جزيلًا لك",
    "👍",
)
PEOPLE = ("+14255550123", "+4930123456", "8:acs:resource_ada", "4:anonymous")
FIELDS = ("duration", "words", "confidence", "participantRawID")


@dataclass(frozen=True)
class Act:
    """Something done to a call once so many finals were spoken."""

    after: int
    what: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A call: how it rings, and what happens on it, in order."""

    seed: int
    ring: dict[str, Any]
    acts: tuple[Act, ...]


def chance_of(seed: int | str) -> random.Random:
    """Return the seed's own dice."""
    return random.Random(seed)  # noqa: S311 - not a secret, it must be the same each time


def plan(seed: int) -> Plan:
    """Return what a seed asks for."""
    chance = chance_of(seed)
    script = _script(chance)
    lines = len(script["lines"])
    acts = (_act(chance, lines) for _ in range(chance.choice((0, 1, 1, 2, 3))))
    ring = {
        "from": chance.choice(PEOPLE),
        "script": script,
        "speed": chance.choice((6, 8, 10)),
        "offsets": chance.choice(("stream", "clock")),
        "leaveOut": chance.sample(FIELDS, chance.choice((0, 0, 1, 4))),
        "deliveries": chance.choice((1, 1, 2, 3)),
        "callbackRetries": chance.random() < 0.3,
        **_cut(chance),
    }
    return Plan(seed, ring, tuple(sorted(acts, key=lambda act: act.after)))


def _script(chance: random.Random) -> dict[str, Any]:
    at, lines = 0.0, []
    for text in chance.sample(PHRASES, chance.randint(2, 4)):
        at += chance.uniform(1, 3)
        lines.append({"speaker": chance.randrange(2), "at": at, "text": text})
    return {"participants": [{}, {}], "lines": lines}


def _act(chance: random.Random, lines: int) -> Act:
    after = chance.randrange(lines)
    match chance.choices(("drop-stream", "close", "say", "hangup"), (6, 2, 1, 1))[0]:
        case "drop-stream":
            return Act(after, "drop-stream", _cut(chance))
        case "close":
            code = chance.choice((1001, 1006))
            return Act(after, "close", {"code": code, "reason": "ServiceReload"})
        case "say":
            # Once there is a stream: before it nobody promises to hear anything.
            return Act(
                max(1, after), "say", {"text": f"By the way, {chance.random()}.", "speaker": 1}
            )
        case _:
            return Act(max(1, after), "hangup", {})


def _cut(chance: random.Random) -> dict[str, Any]:
    """Return what the service does about a cut, with every switch."""
    return {
        "reconnect": chance.choice((None, 0.05, 0.1, 0.2)),
        "subscription": chance.choice(("new", "kept")),
        "cutOffsets": chance.choice(("restart", "continue")),
        "replay": chance.random() < 0.5,
    }
