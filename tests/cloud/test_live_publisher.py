"""The lean client proves itself for each message, by the hub's key or by the app's identity."""

import time

import jwt
from azure.core.credentials import AzureKeyCredential

from callscribe.cloud.live_publisher import RENEWED_SECONDS, TOKEN_SECONDS, lean_hub
from tests.cloud.identity import Identity, Recording

SERVICE = "https://some.webpubsub.azure.com"
SEND = f"{SERVICE}/api/hubs/live/groups/call/:send"
KEY = "an-access-key-that-is-long-enough-for-its-hash"


async def test_by_key_the_token_is_for_the_address_alone() -> None:
    transport = Recording(202)
    await lean_hub(SERVICE, "live", AzureKeyCredential(KEY), transport).send_to_group("call", {})
    assert transport.sent.url.startswith(f"{SEND}?")
    token = transport.sent.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience=transport.sent.url)
    assert set(claims) == {"aud", "exp"}
    assert TOKEN_SECONDS - 1 <= claims["exp"] - time.time() <= TOKEN_SECONDS + RENEWED_SECONDS


async def test_a_token_for_one_address_is_never_used_for_another() -> None:
    transport = Recording(202)
    hub = lean_hub(SERVICE, "live", AzureKeyCredential(KEY), transport)
    tokens = []
    for group in ("one", "other"):
        await hub.send_to_group(group, {})
        tokens.append(transport.sent.headers["Authorization"])
    assert tokens[0] != tokens[1]


async def test_by_identity_the_token_is_the_identitys() -> None:
    transport = Recording(202)
    identity = Identity("https://webpubsub.azure.com/.default")
    await lean_hub(SERVICE, "live", identity, transport).send_to_group("call", {})
    assert transport.sent.url.startswith(f"{SEND}?")
    assert transport.sent.headers["Authorization"] == "Bearer the-token"
