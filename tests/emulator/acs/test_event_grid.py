"""Event Grid delivers an incoming call, at least once, to endpoints that have agreed."""

import base64
import json
import re
from typing import Any

import pytest
from aiohttp import web

from emulator.acs.event_grid import retry_pause
from emulator.acs.settings import DEFAULT_EVENT_GRID_RETRIES

from .peers import ACS_USER, CALLEE, CALLER, Json, until
from .stacks import Stack, stack


@pytest.fixture
def json_answer() -> Any:
    def answering(status: int, body: Any) -> Any:
        async def answer(_event: Json) -> web.Response:
            return web.json_response(body, status=status)

        return answer

    return answering


async def reached(acs: Stack) -> set[str]:
    """Return the subscriptions that a call is delivered to, `other` among them."""
    await acs.subscribe("other")
    call = await acs.ring()
    await acs.context(call)
    return {delivery["subscription"] for delivery in (await acs.show(call))["deliveries"]}


async def test_the_event_has_the_fields_of_the_service(acs: Stack) -> None:
    call = await acs.ring(callerDisplayName="Ada", customContext={"sipHeaders": {"a": "b"}})
    await acs.context(call)
    [(headers, event)] = acs.peer.events
    assert headers["aeg-event-type"] == "Notification"
    assert headers["aeg-delivery-count"] == "0"
    assert headers["aeg-subscription-name"] == "APP"
    assert headers["aeg-data-version"] == "1.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", event["eventTime"])
    assert set(event) == {
        "id",
        "topic",
        "subject",
        "data",
        "eventType",
        "dataVersion",
        "metadataVersion",
        "eventTime",
    }
    assert event["eventType"] == "Microsoft.Communication.IncomingCall"
    assert event["subject"] == f"/caller/4:{CALLER}/recipient/4:{CALLEE}"
    data = event["data"]
    assert data["from"] == {
        "kind": "phoneNumber",
        "rawId": f"4:{CALLER}",
        "phoneNumber": {"value": CALLER},
    }
    assert data["to"]["phoneNumber"]["value"] == CALLEE
    assert data["callerDisplayName"] == "Ada"
    assert data["customContext"] == {"sipHeaders": {"a": "b"}}
    assert data["serverCallId"] == call["serverCallId"]


async def test_the_context_is_an_unsigned_token_of_a_few_kilobytes(acs: Stack) -> None:
    context = await acs.context(await acs.ring())
    header, payload, signature = context.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "none", "typ": "JWT"}
    assert set(json.loads(base64.urlsafe_b64decode(payload + "=="))) == {"cc", "shrToken"}
    assert signature == ""
    assert 4_000 < len(context) < 9_000


@pytest.mark.parametrize(
    ("raw_id", "kind"),
    [
        (ACS_USER, "communicationUser"),
        ("8:orgid:person", "microsoftTeamsUser"),
        ("28:orgid:app", "microsoftTeamsApp"),
        ("4:anonymous", "phoneNumber"),
        ("99:what", "unknown"),
    ],
)
async def test_the_kind_of_a_caller_follows_from_the_raw_id(
    acs: Stack, raw_id: str, kind: str
) -> None:
    await acs.context(await acs.ring(**{"from": raw_id}))
    sender = acs.peer.events[0][1]["data"]["from"]
    assert (sender["rawId"], sender["kind"]) == (raw_id, kind)


async def test_an_event_can_be_delivered_twice_at_once(acs: Stack) -> None:
    call = await acs.ring(deliveries=2)
    await until(lambda: len(acs.peer.events) == 2)
    (_, first), (_, second) = acs.peer.events
    assert first == second
    shown = await acs.see(call, lambda c: all(d["status"] for d in c["deliveries"]))
    assert [delivery["attempt"] for delivery in shown["deliveries"]] == [1, 1]


async def test_only_200_to_204_is_delivered() -> None:
    async with stack(event_grid_retry_seconds=(0.01,)) as acs:
        await acs.subscribe()
        acs.peer.event_statuses = [500, 205, 302, 204]
        call = await acs.ring()
        await until(lambda: len(acs.peer.events) == 4)
        shown = await acs.see(call, lambda c: c["deliveries"][-1]["status"] == 204)
        assert [one["status"] for one in shown["deliveries"]] == [500, 205, 302, 204]
        assert [headers["aeg-delivery-count"] for headers, _ in acs.peer.events] == list("0123")
        assert len({event["id"] for _, event in acs.peer.events}) == 1


@pytest.mark.parametrize(("status", "at_least"), [(404, 300), (503, 30), (500, 10), (None, 10)])
async def test_some_statuses_are_given_more_time(status: int | None, at_least: float) -> None:
    """Five minutes for 404 and 30 s for 503, unless the schedule says more."""
    assert retry_pause(DEFAULT_EVENT_GRID_RETRIES, 0, status) == at_least
    assert retry_pause(DEFAULT_EVENT_GRID_RETRIES, 20, status) == 3600


