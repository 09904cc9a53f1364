"""The rows of the table of `python -m emulator faults`, in plain words."""

from typing import Any


def acs_row(fault: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of a fault of ACS: on what, its effect, how often still, for which call."""
    return fault["on"], _of_acs(fault), _left(fault["left"]), fault["call"] or "any"


def web_pubsub_row(fault: dict[str, Any]) -> tuple[str, ...]:
    """Return the same cells of a fault of Web PubSub, which has no calls."""
    on = " ".join(filter(None, (fault["on"], fault["event"])))
    return on, _of_web_pubsub(fault), _left(fault["times"]), "any"


def _of_acs(fault: dict[str, Any]) -> str:
    """Return the effect of a fault of ACS."""
    delay = fault["delay"]
    effects = {
        "loseReply": "done, never answered",
        "lateReply": f"done, answered {delay:g} s later",
        "drop": "never posted",
        "twice": "posted twice, one after the other",
        "together": "posted twice at the same moment",
    }
    if fault["do"]:
        return effects[fault["do"]]
    after = f" after {delay:g} s" if delay else ""
    if result := fault["result"]:
        return f"fails with {result['code']}/{result['subCode']} {result['message']}{after}"
    if fault["status"]:
        retry = fault["retryAfter"]
        retry_after = "" if retry is None else f" (Retry-After: {retry})"
        return f"answered {fault['status']}{retry_after}{after}, nothing done"
    return f"{delay:g} s later"


def _of_web_pubsub(fault: dict[str, Any]) -> str:
    """Return the effect of a fault of Web PubSub."""
    together = fault["value"] == "together"
    effects = {
        "deliverTwice": f"twice, {'at the same moment' if together else 'one after the other'}",
        "delay": f"{fault['value']} s later",
        "loseReply": "taken, the reply is lost",
        "skipId": "one event id is never used",
        "status": f"answered {fault['value']}, nothing done",
    }
    return effects[fault["do"]]


def _left(times: int | None) -> str:
    return "until deleted" if times is None else str(times)
