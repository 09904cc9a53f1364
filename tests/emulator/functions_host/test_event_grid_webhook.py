"""Event Grid's webhook: the handshake, deliveries, and what it refuses."""

import gzip
import json
from collections.abc import AsyncIterator

from tests.emulator.functions_host.running_host import RunningHost


async def test_the_handshake_returns_the_validation_code(web: RunningHost) -> None:
    event = {"id": "1", "data": {"validationCode": "c0de"}}
    answer = await web.deliver("raw_event", [event], "SubscriptionValidation")
    assert (answer.status, answer.json()) == (200, {"validationResponse": "c0de"})


async def test_the_handshake_understands_cloud_events(web: RunningHost) -> None:
    """There the data is JSON within JSON."""
    event = {"data": json.dumps({"validationCode": "c0de"})}
    answer = await web.deliver("raw_event", event, "SubscriptionValidation")
    assert answer.json() == {"validationResponse": "c0de"}


async def test_each_event_of_a_delivery_is_one_call_with_its_raw_json(web: RunningHost) -> None:
    answer = await web.deliver("raw_event", [{"id": "ä1", "data": {"n": 1.50}}, {"id": "a2"}])
    assert (answer.status, answer.body) == (202, b"")
    events = [note["event"] for note in web.notes("raw event")]
    assert '{"id":"ä1","data":{"n":1.5}}' in events
    assert '{"id":"a2"}' in events


async def test_a_single_event_needs_no_array(web: RunningHost) -> None:
    assert (await web.deliver("raw_event", {"id": "single"})).status == 202
    assert '{"id":"single"}' in [note["event"] for note in web.notes("raw event")]


async def test_a_parameter_may_be_an_event_of_the_sdk(web: RunningHost) -> None:
    event = {"id": "t1", "eventTime": "2026-11-22T18:00:00Z", "data": {"n": 1}}
    assert (await web.deliver("typed_event", [event])).status == 202
    assert {"what": "typed event", "id": "t1", "data": {"n": 1}} in web.notes("typed event")


async def test_one_failure_fails_the_delivery_after_all_events_were_tried(web: RunningHost) -> None:
    answer = await web.deliver(
        "raw_event", [{"id": "bad", "fail": True}, {"id": "beside"}, {"id": "third"}]
    )
    assert (answer.status, answer.body) == (
        500,
        b"Exception while executing function: Functions.raw_event",
    )
    events = [note["event"] for note in web.notes("raw event")]
    assert {'{"id":"beside"}', '{"id":"third"}'} <= set(events)


async def test_only_event_grid_functions_are_found(web: RunningHost) -> None:
    for name in ("nobody", "echo", ""):
        answer = await web.deliver(name, [])
        assert (answer.status, answer.body) == (404, f"cannot find function: '{name}'".encode())


async def test_the_kind_of_delivery_must_be_known(web: RunningHost) -> None:
    assert (await web.deliver("raw_event", [], "Unsubscribe")).status == 202
    assert (await web.deliver("raw_event", [], "Gossip")).status == 400
    answer = await web.request("POST", "/runtime/webhooks/EventGrid?functionName=raw_event")
    assert answer.status == 400


async def test_every_method_that_the_hosts_controller_has_finds_the_webhook(
    web: RunningHost,
) -> None:
    path = "/runtime/webhooks/EventGrid?functionName=raw_event"
    for method in ("GET", "POST", "PUT", "DELETE"):
        headers = {"aeg-event-type": "Notification"}
        answer = await web.request(method, path, json={"id": method}, headers=headers)
        assert answer.status == 202
    options = await web.request("OPTIONS", path)
    assert (options.status, options.body) == (200, b"")
    assert options.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    assert (await web.request("PATCH", path)).status == 404


async def test_an_event_is_read_and_written_anew(web: RunningHost) -> None:
    data = {
        "offset": "2026-11-28T10:00:00+02:00",
        "millis": "2026-11-28T10:00:00.100Z",
        "lone": "a\ud800b",
    }
    assert (await web.deliver("raw_event", {"id": "anew", "data": data})).status == 202
    events = [json.loads(note["event"]) for note in web.notes("raw event")]
    assert {
        "offset": "2026-11-28T08:00:00+00:00",
        "millis": "2026-11-28T10:00:00.1Z",
        "lone": "a\ufffdb",
    } in [event.get("data") for event in events]


async def test_a_chunked_delivery_is_read_and_a_packed_one_is_an_error(web: RunningHost) -> None:
    """The webhook reads what it gets, as it gets it; functions get no body without a length."""
    path = "/runtime/webhooks/EventGrid?functionName=raw_event"
    headers = {"aeg-event-type": "Notification"}

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"id":"chunk'
        yield b'ed"}'

    assert (await web.request("POST", path, data=chunks(), headers=headers)).status == 202
    assert '{"id":"chunked"}' in [note["event"] for note in web.notes("raw event")]
    packed = gzip.compress(b'{"id":"packed"}')
    headers |= {"Content-Encoding": "gzip"}
    assert (await web.request("POST", path, data=packed, headers=headers)).status == 500


async def test_a_body_that_is_no_json_is_the_hosts_own_error(web: RunningHost) -> None:
    """The real host lets the parser's exception out: 500, so Event Grid tries again."""
    path = "/runtime/webhooks/EventGrid?functionName=raw_event"
    headers = {"aeg-event-type": "Notification"}
    for body in (b"not json", b'"text"', b""):
        assert (await web.request("POST", path, data=body, headers=headers)).status == 500


async def test_other_webhooks_are_not_emulated(web: RunningHost) -> None:
    assert (await web.request("POST", "/runtime/webhooks/durabletask")).status == 501
