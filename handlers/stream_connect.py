"""The first event of a stream: Web PubSub asks whether it is let in.

https://learn.microsoft.com/azure/azure-web-pubsub/reference-cloud-events#connect
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

import azure.functions as func

from callscribe.bootstrap import worker
from callscribe.foundation.deadline import Deadline
from callscribe.foundation.moments import Seconds

# ACS waits for the answer, and nobody hears what is said meanwhile.
CONNECT = Seconds(10)


async def let_in(headers: Mapping[str, str], body: bytes, deadline: Deadline) -> func.HttpResponse:
    """Answer a `connect` event whose sender is proved: 204, or 200 with the user.

    By token the user is Web PubSub's own. By ticket it is told here, for a connection without one
    is dropped: 401 without a good ticket, whatever is wrong, and 503 while that cannot be known.
    """
    door, soon = worker().entrance, deadline.no_later_than(Deadline.after(CONNECT))
    event = door.event(headers, body, worker().clock.now())
    state = {"ce-connectionState": await worker().connecting.connect(event, soon)}
    user = door.user(event)
    if user is None:
        return func.HttpResponse(status_code=HTTPStatus.NO_CONTENT, headers=state)
    told = json.dumps({"userId": user})
    return func.HttpResponse(told, headers=state, mimetype="application/json")
