"""The ports of a stack: where each part listens, and the variables that set them."""

import itertools
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from emulator.errors import StackError
from emulator.serving import LOOPBACK

# Below the ports that systems use for outgoing connections: such a connection could otherwise take
# a port after it was found free and before the part listens there.
FREE_FROM, FREE_UNTIL = 12_000, 32_000
PORTS_OF_A_STACK = 6
LAST_PORT = 65_535

# Test processes that run at the same time begin at different places, and none hands out a port
# twice.
_candidates = itertools.count(secrets.randbelow(FREE_UNTIL - FREE_FROM), PORTS_OF_A_STACK)


class PortError(StackError):
    """The value of a port variable is not a port."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the parts; Azurite uses the two after its first one as well."""

    azurite: int = 10000
    web_pubsub: int = 8080
    acs: int = 8090
    functions: int = 7071

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read AZURITE_PORT, WEBPUBSUB_PORT, ACS_PORT and FUNCTIONS_PORT."""
        default = cls()
        return cls(
            azurite=_port(environ, "AZURITE_PORT", default.azurite, LAST_PORT - 2),
            web_pubsub=_port(environ, "WEBPUBSUB_PORT", default.web_pubsub),
            acs=_port(environ, "ACS_PORT", default.acs),
            functions=_port(environ, "FUNCTIONS_PORT", default.functions),
        )

    def environ(self) -> dict[str, str]:
        """Return the variables from which each part reads its port."""
        return {
            "AZURITE_PORT": str(self.azurite),
            "WEBPUBSUB_PORT": str(self.web_pubsub),
            "ACS_PORT": str(self.acs),
            "FUNCTIONS_PORT": str(self.functions),
        }

    def home(self) -> Path:
        """Return the folder for data and logs."""
        # Two stacks must not share their data: one on other ports has a folder of its own.
        folder = Path(__file__).parent.parent / ".stack"
        return folder if self.azurite == Ports().azurite else folder / f"azurite-{self.azurite}"


def free_ports() -> Ports:
    """Return ports for a stack on which nothing listens now."""
    candidates = (FREE_FROM + turn % (FREE_UNTIL - FREE_FROM) for turn in _candidates)
    first = next(first for first in candidates if _are_free(first))
    return Ports(first, first + 3, first + 4, first + 5)


def _are_free(first: int) -> bool:
    return all(_is_free(port) for port in range(first, first + PORTS_OF_A_STACK))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _port(environ: Mapping[str, str], variable: str, default: int, last: int = LAST_PORT) -> int:
    text = environ.get(variable) or str(default)
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 0 < port <= last:
        raise PortError(f"{variable} must be a port between 1 and {last}, and is {text!r}")
    return port
