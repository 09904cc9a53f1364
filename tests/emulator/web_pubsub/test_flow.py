"""From a client's socket through the upstream events to a group's viewers: the whole way."""

from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from .peers import DEADLINE, KEY, Emulator, Upstream


async def test_frames_reach_upstream_and_what_it_sends_reaches_the_group(
    emulator: Emulator, upstream: Upstream
) -> None:
    """A plain client's frame arrives as a `message` event; the SDK's group send at a viewer."""
    client = await emulator.dial(sub="call-1")
    viewer = await emulator.dial("live", groups=["call-1"])

    await client.send_str('{"kind":"TranscriptionData"}')
    [message] = await upstream.got("message")
    async with WebPubSubServiceClient(emulator.url, "live", AzureKeyCredential(KEY)) as service:
        await service.send_to_group("call-1", {"text": "hello"})

    assert message.body == b'{"kind":"TranscriptionData"}'
    assert message.headers["ce-userId"] == "call-1"
    assert await viewer.receive_json(timeout=DEADLINE) == {"text": "hello"}
