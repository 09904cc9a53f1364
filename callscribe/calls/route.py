"""A route: what is done about calls to a number, a user or a Teams app; pure.

The route of one participant wins over that of all others, `*`. It is copied into the call when the
call is claimed, so that a route that is changed meanwhile changes nothing.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum

from callscribe.calls.call import Call
from callscribe.calls.incoming import is_ours
from callscribe.calls.labels import Labels, parse_labels
from callscribe.calls.targets import check_fields, object_in, raw_id_in
from callscribe.calls.transcription_request import (
    PLAIN,
    TranscriptionWish,
    parse_transcription,
    wish_json,
)
from callscribe.foundation.errors import BadInputError
from callscribe.foundation.identifiers import participant_id, participant_raw_id
from callscribe.foundation.json_input import Json, parse, parse_object

# Who wished for what a route says.
BY_ROUTE = "route"
# The route of all who have none of their own.
EVERYBODY = "*"
# Whom the route of everybody, or none at all, speaks for: numbers, and Teams' resource accounts.
_OF_EVERYBODY = ("4:", "28:orgid:")
_LATER = ("announcement", "consent", "connect")


class Action(StrEnum):
    """What is done about a call that rings."""

    ANSWER = "answer"
    IGNORE = "ignore"
    REJECT = "reject"


class Origin(StrEnum):
    """Who made a route: a person by the API, or a deployment from its file."""

    API = "api"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Route:
    """What is done about calls to a participant; `raw_id` None: to everybody else."""

    raw_id: str | None
    action: Action
    transcription: TranscriptionWish = PLAIN
    labels: Labels = ()
    origin: Origin = Origin.API

    @property
    def key(self) -> str:
        """Whose it is: 32 hex digits that name the participant, or `*`."""
        return EVERYBODY if self.raw_id is None else participant_id(self.raw_id)


def parse_route(body: bytes, key: str) -> Route:
    """Read the route of a participant, or of everybody.

    Raises BadInputError naming the field and what was expected.
    """
    told = object_in(parse(body), "the body")
    for name in _LATER:
        if name in told:
            raise BadInputError(f"{name}: not offered yet", name)
    check_fields(told, ("rawId", "action", "transcription", "labels", "origin"))
    return Route(
        raw_id=_raw_id(told.get("rawId"), key),
        action=_one_of(Action, told.get("action"), "action"),
        transcription=parse_transcription(told.get("transcription")),
        labels=parse_labels(told["labels"]) if "labels" in told else (),
        origin=_one_of(Origin, told.get("origin", Origin.API.value), "origin"),
    )


def route_json(route: Route) -> Json:
    """Return a route as a request says it."""
    told = {
        "rawId": route.raw_id,
        "action": route.action.value,
        "transcription": wish_json(route.transcription),
        "labels": list(route.labels),
        "origin": route.origin.value,
    }
    return {name: value for name, value in told.items() if value}


def route_text(route: Route) -> str:
    """Return a route as a column has it."""
    return json.dumps(route_json(route))


def route_in(column: str | None) -> Route | None:
    """Return the route that was copied into a call; None where there is none that can be read."""
    told = parse_object((column or "").encode())
    raw_id = told.get("rawId")
    key = participant_id(raw_id) if isinstance(raw_id, str) else EVERYBODY
    try:
        return parse_route(json.dumps(told).encode(), key)
    except BadInputError:
        return None


def routed(call: Call, route: Route | None) -> Call:
    """Return a call with its route, which is copied into it."""
    return call if route is None else replace(call, route=route_text(route), labels=route.labels)


def action_on(callee: str, route: Route | None, numbers: frozenset[str]) -> Action:
    """Say what is done about a call: `numbers` are those that are answered without their own route.

    Users of the resource need their own route, or to be among the numbers: they ring also where we
    invite them, and would be answered by ourselves. Who cannot be read is answered for: nobody is
    to lose a call by that.
    """
    if route is not None and route.raw_id is not None:
        return route.action
    everybody = ":" not in callee or callee.startswith(_OF_EVERYBODY)
    if not is_ours(callee, numbers) or not (numbers or everybody):
        return Action.IGNORE
    return Action.ANSWER if route is None else route.action


def _raw_id(value: object, key: str) -> str | None:
    if key == EVERYBODY:
        if value is not None:
            raise BadInputError("rawId: expected none in the route of everybody", "rawId")
        return None
    raw_id = participant_raw_id(raw_id_in(value, "rawId"))
    if participant_id(raw_id) != key:
        raise BadInputError(
            f"rawId: expected the one of this address; this one's is {participant_id(raw_id)}",
            "rawId",
        )
    return raw_id


def _one_of[T: StrEnum](kind: type[T], value: object, field: str) -> T:
    if not isinstance(value, str) or value not in tuple(kind):
        raise BadInputError(f"{field}: expected one of {', '.join(kind)}", field)
    return kind(value)
