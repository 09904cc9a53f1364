"""The rows of the table of `python -m emulator faults`, in plain words."""

from typing import Any


def acs_row(fault: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of a fault of ACS: on what, its effect, how often still, for which call."""
    on = f"{fault['on']} after {fault['skip']} others" if fault["skip"] else fault["on"]
    return on, _of_acs(fault), _left_of_acs(fault), fault["call"] or "any"


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
        "freeze": "held back, done when the fault is over",
        "swallow": "held back, never done",
        "reset": "the connection breaks, never done",
        "cut": "lost, and the stream breaks",
        "silent": "lost, and the transcription ends without an event",
        "unnoticed": "lost, and the stream breaks without ACS noticing",
    }
    if fault["on"] == "frame":
        effects["drop"] = "lost"
    if fault["do"]:
        return effects[fault["do"]]
    if fault["state"]:
        return f"told to be {fault['state']}"
    after = f" after {delay:g} s" if delay else ""
    if result := fault["result"]:
        done = ", though it is done" if fault["done"] else ""
        return f"fails with {result['code']}/{result['subCode']} {result['message']}{after}{done}"
    if fault["status"]:
        retry = fault["retryAfter"]
        retry_after = "" if retry is None else f" (Retry-After: {retry})"
        done = "done all the same" if fault["done"] else "nothing done"
        return f"answered {fault['status']}{retry_after}{after}, {done}"
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


def _left_of_acs(fault: dict[str, Any]) -> str:
    if fault["seconds"] is None:
        return _left(fault["left"])
    often = "" if fault["left"] is None else f"{fault['left']}, "
    return f"{often}{fault['seconds']:g} s from its start"


def _left(times: int | None) -> str:
    return "until deleted" if times is None else str(times)
