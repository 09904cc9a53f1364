"""Which handler takes which event, and at which address."""

from .peers import Emulator, Upstream


async def test_the_first_handler_that_matches_takes_the_event(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Patterns are `*` or names separated by commas, without regard to case."""
    handlers = [
        {"UrlTemplate": f"{upstream.url}/named", "EventPattern": "other, MESSAGE"},
        {
            "UrlTemplate": f"{upstream.url}/rest",
            "EventPattern": "*",
            "SystemEvents": ["connect", "disconnected"],
        },
    ]
    url = f"{emulator.url}/emulator/hubs/stream"
    async with emulator.session.put(url, json={"EventHandlers": handlers}) as response:
        assert response.status == 200
    client = await emulator.dial()
    await client.send_str("x")
    await client.close()
    await upstream.got("disconnected")

    assert [(one.name, one.path) for one in upstream.events] == [
        ("connect", "/rest"),
        ("message", "/named"),
        ("disconnected", "/rest"),
    ]


async def test_the_template_is_filled_and_nothing_else_changed(
    emulator: Emulator, upstream: Upstream
) -> None:
    """Hub and event are inserted, in the query too; the rest is sent as it was written."""
    await emulator.configure(f"{upstream.url}/a%2Fb/{{hub}}?code=x%2By%3D%3D&e={{event}}")
    await emulator.dial("STREAM")

    assert upstream.validations[0].path == "/a%2Fb/stream?code=x%2By%3D%3D&e=validate"
    assert upstream.named("connect")[0].path == "/a%2Fb/stream?code=x%2By%3D%3D&e=connect"
