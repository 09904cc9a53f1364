"""Azurite, Microsoft's own storage emulator, as a part of the stack; installed when missing.

It saves its data every five seconds and on SIGTERM. So `stop` loses nothing, and `kill` loses what
was acknowledged in the last seconds, which real storage would never do.
"""

import asyncio
from pathlib import Path

from emulator import npm
from emulator.part import Part
from emulator.ports import Ports as Settings
from emulator.serving import LOOPBACK, stop_signal

VARIABLE = "AZURITE_PORT"
DEFAULT_PORT = 10000
ENTRY = npm.AZURITE.modules / "azurite" / "dist" / "src" / "azurite.js"
# After SIGTERM its data is saved within 1.5 seconds, but the process may stay for more than a
# minute.
SAVE_SECONDS = 2.0

ACCOUNT = "devstoreaccount1"
# Public, and the same in every Azurite:
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def connection_string(port: int) -> str:
    """Return the connection string of an Azurite whose first port is `port`."""
    endpoints = "".join(
        f"{service}Endpoint=http://{LOOPBACK}:{port + place}/{ACCOUNT};"
        for place, service in enumerate(("Blob", "Queue", "Table"))
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"


class Azurite(Part):
    """Azurite with all its services: blob on `port`, queue on the next, table on the third."""

    # Never the table service alone: `azurite-table` has no handler for SIGTERM and saves nothing.
    def __init__(self, data: Path, port: int = DEFAULT_PORT, *, log: Path | None = None) -> None:
        # A part runs in another folder.
        data = data.resolve()
        super().__init__(
            "azurite",
            _command(data, port),
            ports=range(port, port + 3),
            variable=VARIABLE,
            log=log or data / "azurite.log",
        )
        self.grace_seconds = SAVE_SECONDS

    @property
    def connection_string(self) -> str:
        """The connection string for this Azurite."""
        return connection_string(self.port)

    async def start(self, within: float = 60) -> None:
        """Install Azurite if needed, start it, and wait until all three services answer."""
        await asyncio.to_thread(npm.AZURITE.install_visibly)
        await super().start(within)


async def run(settings: Settings) -> None:
    """Run Azurite alone until SIGINT or SIGTERM."""
    home = settings.home()
    part = Azurite(home / "azurite", settings.azurite, log=home / "logs" / "azurite.log")
    try:
        await part.start()
        stopped = stop_signal()
        print(f"azurite: {part.connection_string}", flush=True)
        await stopped.wait()
    finally:
        await part.stop()


def _command(data: Path, port: int) -> list[str]:
    # The preloaded file ends Azurite when this process has died, however it has died.
    command = [str(npm.node()), "--require"]
    command += [str(Path(__file__).with_name("azurite_end.cjs")), str(ENTRY)]
    # Newer SDKs send API versions that Azurite does not know yet, but answers all the same.
    command += ["--location", str(data), "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    for place, service in enumerate(("blob", "queue", "table")):
        command += [f"--{service}Host", LOOPBACK, f"--{service}Port", str(port + place)]
    return command
