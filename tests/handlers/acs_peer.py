"""ACS as far as the app's own surface needs it: its signing keys, and yes to what the app asks.

The tests sign callbacks themselves, with the published key or with others.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.handlers.wire import EXPIRED

AUDIENCE = "00000000-0000-4000-8000-0000000000ac"
KEY_ID = "the-published-key"


@dataclass
class AcsPeer:
    """Publishes one key, answers every call at once, and remembers what it was asked."""

    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    key_fetches: int = 0
    led_astray: int = 0
    stumbles: int = 0
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    other_key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(65537, 2048)
    )

    def token(
        self,
        key: Any = None,
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """Sign a token as ACS does; a claim or header that is None is left out."""
        now = int(time.time())
        told = {"iss": self.url, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 300} | claims
        shown = {"kid": KEY_ID} | (headers or {})
        return jwt.encode(
            {name: value for name, value in told.items() if value is not None},
            self.key if key is None else key,
            algorithm,
            {name: value for name, value in shown.items() if value is not None},
        )

    @property
    def stream_urls(self) -> list[str]:
        """The addresses that the app gave out for its streams, in order."""
        return [answer["transcriptionOptions"]["transportUrl"] for answer in self.answers]

    def keys(self) -> dict[str, Any]:
        """Return the key document."""
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    async def handle(self, request: web.Request) -> web.Response:
        """Answer anything that the app asks."""
        match request.method, request.path:
            case "GET", "/calling/keys":
                self.key_fetches += 1
                return web.json_response(self.keys())
            case "GET", "/redirecting/keys":
                self.key_fetches += 1
                raise web.HTTPFound("/elsewhere/keys")
            case "GET", "/stumbling/keys" if self.stumbles:
                self.stumbles -= 1
                raise web.HTTPServiceUnavailable
            case "GET", "/stumbling/keys":
                return web.json_response(self.keys())
            case _, path if path.startswith("/elsewhere/"):
                self.led_astray += 1
                return web.json_response(self.keys())
            case "POST", "/calling/callConnections:answer":
                asked = json.loads(await request.read())
                if asked["incomingCallContext"] == EXPIRED:
                    refusal = {"error": {"code": "8523", "message": "The call rings no more."}}
                    return web.json_response(refusal, status=400)
                self.answers.append(asked)
        return web.json_response(
            {
                "callConnectionId": str(uuid.uuid4()),
                "serverCallId": "a-server-call",
                "correlationId": str(uuid.uuid4()),
                "callConnectionState": "connected",
            }
        )


@asynccontextmanager
async def serving_acs() -> AsyncIterator[AcsPeer]:
    """Serve a peer on a free port."""
    peer = AcsPeer()
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", peer.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        peer.url = f"http://localhost:{runner.addresses[0][1]}"
        yield peer
    finally:
        await runner.cleanup()
