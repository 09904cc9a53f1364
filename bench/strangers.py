"""What strangers cost: the memory of long posts, and how long invented key ids are held.

The app is as in Azure for this: the stream's events are proved by tokens of an issuer of our own.
"""

import asyncio
import io
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bench.figures import TIMES, Figure, Goal, figure, quartiles
from bench.process import peak_mib, resident_mib
from bench.rig import Rig
from bench.stream import Connection, final
from callscribe.foundation.identifiers import new_call_id

POSTS, LONG_BODY = 12, 95_000_000
FORGED, GENUINE = 24, 8
GROWTH, HELD, REFUSED = Goal(32), Goal(1_000), Goal(0)
GUID = "00000000-0000-4000-8000-00000000000"
TENANT, IDENTITY, AUDIENCE = f"{GUID}1", f"{GUID}2", f"{GUID}3"
ISSUER = f"https://sts.windows.net/{TENANT}/"


@dataclass
class Issuer:
    """Publishes one key, under one id after the other."""

    url: str = ""
    key_id: str = "one"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def token(self, key_id: str, key: rsa.RSAPrivateKey) -> str:
        """Sign a token as Entra does for Web PubSub, or a stranger who knows what it says."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "tid": TENANT, "oid": IDENTITY}
        times = {"nbf": now, "exp": now + 300}
        return jwt.encode(claims | times, key, "RS256", headers={"kid": key_id})

    async def document(self, _: web.Request) -> web.Response:
        """Answer with the key that is published now."""
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response({"keys": [public | {"kid": self.key_id}]})


async def measure(rig: Rig) -> list[Figure]:
    """Post as strangers to a new functions process, and as a genuine sender meanwhile."""
    async with _issuer() as issuer, _by_token(rig, issuer), aiohttp.ClientSession() as http:
        return [await _long_posts(rig, http), *await _forged_keys(rig, issuer, http)]


async def _long_posts(rig: Rig, http: aiohttp.ClientSession) -> Figure:
    processes = await rig.app_processes()
    before = sum(map(resident_mib, processes))
    body = bytes(rig.scaled(LONG_BODY, 3_000_000))
    answers = await asyncio.gather(*(_status(rig, http, {}, body) for _ in range(POSTS)))
    after = sum(map(peak_mib, processes))
    what = f"Memory of the functions processes that {POSTS} posts of 95 MB without a proof take"
    note = f"{before:.0f} to {after:.0f} MiB; answered {_told(answers)}"
    return figure(what, [after - before], unit="MiB", goal=GROWTH, note=note)


async def _forged_keys(rig: Rig, issuer: Issuer, http: aiohttp.ClientSession) -> list[Figure]:
    known, invented = await rig.new_call(), new_call_id(rig.worker.clock.now(), "nobody rang")
    forger = rsa.generate_private_key(65537, 2048)
    held: list[float] = []

    async def forge(number: int) -> int:
        began = time.perf_counter()
        status = await _event(rig, http, invented, issuer.token(f"forged-{number}", forger))
        held.append(1_000 * (time.perf_counter() - began))
        return status

    strangers = asyncio.gather(*(forge(number) for number in range(FORGED)))
    await asyncio.sleep(0.5)
    # Rotated in after the first of the strangers may have had the keys fetched.
    issuer.key_id = "two"
    token = issuer.token("two", issuer.key)
    genuine = await asyncio.gather(*(_event(rig, http, known, token) for _ in range(GENUINE)))
    statuses = await strangers
    lost = sum(status != HTTPStatus.NO_CONTENT for status in genuine)
    low, middle, _ = quartiles(held)
    note = f"answered {_told(statuses)}"
    what = f"{FORGED} events with invented key ids: the longest is held"
    return [
        Figure(what, max(held), low, max(held), "ms", HELD, f"median {middle:.0f} ms; {note}"),
        Figure(
            "… genuine events refused meanwhile, whose key has just been rotated in",
            *(lost, lost, lost),
            unit="",
            goal=REFUSED,
            note=f"of {GENUINE}; answered {_told(genuine)}",
        ),
    ]


async def _event(rig: Rig, http: aiohttp.ClientSession, call_id: str, token: str) -> int:
    headers = Connection(call_id, rig.stack.settings).headers()
    del headers["ce-signature"]
    return await _status(rig, http, headers | {"authorization": f"Bearer {token}"}, final())


async def _status(
    rig: Rig, http: aiohttp.ClientSession, headers: dict[str, str], body: bytes
) -> int:
    """Return the status of a post to the stream's route; 0 where the connection was cut."""
    url = f"http://127.0.0.1:{rig.stack.ports.functions}/api/stream"
    try:
        async with http.post(url, data=io.BytesIO(body), headers=headers) as response:
            return response.status
    except aiohttp.ClientConnectionError:
        return 0


def _told(statuses: list[int]) -> str:
    return ", ".join(
        f"{statuses.count(status)} {TIMES} {status}" for status in sorted(set(statuses))
    )


@asynccontextmanager
async def _issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    application = web.Application()
    application.router.add_get("/keys", issuer.document)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        issuer.url = f"http://localhost:{runner.addresses[0][1]}/keys"
        yield issuer
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _by_token(rig: Rig, issuer: Issuer) -> AsyncIterator[None]:
    """Have the functions process believe the issuer's tokens; afterwards it is as it was."""
    part = rig.stack.functions
    usual: Any = part.environ
    part.environ = {
        **(usual or os.environ),
        "WEBPUBSUB_UPSTREAM_CODE": "",
        "WEBPUBSUB_UPSTREAM_AUDIENCE": AUDIENCE,
        "WEBPUBSUB_UPSTREAM_TENANT": TENANT,
        "WEBPUBSUB_UPSTREAM_OBJECT_ID": IDENTITY,
        "WEBPUBSUB_UPSTREAM_JWKS_URL": issuer.url,
    }
    await part.stop()
    await part.start()
    try:
        yield
    finally:
        part.environ = usual
        await part.stop()
        await part.start()
