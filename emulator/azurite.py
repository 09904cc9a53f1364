"""The real Azurite as a part: Microsoft's own storage emulator, installed when it is missing.

It saves its data every five seconds and on SIGTERM, so that `stop` loses nothing and `kill` loses
what was acknowledged in the last seconds, as no real storage would.
"""

import asyncio
from pathlib import Path

from emulator import azurite_install
from emulator.part import Part
from emulator.ports import Ports as Settings
from emulator.serving import LOOPBACK, stop_signal

VARIABLE = "AZURITE_PORT"
DEFAULT_PORT = 10000
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
    """Azurite with all its services: blob on `port`, queue on the next, table on the third.

    Always the whole of it: started alone, the table service saves nothing when it is stopped.
    """

    def __init__(self, data: Path, port: int = DEFAULT_PORT, *, log: Path | None = None) -> None:
        data = data.resolve()  # A part runs in a folder of its own.
        super().__init__(
            "azurite",
            _command(data, port),
            ports=range(port, port + 3),
            variable=VARIABLE,
            log=log or data / "azurite.log",
        )
        self.grace = SAVE_SECONDS

    @property
    def connection_string(self) -> str:
        """The connection string for this Azurite."""
        return connection_string(self.port)

    async def start(self, within: float = 60) -> None:
        """Install Azurite if needed, start it, and wait until all three services answer."""
        await asyncio.to_thread(azurite_install.install_visibly)
        await super().start(within)


async def run(settings: Settings) -> None:
    """Run Azurite alone until SIGINT or SIGTERM."""
    home = settings.home()
    part = Azurite(home / "azurite", settings.azurite, log=home / "logs" / "azurite.log")
    try:
        await part.start()
        print(f"azurite: {part.connection_string}", flush=True)
        await stop_signal()
    finally:
        await part.stop()


def _command(data: Path, port: int) -> list[str]:
    command = [str(azurite_install.node()), "--require"]
    command += [str(Path(__file__).with_name("azurite_end.cjs")), str(azurite_install.ENTRY)]
    command += ["--location", str(data), "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    for place, service in enumerate(("blob", "queue", "table")):
        command += [f"--{service}Host", LOOPBACK, f"--{service}Port", str(port + place)]
    return command
