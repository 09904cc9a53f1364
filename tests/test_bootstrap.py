"""Putting the app together: once per worker process, each part when it is first used."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from callscribe import bootstrap, options
from callscribe.foundation.errors import NotConfiguredError
from callscribe.settings.settings import load
from callscribe.trust.verifying import EntraUpstream
from emulator.ports import Ports
from emulator.wiring import stack_settings
from tests.indexing import ROOT

SETTINGS = stack_settings(Ports())
LOOK = """
import json, sys
from operator import attrgetter
from callscribe.bootstrap import worker

for name in sys.argv[1:]:
    attrgetter(name)(worker())
print(json.dumps({"made": sorted(vars(worker())), "modules": sorted(sys.modules)}))
"""


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The local stack's settings, and a process that has no worker yet."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    bootstrap.worker.cache_clear()
    yield monkeypatch
    bootstrap.worker.cache_clear()


def _after_using(*names: str) -> tuple[list[str], list[str]]:
    """Return what a fresh process has made and loaded when it has used these parts."""
    finished = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-c", LOOK, *names],
        env=os.environ | SETTINGS,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    found = json.loads(finished.stdout)
    return found["made"], found["modules"]


@pytest.mark.usefixtures("environ")
def test_a_process_has_one_worker() -> None:
    assert bootstrap.worker() is bootstrap.worker()


def test_without_its_settings_there_is_no_worker_and_all_are_named(
    environ: pytest.MonkeyPatch,
) -> None:
    for name in SETTINGS:
        environ.delenv(name)
    environ.delenv("WEBSITE_HOSTNAME", raising=False)
    with pytest.raises(NotConfiguredError) as refused:
        bootstrap.worker()
    assert {problem.partition(":")[0] for problem in refused.value.problems} == {
        "TranscriptStorage",
        "ACS_ENDPOINT",
        "ACS_RESOURCE_ID",
        "COGNITIVE_SERVICES_ENDPOINT",
        "WEBPUBSUB_ENDPOINT",
        "WEBPUBSUB_ACCESS_KEY",
        "WEBPUBSUB_UPSTREAM_CODE",
        "CALLBACK_BASE_URL",
    }


def test_what_is_wrong_in_host_json_is_named_beside_the_settings(
    environ: pytest.MonkeyPatch,
) -> None:
    prefix = 'host.json extensions.http.routePrefix: expected "", since every route is written out'
    environ.setenv("AzureFunctionsJobHost__extensions__http__routePrefix", "api")
    assert bootstrap.problems() == [prefix]
    environ.setenv("GAP_SECONDS", "61")
    assert bootstrap.problems() == ["GAP_SECONDS: expected seconds, from 0 to 60", prefix]


def test_host_json_is_read_where_it_is_deployed(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bootstrap.problems() == []
    bootstrap.worker.cache_clear()
    environ.setattr(bootstrap, "HOST_JSON", tmp_path / "host.json")
    (problem,) = bootstrap.problems()
    assert problem.startswith("host.json extensions.http.routePrefix: ")


@pytest.mark.parametrize(("hours", "minutes"), [("30", 1_860), ("1", 120), ("1.001", 121)])
async def test_a_streams_address_outlives_the_longest_call(hours: str, minutes: int) -> None:
    worker = bootstrap.Worker(load(SETTINGS | {"LONGEST_CALL_HOURS": hours}))
    url = await worker.answering.stream.stream_url("somebody")
    token = parse_qs(urlsplit(url).query)["access_token"][0]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == minutes * 60
    await worker.close()


def test_a_start_that_failed_is_no_worker_for_the_next(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("ACS_ENDPOINT", "")
    with pytest.raises(NotConfiguredError):
        bootstrap.worker()
    environ.setenv("ACS_ENDPOINT", SETTINGS["ACS_ENDPOINT"])
    assert bootstrap.worker().settings.acs_endpoint == SETTINGS["ACS_ENDPOINT"]


async def test_who_waits_for_keys_takes_one_of_the_same_places_whoever_the_issuer() -> None:
    """Two issuers' keys, waited for at once, would otherwise take all requests of an instance."""
    guid = "01234567-89ab-cdef-0123-456789abcdef"
    names = ("AUDIENCE", "TENANT", "OBJECT_ID")
    entra = {f"WEBPUBSUB_UPSTREAM_{name}": guid for name in names}
    worker = bootstrap.Worker(load(SETTINGS | entra | {"WEBPUBSUB_UPSTREAM_CODE": ""}))
    assert isinstance(worker.proofs.upstream, EntraUpstream)
    assert worker.proofs.upstream.tokens.waiting is worker.proofs.callbacks.waiting
    await worker.close()


async def test_connections_are_marked_with_the_access_keys_unless_entra_proves_the_sender() -> None:
    guid = "01234567-89ab-cdef-0123-456789abcdef"
    entra = {f"WEBPUBSUB_UPSTREAM_{name}": guid for name in ("AUDIENCE", "TENANT", "OBJECT_ID")}
    signing = load(SETTINGS | {"WEBPUBSUB_ACCESS_KEY": "one,two"})
    proving = load(SETTINGS | entra | {"WEBPUBSUB_UPSTREAM_CODE": ""})
    assert options.marks(signing).access_keys == ("one", "two")
    assert options.marks(proving).access_keys == ()


async def test_every_part_is_made_once_and_shared() -> None:
    worker = bootstrap.Worker(load(SETTINGS))
    for service in (worker.answering, worker.callbacks, worker.reading):
        assert service.calls is worker.calls
        assert service.transcripts is worker.transcripts
    assert worker.receiver.door.calls is worker.calls
    assert worker.receiver.connecting.door is worker.receiver.door
    assert worker.receiver.connecting.transcripts is worker.transcripts
    assert worker.receiver.transcripts is worker.transcripts
    assert worker.receiver is worker.receiver
    assert worker.proofs.callbacks is worker.proofs.callbacks
    assert worker.proofs.upstream is worker.proofs.upstream
    await worker.close()


def test_nothing_is_made_before_it_is_used() -> None:
    made, modules = _after_using()
    assert made == ["settings"]
    assert not {"aiohttp", "azure.core", "jwt", "cryptography"} & set(modules)


def test_streams_are_verified_without_the_machinery_of_tokens() -> None:
    """A stream's first event after a cold start is somebody speaking."""
    _, modules = _after_using("proofs.upstream")
    assert not {"aiohttp", "azure.core", "jwt", "cryptography"} & set(modules)