async def test_the_attempts_are_limited() -> None:
    async with stack(event_grid_retry_seconds=(0.01,)) as acs:
        await acs.subscribe(maxDeliveryAttempts=2)
        await acs.subscribe("other")
        acs.peer.event_statuses = [500] * 6 + [200]
        call = await acs.ring()
        shown = await acs.see(call, lambda c: c["deliveries"][-1]["status"] == 200)
        names = [delivery["subscription"] for delivery in shown["deliveries"]]
        assert names.count("app") == 2


async def test_an_event_that_has_grown_old_is_given_up() -> None:
    async with stack(event_grid_retry_seconds=(0.05,)) as acs:
        await acs.subscribe(eventTimeToLiveInMinutes=0.02 / 60)
        await acs.subscribe("other")
        acs.peer.event_statuses = [500] * 4 + [200]
        call = await acs.ring()
        shown = await acs.see(call, lambda c: c["deliveries"][-1]["status"] == 200)
        names = [delivery["subscription"] for delivery in shown["deliveries"]]
        assert names.count("app") == 1


async def test_a_deleted_subscription_is_not_tried_again() -> None:
    async with stack(event_grid_retry_seconds=(0.05,)) as acs:
        await acs.subscribe()
        await acs.subscribe("other")
        acs.peer.event_statuses = [500] * 3
        call = await acs.ring()
        await acs.control("DELETE", "event-subscriptions/app")
        shown = await acs.see(call, lambda c: c["deliveries"][-1]["status"] == 200)
        names = [delivery["subscription"] for delivery in shown["deliveries"]]
        assert (names.count("app"), names.count("other")) == (1, 3)


async def test_an_endpoint_that_hangs_is_tried_again() -> None:
    async with stack(event_grid_retry_seconds=(0.01,), event_grid_timeout=0.25) as acs:
        while (await acs.subscribe())[0] != 200:
            pass  # A busy machine may take longer than this short limit.
        acs.peer.hanging_events = 1
        call = await acs.ring()
        shown = await acs.see(call, lambda c: c["deliveries"][-1]["status"] == 200)
        assert "Timeout" in shown["deliveries"][0]["error"]


async def test_other_types_are_not_delivered(acs: Stack) -> None:
    await acs.subscribe(includedEventTypes=["Microsoft.Communication.RecordingFileStatusUpdated"])
    assert await reached(acs) == {"other"}


async def test_the_handshake_is_asked_for_first(acs: Stack) -> None:
    [event] = acs.peer.validations
    assert event["eventType"] == "Microsoft.EventGrid.SubscriptionValidationEvent"
    assert set(event["data"]) == {"validationCode", "validationUrl"}
    status, shown = await acs.control("GET", "event-subscriptions/app")
    assert (status, shown["provisioningState"]) == (200, "Succeeded")


@pytest.mark.parametrize("status", [202, 401, 500])
async def test_an_endpoint_that_does_not_answer_200_is_refused(
    json_answer: Any, status: int
) -> None:
    async with stack() as acs:
        acs.peer.handshake = json_answer(status, {"validationResponse": "any"})
        refusal, body = await acs.subscribe()
        assert refusal == 400
        assert f"answered {status}, not 200" in body["error"]["message"]
        assert await acs.control("GET", "event-subscriptions") == (200, [])


async def test_a_wrong_code_is_refused(json_answer: Any) -> None:
    async with stack() as acs:
        acs.peer.handshake = json_answer(200, {"validationResponse": "wrong"})
        status, body = await acs.subscribe()
        assert (status, body["error"]["code"]) == (400, "ValidationFailed")


async def test_an_endpoint_that_is_not_there_is_refused_and_the_former_one_stays(
    acs: Stack,
) -> None:
    status, body = await acs.subscribe(endpoint="http://127.0.0.1:1/")
    assert (status, body["error"]["code"]) == (400, "ValidationFailed")
    await acs.context(await acs.ring())


async def test_an_endpoint_can_validate_itself_by_the_url(json_answer: Any) -> None:
    async with stack() as acs:
        usual, acs.peer.handshake = acs.peer.handshake, json_answer(200, {})
        status, shown = await acs.subscribe()
        acs.peer.handshake = usual
        assert (status, shown["provisioningState"]) == (202, "AwaitingManualAction")
        assert await reached(acs) == {"other"}
        address = acs.peer.validations[0]["data"]["validationUrl"]
        async with acs.http.get(f"{address}x") as response:
            assert response.status == 404
        async with acs.http.get(address) as response:
            assert response.status == 200
        assert await reached(acs) == {"app", "other"}


async def test_a_deleted_subscription_gets_nothing(acs: Stack) -> None:
    assert await acs.control("DELETE", "event-subscriptions/app") == (204, None)
    assert (await acs.control("DELETE", "event-subscriptions/app"))[0] == 404
    assert (await acs.control("GET", "event-subscriptions/app"))[0] == 404
    assert await reached(acs) == {"other"}
