"""No address gets events before it has allowed this service to send them."""

import asyncio

import aiohttp
from aiohttp import web

from .peers import Emulator, Received, Upstream, closed, emulator_server, until

ALLOW = {"WebHook-Allowed-Origin": "*"}


async def test_the_question_comes_first_and_names_the_origin(
    emulator: Emulator, upstream: Upstream
) -> None:
    """OPTIONS with `{event}` = `validate`, the host as origin, the version, and no signature."""
    await emulator.dial()

    question = upstream.requests[0]
    assert (question.method, question.path) == ("OPTIONS", "/stream/validate")
    assert question.headers["WebHook-Request-Origin"] == "127.0.0.1"
    assert question.headers["ce-awpsversion"] == "1.0"
    assert "ce-signature" not in question.headers


async def test_one_question_serves_all_clients_that_wait_for_it(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Fifty clients at once, one OPTIONS; later ones ask no more within the minute."""
    await asyncio.gather(*(emulator.dial() for _ in range(50)))
    await emulator.dial()

    assert len(upstream.validations) == 1


async def test_a_named_host_is_as_good_as_a_star(emulator: Emulator, upstream: Upstream) -> None:
    """The answer may name hosts, in any case, on several lines."""

    async def several_lines(_received: Received) -> web.Response:
        response = web.Response()
        response.headers.add("WebHook-Allowed-Origin", "other.example")
        response.headers.add("WebHook-Allowed-Origin", emulator.host.upper())
        return response

    upstream.answers["OPTIONS"] = several_lines
    assert not (await emulator.dial()).closed


async def test_several_origins_may_ask_in_one_question(
    emulator: Emulator, upstream: Upstream
) -> None:
    """The hub's others stand behind the own one, which must be among those that are allowed."""
    await emulator.configure(upstream.url, ValidationOrigins=["b.example", "c.example"])
    upstream.answer("OPTIONS", (200, b"", {"WebHook-Allowed-Origin": "127.0.0.1, c.example"}))
    assert not (await emulator.dial()).closed
    [question] = upstream.validations
    assert question.headers["WebHook-Request-Origin"] == "127.0.0.1, b.example, c.example"

    await emulator.configure(f"{upstream.url}/2", ValidationOrigins=["b.example"])
    upstream.answer("OPTIONS", (200, b"", {"WebHook-Allowed-Origin": "b.example"}))
    assert await emulator.refused(emulator.client_url()) == 500


async def test_get_is_asked_where_options_is_not_found(
    emulator: Emulator, upstream: Upstream
) -> None:
    """404 to OPTIONS leads to the same question as a GET."""
    upstream.answer("OPTIONS", (404, b"", ALLOW))

    await emulator.dial()

    assert [one.method for one in upstream.validations] == ["OPTIONS", "GET"]


async def test_without_permission_nothing_is_sent(emulator: Emulator, upstream: Upstream) -> None:
    """A look-alike is no permission: 500 to the client, no event, and the reason is visible."""
    upstream.answer("OPTIONS", (200, b"", {"WebHook-Allowed-Origin": "127.0.0.1.evil.example"}))

    assert await emulator.refused(emulator.client_url()) == 500

    assert upstream.events == []
    [event] = (await emulator.last("refused"))["events"]
    assert event["status"] is None
    assert "does not allow the origin" in event["error"]


async def test_a_failing_answer_is_no_permission(emulator: Emulator, upstream: Upstream) -> None:
    """The header counts only with a 2xx."""
    upstream.answer("OPTIONS", (401, b"", ALLOW))

    assert await emulator.refused(emulator.client_url()) == 500


async def test_a_refusal_is_not_remembered(emulator: Emulator, upstream: Upstream) -> None:
    """The next client asks again, so that an upstream that starts later works."""
    upstream.answer("OPTIONS", (503, b"", {}), (200, b"", ALLOW))
    assert await emulator.refused(emulator.client_url()) == 500

    assert not (await emulator.dial()).closed


async def test_an_upstream_that_is_down_or_silent_refuses(upstream: Upstream) -> None:
    """No answer within the limit, or no server at all, is no permission."""

    async def silence(_received: Received) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    upstream.answers["OPTIONS"] = silence
    async with emulator_server(validation_timeout=0.05) as emulator:
        await emulator.configure(upstream.url)
        assert await emulator.refused(emulator.client_url()) == 500
        await emulator.configure("http://127.0.0.1:1/")
        assert await emulator.refused(emulator.client_url()) == 500


async def test_a_refresh_does_not_hold_up_events(upstream: Upstream) -> None:
    """While the question is asked again, the last known answer counts; the new one counts next."""
    asked, release = asyncio.Event(), asyncio.Event()

    async def hesitate_then_refuse(_received: Received) -> web.Response:
        asked.set()
        await release.wait()
        return web.Response(status=403)

    async with emulator_server(validation_refresh=0) as emulator:
        await emulator.configure(upstream.url)
        client = await emulator.dial()
        upstream.answers["OPTIONS"] = hesitate_then_refuse
        await client.send_str("let through while the refresh is under way")
        await asked.wait()
        await upstream.got("message")
        release.set()
        await until(lambda: not_admitted(emulator))
        await client.send_str("refused")

        code, reason = await closed(client)

    assert (code, len(upstream.named("message"))) == (1011, 1)
    assert "answered 403" in reason


async def not_admitted(emulator: Emulator) -> bool:
    """Tell whether a new client is refused because its address is no longer allowed."""
    try:
        await emulator.dial()
    except aiohttp.WSServerHandshakeError as refusal:
        return refusal.status == 500
    return False
