"""What the parts of the ACS emulator share."""

from dataclasses import dataclass, field

import aiohttp

from emulator.acs.pending_faults import Faults
from emulator.acs.prompts import Prompts
from emulator.acs.settings import Settings
from emulator.acs.signing import Signer
from emulator.acs.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Resources:
    """The settings, the HTTP client, the signing keys, the faults, the tasks, and the prompts."""

    settings: Settings
    http: aiohttp.ClientSession
    signer: Signer
    faults: Faults = field(default_factory=Faults)
    tasks: Tasks = field(default_factory=Tasks)
    prompts: Prompts = field(default_factory=Prompts)
