"""What the answers mean: which door is open, and which settings follow from that."""

from dataclasses import dataclass
from enum import StrEnum

from scripts.probe.dial import Answer


class Door(StrEnum):
    """How a stream proves itself; the values are those of WEBPUBSUB_STREAM_ADMISSION."""

    TOKEN = "token"  # noqa: S105 (a door's name)
    TICKET = "ticket"


class Verdict(StrEnum):
    """What is known of a door."""

    OPEN = "open"
    SHUT = "shut"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a dial was in the `connect` event."""

    query: bool
    header: bool


@dataclass(frozen=True, slots=True)
class Dialled:
    """A dial: its answer, and its `connect` event where that came to us."""

    answer: Answer
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A door, tried without and with the header; or why it was not tried."""

    door: Door
    front: str | None = None
    plain: Dialled | None = None
    foreign: Dialled | None = None
    why_not: str = ""

    @property
    def verdict(self) -> Verdict:
        """What is known of the door for a client that brings the header."""
        if self.plain is None or self.foreign is None:
            return Verdict.UNKNOWN
        if self.foreign.answer.opened:
            return Verdict.OPEN
        # Who is refused alike without the header was not refused because of it.
        same = self.plain.answer == self.foreign.answer
        return Verdict.UNKNOWN if same else Verdict.SHUT


def open_trial(trials: list[Trial]) -> Trial | None:
    """Return the open door to choose: one without a front, and the token's before the ticket's."""
    opened = [trial for trial in trials if trial.verdict is Verdict.OPEN]
    by_rank = sorted(opened, key=lambda trial: (trial.front is not None, trial.door is Door.TICKET))
    return by_rank[0] if by_rank else None


def advice(trials: list[Trial]) -> list[str]:
    """Return in sentences what to choose, or what to do next."""
    chosen = open_trial(trials)
    told = _choice(chosen, trials) if chosen else _next_steps(trials)
    return [*told, *_of_connect(trials)]


def _choice(chosen: Trial, trials: list[Trial]) -> list[str]:
    lines = [
        "Choose:",
        f"  WEBPUBSUB_STREAM_ADMISSION={chosen.door}",
        f"  WEBPUBSUB_STREAM_HOST={chosen.front}" if chosen.front else "  no WEBPUBSUB_STREAM_HOST",
    ]
    others = [each for each in trials if each is not chosen and each.verdict is Verdict.OPEN]
    return [*lines, *(f"Open as well: {_name(each)}." for each in others)]


def _next_steps(trials: list[Trial]) -> list[str]:
    direct = {trial.door: trial.verdict for trial in trials if trial.front is None}
    fronts = [trial for trial in trials if trial.front is not None]
    lines = ["No door is known to open."]
    if direct[Door.TOKEN] is Verdict.UNKNOWN:
        lines.append(
            "The token's door could not be tried: is the address right, and is the access key, or "
            "have you the role Web PubSub Service Owner?"
        )
    if direct[Door.TICKET] is Verdict.UNKNOWN:
        lines.append(
            "The ticket's door could not be tried: name a scratch hub that allows anonymous "
            "clients, and answer its connect event (--hub, --listen; docs/door.md)."
        )
    if set(direct.values()) == {Verdict.SHUT} and not fronts:
        lines.append(
            "Put a front before Web PubSub that takes the Authorization header away, and try it: "
            "--front HOST (docs/door.md)."
        )
    if fronts:
        lines.append(
            "The front does not help: it must take the Authorization header away, pass the query "
            "on, and address Web PubSub by its own name."
        )
    return lines


def _of_connect(trials: list[Trial]) -> list[str]:
    dials = [dialled for trial in trials for dialled in (trial.plain, trial.foreign) if dialled]
    lines = []
    if any(dialled.seen and not dialled.seen.query for dialled in dials):
        lines.append("The query does not reach the connect event: tickets cannot work.")
    seen = [trial.foreign.seen for trial in trials if trial.foreign and not trial.front]
    headers = {each.header for each in seen if each}
    if True in headers:
        lines.append("The Authorization header reaches the connect event: ACS's own is checked.")
    elif headers:
        lines.append("The Authorization header does not reach the connect event.")
    return lines


def _name(trial: Trial) -> str:
    return f"{trial.door}, through {trial.front}" if trial.front else str(trial.door)
